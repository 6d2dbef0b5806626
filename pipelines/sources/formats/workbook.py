"""XLSX and XLS: one sheet, read whole under a declared bound; a record's `_line` is the row a person sees in Excel."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.contracts.model import Contract
from pipelines.sources.faults import refusal
from pipelines.sources.landed import Landed
from pipelines.sources.relation import Reading
from pipelines.sources.sheet_table import Layout, SheetRows, given_cells, layout_of
from pipelines.sources.workbook import Sheet, counted_closely, open_sheet, sheet_notes

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection


@dataclass(frozen=True)
class _Workbook(Reading):
    """A sheet as a view over its rows; `records` is how many there must be, counted in the XML where there is any."""

    con: "Connection"
    landed: Landed
    rows: SheetRows
    records: int
    told: tuple[str, ...]

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        if rows == self.records:
            return 0
        facts = counted_closely(self.rows.sheet, self.landed)
        return _records(replace(self.rows.sheet, facts=facts), self.rows.layout, self.rows.skipped) - rows

    def notes(self) -> tuple[str, ...]:
        return self.told

    def close(self) -> None:
        self.con.unregister(self.relation)


def open_workbook(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of the sheet of a landed workbook that the contract means."""
    sheet = open_sheet(contract, landed)
    layout = layout_of(contract, landed, sheet)
    skipped = _left_out(contract, landed, sheet)
    given = given_cells(sheet, layout.end, fill=contract.ingest.merged_cells == "fill")
    rows = SheetRows(sheet, layout, skipped, given)
    view = f"sheet_{uuid.uuid4().hex}"
    con.register(view, rows)
    return _Workbook(
        relation=view,
        headings=layout.headings,
        types=dict.fromkeys(layout.headings, "VARCHAR"),
        first_line=layout.end + 1,
        exact=True,
        con=con,
        landed=landed,
        rows=rows,
        records=_records(sheet, layout, skipped),
        told=sheet_notes(contract, sheet),
    )


def _left_out(contract: Contract, landed: Landed, sheet: Sheet) -> frozenset[int]:
    """The rows that the contract does not want; SourceError when it wants none hidden, or when they cannot be told."""
    wish = contract.ingest.hidden_rows
    if wish == "read":
        return frozenset()
    if sheet.facts is None:
        hint = "send .xlsx, or take `hiddenRows` out of the contract"
        raise refusal(landed.file_name, "hidden-rows", "the bytes are XLS, in which hidden rows cannot be told.", hint)
    if wish == "refuse" and sheet.facts.hidden_filled:
        told = f"{sheet.facts.hidden_filled} rows of sheet '{sheet.name}' are hidden."
        raise refusal(landed.file_name, "hidden-rows", told, "show or delete them, then send the file again")
    return frozenset(sheet.facts.hidden)


def _records(sheet: Sheet, layout: Layout, skipped: frozenset[int]) -> int:
    """Rows with a value below the headings: by the XML, or for XLS by the reader's own account."""
    if sheet.facts is None:
        rows = enumerate(sheet.rows(), 1)
        return sum(1 for number, row in rows if number > layout.end and row.count("") < len(row))
    above = sum(1 for number in sheet.facts.first if number <= layout.end and number not in skipped)
    return sheet.facts.filled - above - (sheet.facts.hidden_filled if skipped else 0)
