"""The table inside a sheet: its headings, also those of several rows, and its records as Arrow batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice, pairwise
from typing import Any

import pyarrow as pa

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.sources.cells import Cell, text_of, to_texts
from pipelines.sources.faults import refusal
from pipelines.sources.headings import UNNAMED, heading_problems, known_headings, misplaced, named, plain
from pipelines.sources.landed import Landed
from pipelines.sources.relation import LINE, STRUCTURE
from pipelines.sources.workbook import Merge, Sheet

_BATCH = 8192
_HANDFUL = 256
_LOOKED_AT = 30
_OUTSIDE = "a value stands outside the columns of the table"
Given = dict[int, list[tuple[int, Cell]]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the table is: `headings` stand above the columns at `places` (from 0), `end` is the last row of headings
    (from 1, 0 without any), `width` the columns up to the last heading."""

    headings: tuple[str, ...]
    places: tuple[int, ...]
    end: int
    width: int


def layout_of(contract: Contract, landed: Landed, sheet: Sheet) -> Layout:
    """Return the layout. SourceError: no such row, no heading known, one twice."""
    row, count = contract.ingest.header_row, contract.ingest.header_rows
    if not row:
        names = tuple(column.name for column in contract.columns)
        return Layout(names, tuple(range(len(names))), 0, len(names))
    top = list(islice(sheet.rows(), row - 1 + count))
    if len(top) < row - 1 + count:
        told = f"the headings belong on row {row}, but the sheet ends at row {len(top)}"
        raise refusal(landed.file_name, "header", f"{told}.", "see `headerRow` in the contract")
    cells = joined_headings(top, row, sheet.merges)
    width = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    fields = named(cells[:width])
    places = _kept(fields, sheet, len(top))
    headings = tuple(fields[place] for place in places)
    hint = _Hint(contract, sheet)
    problems = list(misplaced(contract, headings, hint)) or list(heading_problems(headings))
    if problems:
        raise SourceError("\n".join(str(refusal(landed.file_name, "header", *problem, row)) for problem in problems))
    return Layout(headings, places, len(top), width)


def joined_headings(top: Sequence[Sequence[Cell]], row: int, merges: Sequence[Merge]) -> list[str]:
    """Return one heading a column from the rows from `row` (from 1) to the last: a merged cell counts for every column it
    covers, and so does a heading of several columns that was not merged but left blank on its right."""
    lines = [[text_of(cell) or "" for cell in cells] for cells in top]
    for (first_row, first), (last_row, last) in merges:
        if row - 1 <= first_row < len(lines) and first < len(lines[0]):
            for line in lines[first_row : last_row + 1]:
                line[first : last + 1] = [lines[first_row][first]] * len(line[first : last + 1])
    levels = lines[row - 1 :]
    for upper, lower in pairwise(levels):
        for place in range(1, len(upper)):
            if not upper[place].strip() and lower[place].strip():
                upper[place] = upper[place - 1]
    return [_joined([level[place] for level in levels]) for place in range(len(levels[0]) if levels else 0)]


def _joined(parts: list[str]) -> str:
    found: list[str] = []
    for part in (" ".join(part.split()) for part in parts):
        if part and part not in found[-1:]:
            found.append(part)
    return " ".join(found)


def _kept(fields: Sequence[str], sheet: Sheet, end: int) -> tuple[int, ...]:
    """The columns with a heading or a value: blank ones set tables off from the margin."""
    unnamed = {place for place, field in enumerate(fields) if field.startswith(UNNAMED)}
    for row in islice(sheet.rows(), end, None):
        if not unnamed:
            break
        unnamed -= {place for place in unnamed if row[place] != ""}
    return tuple(place for place in range(len(fields)) if place not in unnamed)


@dataclass(frozen=True, slots=True)
class _Hint:
    """On which of the first rows the headings seem to be, if on another one."""

    contract: Contract
    sheet: Sheet

    def __call__(self) -> str:
        known = known_headings(self.contract)
        for number, row in enumerate(islice(self.sheet.rows(), _LOOKED_AT), 1):
            if number != self.contract.ingest.header_row and known & {plain(text_of(cell) or "") for cell in row}:
                return f"they seem to be on row {number}: `headerRow: {number}`"
        return "headings on another row: `headerRow`; on several: `headerRows`; another sheet: `sheet`"


@dataclass(slots=True)
class SheetRows:
    """The records as Arrow batches: whoever asks gets a fresh scan of the sheet in memory; blank rows are none.

    `skipped` are rows (from 1) to leave out, `given` cells to show instead of what the reader shows.
    """

    sheet: Sheet
    layout: Layout
    skipped: frozenset[int] = frozenset()
    given: Given = field(default_factory=dict)

    @property
    def schema(self) -> pa.Schema:
        """One string column per heading, then `_line` and `_structure`."""
        texts = [(heading, pa.string()) for heading in self.layout.headings]
        return pa.schema([*texts, (LINE, pa.int64()), (STRUCTURE, pa.string())])

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's C stream protocol: a fresh scan for whoever asks."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches()).__arrow_c_stream__(requested_schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records in batches of some thousand rows."""
        columns: list[list[Cell]] = []
        numbers: list[int] = []
        for rows, places in self._handfuls():
            columns = columns or [[] for _ in rows[0]]
            for column, cells in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(cells)
            numbers.extend(places)
            if len(numbers) >= _BATCH:
                yield self._batch(columns, numbers)
                columns, numbers = [], []
        if numbers:
            yield self._batch(columns, numbers)

    def _handfuls(self) -> Iterator[tuple[list[list[Cell]], Sequence[int]]]:
        """The records and their numbers, so few at a time that Python does not go looking for garbage among them."""
        rows = islice(self.sheet.rows(), self.layout.end, None)
        first = self.layout.end + 1
        while part := list(islice(rows, _HANDFUL)):
            numbers: Sequence[int] = range(first, first + len(part))
            first += len(part)
            for number in self.given.keys() & set(numbers) if self.given else ():
                self._show(part[number - numbers[0]], number)
            keep = [row.count("") < len(row) for row in part]
            if self.skipped:
                keep = [kept and number not in self.skipped for kept, number in zip(keep, numbers, strict=True)]
            if not all(keep):
                part, numbers = list(compress(part, keep)), list(compress(numbers, keep))
            if part:
                yield part, numbers

    def _show(self, row: list[Cell], number: int) -> None:
        for place, cell in self.given[number]:
            if place < len(row):
                row[place] = cell

    def _batch(self, columns: list[list[Cell]], numbers: list[int]) -> pa.RecordBatch:
        blank: list[Cell] = [""] * len(numbers)
        texts = [to_texts(columns[place] if place < len(columns) else blank) for place in self.layout.places]
        structure = self._structure(len(numbers), columns)
        return pa.RecordBatch.from_arrays([*texts, pa.array(numbers, pa.int64()), structure], schema=self.schema)

    def _structure(self, rows: int, columns: list[list[Cell]]) -> pa.StringArray:
        beyond = [column for column in columns[self.layout.width :] if column.count("") < rows]
        if not beyond:
            return pa.nulls(rows, pa.string())
        outside = [any(column[place] != "" for column in beyond) for place in range(rows)]
        return pa.array([_OUTSIDE if out else None for out in outside], pa.string())


def given_cells(sheet: Sheet, end: int, *, fill: bool) -> Given:
    """Return cells the reader leaves blank: errors and formulas without result, and with `fill` what merged cells cover."""
    given: Given = {}
    for (row, column), text in (sheet.facts.marks if sheet.facts else {}).items():
        given.setdefault(row, []).append((column - 1, text))
    if not fill:
        return given
    starts = {first: last for first, last in sheet.merges if first[0] >= end}
    for number, cells in enumerate(sheet.rows()) if starts else ():
        for place, cell in enumerate(cells):
            if (number, place) in starts and cell != "":
                last_row, last = starts[number, place]
                for below in range(number, last_row + 1):
                    given.setdefault(below + 1, []).extend((beside, cell) for beside in range(place, last + 1))
    return given
