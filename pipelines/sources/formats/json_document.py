"""A JSON document: the records of an array, at the top or where `path` leads. It streams, whatever its size."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.contracts.model import Contract
from pipelines.sources.faults import refusal
from pipelines.sources.json_places import SCHEMA, Places
from pipelines.sources.json_rows import Keys, checked, rows_sql
from pipelines.sources.json_stream import CUT_OFF, JsonFault, elements
from pipelines.sources.landed import Landed
from pipelines.sources.relation import Reading

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection


@dataclass(frozen=True, slots=True)
class _Records:
    """The records as Arrow batches of (line, _line); whoever asks gets a fresh scan of the document."""

    landed: Landed
    places: Places

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        batches = self.places.batches(self.landed.readable)
        return pa.RecordBatchReader.from_batches(SCHEMA, batches).__arrow_c_stream__(requested_schema)


@dataclass(frozen=True)
class _JsonDocument(Reading):
    """The records as rows; `places` were found, and counted, by a scan of their own."""

    con: "Connection"
    view: str
    places: Places

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self.places.count - rows

    def close(self) -> None:
        self.con.unregister(self.view)
        self.places.close()


def open_json(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of a landed JSON document, which is read to its end once before the first row is given."""
    keys = contract.ingest.path.split(".") if contract.ingest.path else []
    places, met, first = Places(), Keys(), 1
    try:
        for record in elements(landed.readable, landed.bom, keys):
            first = first if places.count else record.line
            places.add(record.start, record.size, record.line)
            if isinstance(record.value, dict):
                met.note(record.value)
        places.keep()
    except JsonFault as fault:
        hint = "send the file again, it is incomplete" if fault.message == CUT_OFF else _hint(contract)
        raise refusal(landed.file_name, "json", f"{fault.message}.", hint, fault.line) from None
    pointers = checked(landed, met.found) or {column.name: f"/{column.name}" for column in contract.columns}
    view = f"records_{uuid.uuid4().hex}"
    con.register(view, _Records(landed, places))
    return _JsonDocument(
        relation=rows_sql(view, pointers),
        headings=tuple(pointers),
        types=dict.fromkeys(pointers, "VARCHAR"),
        first_line=first,
        exact=True,
        con=con,
        view=view,
        places=places,
    )


def _hint(contract: Contract) -> str:
    if contract.ingest.path:
        return "see `path` in the contract: the keys that lead to the records, with dots"
    return "records inside an object: `path`; one object a line: `format: jsonl`"
