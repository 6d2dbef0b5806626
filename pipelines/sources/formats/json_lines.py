"""JSON Lines: read as lines of text, so that a broken one is a rejected record and takes no other with it."""

import mmap
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contracts.model import Contract
from pipelines.sources.faults import refusal
from pipelines.sources.headings import plain
from pipelines.sources.json_rows import checked, keys_of, rows_sql
from pipelines.sources.landed import Landed
from pipelines.sources.records import whole_lines
from pipelines.sources.relation import LINE, Reading
from pipelines.sources.split import physical_lines

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_SAMPLE = 1 << 20
_SLICES = 8
_SLICE = 128 << 10


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines that hold something as Arrow batches of (line, _line); whoever asks gets a fresh scan of the file."""

    path: Path
    bom: int

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return pa.RecordBatchReader.from_batches(self._schema(), self._batches()).__arrow_c_stream__(requested_schema)

    def _schema(self) -> pa.Schema:
        return pa.schema([("line", pa.string()), (LINE, pa.int64())])

    def _batches(self) -> Iterator[pa.RecordBatch]:
        first = 1
        for block in whole_lines(self.path, self.bom):
            lines = physical_lines(block)
            numbers = pa.array(range(first, first + len(lines)), pa.int64())
            first += len(lines)
            sizes = pc.binary_length(lines)
            if pc.min(sizes).as_py() == 0:
                keep = pc.greater(sizes, 0)
                lines, numbers = lines.filter(keep), numbers.filter(keep)
            yield pa.RecordBatch.from_arrays([lines, numbers], schema=self._schema())


@dataclass(frozen=True)
class _JsonLines(Reading):
    """The lines as rows; `view` is what feeds them to DuckDB."""

    con: "Connection"
    view: str
    lines: int

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self.lines - rows

    def close(self) -> None:
        self.con.unregister(self.view)


def open_json_lines(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of landed JSON Lines; nested keys are headings with dots."""
    pointers = _pointers(contract, landed)
    view = f"lines_{uuid.uuid4().hex}"
    con.register(view, _Lines(landed.readable, landed.bom))
    return _JsonLines(
        relation=rows_sql(view, pointers),
        headings=tuple(pointers),
        types=dict.fromkeys(pointers, "VARCHAR"),
        first_line=1,
        exact=True,
        con=con,
        view=view,
        lines=landed.counts.lines - landed.counts.blank,
    )


def _pointers(contract: Contract, landed: Landed) -> dict[str, str]:
    """Heading and pointer of every key in a sample, and of the contract's own keys wherever they are in the file."""
    found = keys_of(_sample(landed))
    if landed.counts.lines == landed.counts.blank:
        raise refusal(landed.file_name, "empty", "every line of the file is blank.", "send the file again")
    if not found:
        hint = "one JSON object a line; a whole array is `format: json`"
        raise refusal(landed.file_name, "json", "no line of it is a JSON object.", hint)
    if landed.readable.stat().st_size > _SAMPLE:
        found |= _met_later(contract, landed, {plain(heading) for heading in found})
    return checked(landed, found)


def _sample(landed: Landed) -> Iterator[str]:
    """The lines of the first megabytes, and of some places further on."""
    size = landed.readable.stat().st_size
    with landed.readable.open("rb") as file:
        file.seek(landed.bom)
        yield from file.read(_SAMPLE).decode("utf-8", "replace").splitlines()
        for number in range(1, _SLICES + 1) if size > _SAMPLE else ():
            file.seek(number * (size - _SLICE) // _SLICES)
            yield from file.read(_SLICE).decode("utf-8", "replace").splitlines()[1:]


def _met_later(contract: Contract, landed: Landed, seen: set[str]) -> dict[str, str]:
    """The contract's headings that are no key of the sample, but are somewhere in the file as keys."""
    later = {}
    with landed.readable.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        for column in contract.columns:
            for name in (column.name, column.title, *column.aliases):
                last = name.rpartition(".")[2]
                if name and plain(name) not in seen and view.find(f'"{last}"'.encode()) >= 0:
                    later[name] = "/" + name.replace("~", "~0").replace("/", "~1").replace(".", "/")
    return later
