"""A department's data dictionary (字段名, 中文名, 类型, 长度, 必填, 代码表 …) from CSV or a workbook of one or many tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import Problem, SourceError
from pipelines.names import snake
from pipelines.sources.sheets import SheetText, read_sheets
from pipelines.steps.dictionary.entries import Entry, entry_in, entry_of
from pipelines.steps.dictionary.headings import HEADINGS, Header, find_header, unknown_headings

_RULE = "dictionary"
_JOINED = {"type": " ", "description": "；"}
_HINT = "write the headings 字段名,中文名,类型,长度,必填,代码表"


@dataclass(frozen=True, slots=True)
class Table:
    """The entries of one table: `about` are labels and values that stand above the headings (版本 → 1.0.0).

    `unknown` are headings that mean nothing here, each with the closest that does.
    """

    name: str
    sheet: str
    entries: tuple[Entry, ...]
    unknown: tuple[tuple[str, str], ...] = ()
    about: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A dictionary's tables, in their order."""

    tables: tuple[Table, ...] = ()

    def table_for(self, headings: Sequence[str]) -> Table | None:
        """Return the table that describes most of a file's headings; None when none describes any."""
        best = max(self.tables, key=lambda table: _met(table, headings), default=None)
        return best if best and _met(best, headings) else None


def _met(table: Table, headings: Sequence[str]) -> int:
    return sum(entry_of(heading, table.entries) is not None for heading in headings)


def read_dictionary(path: Path) -> Dictionary:
    """Return a dictionary's tables; SourceError with every problem when it is none."""
    try:
        sheets = read_sheets(path)
    except SourceError as error:
        raise SourceError(f"[{_RULE}] {error}") from error
    headed = [(sheet, header) for sheet in sheets if (header := find_header(sheet.rows))]
    if not headed:
        raise SourceError(str(_no_headings(path, sheets)))
    tables = [table for sheet, header in headed for table in _tables(sheet, header)]
    problems = [problem for table in tables for problem in _problems(table, path)]
    if problems:
        raise SourceError("\n".join(str(problem) for problem in problems))
    return Dictionary(tuple(tables))


def _no_headings(path: Path, sheets: Sequence[SheetText]) -> Problem:
    first = next((row for sheet in sheets for row in sheet.rows if any(row)), ())
    names = " nor ".join(HEADINGS[key][0] for key in ("name", "title"))
    told = unknown_headings(first)
    return Problem(str(path), None, _RULE, f"there is no heading {names}{f'; unknown: {told}' if told else ''}.", _HINT)


def _tables(sheet: SheetText, header: Header) -> Iterator[Table]:
    """The tables of a sheet: one, or as many as its column 表名 tells apart."""
    entries = [_entry(row, number, header) for number, row in _rows(sheet, header)]
    about = _about(sheet.rows[: header.row])
    names = list(dict.fromkeys(entry.table for entry in entries))
    for name in names if "table" in header.places else [""]:
        mine = tuple(entry for entry in entries if not name or entry.table == name)
        yield Table(name or sheet.name, sheet.name, mine, header.unknown, about)


def _rows(sheet: SheetText, header: Header) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that describe a column, with their numbers in the file; notes and signatures below them do not."""
    for number, row in enumerate(sheet.rows[header.row + 1 :], start=sheet.first_row + header.row + 1):
        name, title = _cell(row, header, "name"), _cell(row, header, "title")
        is_named = bool(title or snake(name) or (name and "title" not in header.places))
        if is_named and sum(map(bool, row)) > 1:
            yield number, row


def _cell(row: Sequence[str], header: Header, key: str) -> str:
    """What a row says under the headings of one meaning: types and descriptions together, else the first that is filled."""
    filled = [row[place] for place in header.places.get(key, ()) if place < len(row) and row[place]]
    if key in _JOINED:
        return _JOINED[key].join(dict.fromkeys(filled))
    return filled[0] if filled else ""


def _entry(row: Sequence[str], number: int, header: Header) -> Entry:
    cells = {key: _cell(row, header, key) for key in header.places}
    name = snake(cells.get("name", ""))
    label = cells.pop("label", "")
    if "title" not in cells:
        cells["title"], label = (label, "") if name else (cells.pop("name", ""), label)
    if label and not cells.get("description"):
        cells["description"] = label
    return entry_in(cells, number, name)


def _about(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Labels and what stands beside them: cells in pairs from the left."""
    found: dict[str, str] = {}
    for row in rows:
        cells = [cell for cell in row if cell]
        found |= dict(zip(cells[::2], cells[1::2], strict=False))
    return found


def _problems(table: Table, path: Path) -> Iterator[Problem]:
    file = f"{path}[{table.sheet}]" if table.sheet else str(path)
    for entry in table.entries:
        if dict(entry.written).get("name") and not entry.name:
            text = f"the field name of '{entry.title}' is not in Latin letters"
            yield Problem(file, entry.row, _RULE, text)
    for what, names in (("field", [e.name for e in table.entries]), ("name", [e.title for e in table.entries])):
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            yield Problem(file, None, _RULE, f"{what} '{name}' is there more than once")
