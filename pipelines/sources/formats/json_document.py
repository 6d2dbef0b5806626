"""A JSON document: the records of an array, at the top or where `path` leads. It streams, whatever its size."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.contracts.model import Contract
from pipelines.sources.faults import refusal
from pipelines.sources.json_rows import checked, note_keys, rows_sql
from pipelines.sources.json_stream import CUT_OFF, JsonFault, elements
from pipelines.sources.landed import Landed
from pipelines.sources.relation import LINE, Reading

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class _Records:
    """The records as Arrow batches of (line, _line); whoever asks gets a fresh scan of the document."""

    landed: Landed
    keys: Sequence[str]

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return pa.RecordBatchReader.from_batches(self._schema(), self._batches()).__arrow_c_stream__(requested_schema)

    def _schema(self) -> pa.Schema:
        return pa.schema([("line", pa.string()), (LINE, pa.int64())])

    def _batches(self) -> Iterator[pa.RecordBatch]:
        records = elements(self.landed.readable, self.landed.bom, self.keys)
        while part := list(islice(records, _BATCH)):
            texts = pa.array([record.text for record in part], pa.string())
            lines = pa.array([record.line for record in part], pa.int64())
            yield pa.RecordBatch.from_arrays([texts, lines], schema=self._schema())


@dataclass(frozen=True)
class _JsonDocument(Reading):
    """The records as rows; `records` were counted by a scan of their own."""

    con: "Connection"
    view: str
    records: int

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self.records - rows

    def close(self) -> None:
        self.con.unregister(self.view)


def open_json(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of a landed JSON document, which is read to its end once before the first row is given."""
    keys = contract.ingest.path.split(".") if contract.ingest.path else []
    found: dict[str, str] = {}
    count, first = 0, 1
    try:
        for record in elements(landed.readable, landed.bom, keys):
            count, first = count + 1, record.line if not count else first
            if isinstance(record.value, dict):
                note_keys(record.value, found)
    except JsonFault as fault:
        hint = "send the file again, it is incomplete" if fault.message == CUT_OFF else _hint(contract)
        raise refusal(landed.file_name, "json", f"{fault.message}.", hint, fault.line) from None
    pointers = checked(landed, found) or {column.name: f"/{column.name}" for column in contract.columns}
    view = f"records_{uuid.uuid4().hex}"
    con.register(view, _Records(landed, keys))
    return _JsonDocument(
        relation=rows_sql(view, pointers),
        headings=tuple(pointers),
        types=dict.fromkeys(pointers, "VARCHAR"),
        first_line=first,
        exact=True,
        con=con,
        view=view,
        records=count,
    )


def _hint(contract: Contract) -> str:
    if contract.ingest.path:
        return "see `path` in the contract: the keys that lead to the records, with dots"
    return "records inside an object: `path`; one object a line: `format: jsonl`"
