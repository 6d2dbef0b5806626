"""JSON Lines: scanned by DuckDB where every line is a record, else read as lines of text: a broken one takes no other with it."""

import mmap
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contracts.model import Contract
from pipelines.sources.faults import refusal
from pipelines.sources.headings import plain
from pipelines.sources.json_rows import checked, note_keys, record_in, rows_sql
from pipelines.sources.json_scan import can_be_scanned, scan_sql
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
    """What both readings share: every line that holds something is a record."""

    con: "Connection"
    landed: Landed
    pointers: Mapping[str, str]

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self.landed.counts.lines - self.landed.counts.blank - rows


@dataclass(frozen=True)
class _Scanned(_JsonLines):
    """DuckDB's scan: a line that is no record is missing from it, and then the lines are read as texts."""

    def exactly(self) -> Reading:
        return _exact(self.con, self.landed, self.pointers)


@dataclass(frozen=True)
class _Exact(_JsonLines):
    """The lines as texts; `view` is what feeds them to DuckDB."""

    view: str

    def close(self) -> None:
        self.con.unregister(self.view)


def open_json_lines(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of landed JSON Lines; nested keys are headings with dots."""
    pointers, clean = _pointers(contract, landed)
    if not clean or not can_be_scanned(landed):
        return _exact(con, landed, pointers)
    return _Scanned(
        relation=scan_sql(landed.readable, pointers),
        headings=tuple(pointers),
        types=dict.fromkeys(pointers, "VARCHAR"),
        first_line=1,
        exact=False,
        con=con,
        landed=landed,
        pointers=pointers,
    )


def _exact(con: "Connection", landed: Landed, pointers: Mapping[str, str]) -> Reading:
    view = f"lines_{uuid.uuid4().hex}"
    con.register(view, _Lines(landed.readable, landed.bom))
    return _Exact(
        relation=rows_sql(view, pointers),
        headings=tuple(pointers),
        types=dict.fromkeys(pointers, "VARCHAR"),
        first_line=1,
        exact=True,
        con=con,
        landed=landed,
        pointers=pointers,
        view=view,
    )


def _pointers(contract: Contract, landed: Landed) -> tuple[dict[str, str], bool]:
    """Heading and pointer of every key in a sample, and of the contract's own keys wherever they are in the file.

    Also whether every line of the sample is a record which a scan would not take for doubtful.
    """
    found: dict[str, str] = {}
    clean = True
    for line in _sample(landed):
        record = record_in(line) or {}
        note_keys(record, found)
        clean = clean and _is_full(record)
    if landed.counts.lines == landed.counts.blank:
        raise refusal(landed.file_name, "empty", "every line of the file is blank.", "send the file again")
    if not found:
        hint = "one JSON object a line; a whole array is `format: json`"
        raise refusal(landed.file_name, "json", "no line of it is a JSON object.", hint)
    if landed.readable.stat().st_size > _SAMPLE:
        found |= _met_later(contract, landed, {plain(heading) for heading in found})
    return checked(landed, found), clean


def _is_full(record: dict[str, Any]) -> bool:
    """Whether there is a value in the record, and in every object within it."""
    values = record.values()
    return any(value is not None for value in values) and all(_is_full(v) for v in values if isinstance(v, dict))


def _sample(landed: Landed) -> Iterator[bytes]:
    """The lines with something in them of the first megabytes, and of some places further on."""
    size = landed.readable.stat().st_size
    with landed.readable.open("rb") as file:
        yield from _whole(file, landed.bom, _SAMPLE)
        for number in range(1, _SLICES + 1) if size > _SAMPLE else ():
            yield from islice(_whole(file, number * (size - _SLICE) // _SLICES, _SLICE), 1, None)


def _whole(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    """The lines of a part of the file but for its last one, unless the file ends with it; blank ones are none."""
    file.seek(at)
    lines = file.read(size).splitlines()
    cut = len(lines) > 1 and file.read(1)
    return filter(None, lines[:-1] if cut else lines)


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
