"""How a workbook of unknown layout is laid out: which sheet, on which rows the headings are, and what is merged below."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import ceil

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.sources.cells import text_of
from pipelines.sources.landed import Landed
from pipelines.sources.workbook import Merge, Sheet, open_sheet
from pipelines.steps.draft.dialect import Record, are_headings, kind_of, title_above

_LOOKED_AT = 400
_TITLE_ROWS = 30
_MOST_HEADING_ROWS = 5


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """Where the table of a sheet is: `row` of the headings (from 1, 0: there are none) and how many rows they take;
    `width` of the table, `title` above it, `merged`: cells among the records are merged."""

    sheet: str
    row: int
    rows: int
    width: int
    title: str
    merged: bool
    others: tuple[str, ...]


def sheet_layout(contract: Contract, landed: Landed) -> SheetLayout:
    """Return the layout of the first sheet that shows and holds a table; SourceError when the workbook cannot be read."""
    first = open_sheet(contract, landed)
    found = _layout(first)
    for name in first.others if found is None else ():
        wanted = replace(contract, ingest=replace(contract.ingest, sheet=name.replace("[", "[[]")))
        try:
            found = _layout(open_sheet(wanted, landed))
        except SourceError:  # a sheet that cannot be read alone is no reason to look no further
            continue
        if found:
            break
    names = (first.name, *first.others)
    chosen = found or SheetLayout(first.name, 1, 1, 0, "", False, ())
    return replace(chosen, others=tuple(name for name in names if name != chosen.sheet))


def _layout(sheet: Sheet) -> SheetLayout | None:
    records = [
        Record(number, [text_of(cell) or "" for cell in row])
        for number, row in enumerate(islice(sheet.rows(), _LOOKED_AT), 1)
        if row.count("") < len(row)
    ]
    usual = _usual_width(records)
    place = _heading_place(records, usual, sheet.merges)
    if place is None:
        return None
    last = _last_place(records, place, sheet.merges)
    top, below = records[place], records[last + 1 :]
    width = _extent(records[place : last + 1], sheet.merges)
    cut = [Record(record.line, record.fields[:width]) for record in (_joined(records[place : last + 1]), *below)]
    if not are_headings(cut[0], cut[1:]):
        return SheetLayout(sheet.name, 0, 1, max(width, _extent(records, ())), "", False, ())
    rows = records[last].line - top.line + 1
    merged = any(first[0] >= top.line - 1 + rows and last_cell[0] > first[0] for first, last_cell in sheet.merges)
    return SheetLayout(sheet.name, top.line, rows, width, title_above(records[:place]), merged, ())


def _usual_width(records: Sequence[Record]) -> int:
    """How many cells most rows fill."""
    counts = Counter(record.filled for record in records)
    return max(counts, key=lambda filled: (counts[filled] * (filled > 1), filled), default=0)


def _heading_place(records: Sequence[Record], usual: int, merges: Sequence[Merge]) -> int | None:
    """The first row that fills most of the usual cells, a merged cell filling all it covers, with more than one text."""
    wanted = max(min(usual, 2), ceil(0.6 * usual))
    for place, record in enumerate(records[:_TITLE_ROWS]):
        covered = set(_covered(record, merges)) | {at for at, field in enumerate(record.fields) if field.strip()}
        if len(covered) >= wanted and (record.filled > 1 or usual == 1):
            return place
    return None


def _covered(record: Record, merges: Sequence[Merge]) -> Iterator[int]:
    for first, last in merges:
        if first[0] == record.line - 1 and record.fields[first[1]].strip():
            yield from range(first[1], last[1] + 1)


def _last_place(records: Sequence[Record], place: int, merges: Sequence[Merge]) -> int:
    """The last row of headings: below each group of columns that one heading spans, and where a heading ends that spans rows."""
    last = place
    for _ in range(_MOST_HEADING_ROWS):
        top, end = records[place].line - 1, records[last].line - 1
        within = [(first, corner) for first, corner in merges if top <= first[0] <= end]
        wanted = max((corner[0] + (corner[1] > first[1]) for first, corner in within), default=end)
        if wanted <= end and _has_unmerged_group(records, last):
            wanted = end + 1
        further = [at for at in range(last + 1, len(records)) if records[at].line - 1 <= wanted]
        if not further or not _may_be_headings(records[further[-1]]):
            return last
        last = further[-1]
    return last


def _has_unmerged_group(records: Sequence[Record], place: int) -> bool:
    """Whether headings have gaps that texts fill on the next row, above columns of numbers or dates."""
    if place + 2 >= len(records):
        return False
    top, lower = records[place].fields, records[place + 1].fields
    gaps = [at for at in range(1, len(top)) if not top[at].strip() and lower[at].strip()]
    below = [record.fields for record in records[place + 2 :]]
    return bool(gaps) and all(
        kind_of(lower[at]) == "text" and {kind_of(fields[at]) for fields in below} & {"number", "date"} for at in gaps
    )


def _may_be_headings(record: Record) -> bool:
    """Whether hardly a cell is a number that is no year."""
    cells = [field for field in record.fields if field.strip()]
    numbers = [cell for cell in cells if kind_of(cell) == "number" and not re.fullmatch(r"(19|20)\d{2}年?", cell)]
    return 3 * len(numbers) <= len(cells)


def _joined(records: Sequence[Record]) -> Record:
    """The lowest heading of each column."""
    fields = list(records[0].fields)
    for record in records[1:]:
        fields = [lower or upper for upper, lower in zip(fields, record.fields, strict=True)]
    return Record(records[0].line, fields)


def _extent(records: Sequence[Record], merges: Sequence[Merge]) -> int:
    """Up to which column these rows are filled."""
    filled = (at + 1 for record in records for at, field in enumerate(record.fields) if field.strip())
    spanned = (at + 1 for record in records for at in _covered(record, merges))
    return max([0, *filled, *spanned])
