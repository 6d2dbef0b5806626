"""How a delimited text is laid out: delimiter, quoting, title lines, and the line of the headings."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Literal

from pipelines.sources.faults import refusal
from pipelines.sources.header import DELIMITERS
from pipelines.sources.landed import Landed

_WINDOW = 1 << 20
_MOST_LINES = 400
_TITLE_LINES = 30
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%?")
_YEAR = re.compile(r"(19|20)\d{2}年?")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]|$).*|\d{1,2}/\d{1,2}/\d{4}.*|\d{1,2}:\d{2}.*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """`header_row` is the physical line of the headings (0: there are none), `width` the number of columns.

    `title` is what stands above the headings; `quote` is '' when quote characters mean themselves.
    """

    delimiter: str
    quote: str
    header_row: int
    width: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of a record or row, and the line it begins on."""

    line: int
    fields: list[str]

    @property
    def filled(self) -> int:
        """How many fields are not blank."""
        return sum(1 for field in self.fields if field.strip())


def dialect_of(landed: Landed) -> Dialect:
    """Return the layout that most of the first lines of a landed text share."""
    lines = _first_lines(landed)
    choices = [_records(lines, delimiter, _quote(lines, delimiter)) for delimiter in DELIMITERS]
    best = max(range(len(DELIMITERS)), key=lambda index: _regularity(choices[index]))
    records = choices[best]
    width = _width(records)
    delimiter = DELIMITERS[best] if width > 1 else ","
    quote = _quote(lines, delimiter)
    if width < 2:
        records = _records(lines, delimiter, quote)
        width = _width(records)
    if not records:
        raise refusal(landed.file_name, "empty", "every line of the file is blank.", "send the file again")
    place = _heading_place(records, width)
    title = "" if place is None else title_above(records[:place])
    if place is None or not are_headings(records[place], records[place + 1 :]):
        return Dialect(delimiter, quote, 0, width)
    return Dialect(delimiter, quote, records[place].line, len(records[place].fields), title)


def _first_lines(landed: Landed) -> list[str]:
    with landed.readable.open("rb") as file:
        file.seek(landed.bom)
        data = file.read(_WINDOW)
    lines = data.splitlines(keepends=True)
    if len(data) == _WINDOW and len(lines) > 1:
        lines = lines[:-1]
    return [line.decode("utf-8", "replace").replace("\0", "") for line in lines[:_MOST_LINES]]


def _quote(lines: list[str], delimiter: str) -> str:
    """A quote character that never opens a field means itself."""
    opening = re.compile(rf'(^|{re.escape(delimiter)})\s?"')
    quoted = any('"' in line for line in lines)
    return '"' if not quoted or any(opening.search(line) for line in lines) else ""


def _records(lines: list[str], delimiter: str, quote: str) -> list[Record]:
    return list(_parsed(lines, delimiter, quote))


def _parsed(lines: list[str], delimiter: str, quote: str) -> Iterator[Record]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(iter(lines), delimiter=delimiter, quotechar=quote or None, quoting=quoting)
    line = 1
    while True:
        try:
            fields = next(reader, None)
        except csv.Error:  # a field beyond csv's limit: what was read so far tells enough
            return
        if fields is None:
            return
        if any(field.strip() for field in fields):
            yield Record(line, fields)
        line = reader.line_num + 1


def _width(records: list[Record]) -> int:
    """The width most records have."""
    widths = Counter(len(record.fields) for record in records)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _regularity(records: list[Record]) -> tuple[bool, float, int]:
    width = _width(records)
    alike = sum(1 for record in records if len(record.fields) == width)
    return width > 1, alike / max(len(records), 1), width


def _heading_place(records: list[Record], width: int) -> int | None:
    """The first record as wide as the others that fills most of its fields: title lines fill one or two."""
    wanted = max(min(width, 2), ceil(0.6 * width))
    for place, record in enumerate(records[:_TITLE_LINES]):
        if len(record.fields) == width and record.filled >= wanted:
            return place
    return None


def are_headings(first: Record, below: list[Record]) -> bool:
    """Return whether a record differs from those below it as headings differ from values."""
    below = [record for record in below if len(record.fields) == len(first.fields)]
    if not below:
        return not any(kind_of(field) in ("number", "date") for field in first.fields)
    cells = [cell.strip() for cell in first.fields]
    columns = [[record.fields[place].strip() for record in below] for place in range(len(cells))]
    usual = [_usual_kind(column) for column in columns]
    telling = [place for place, kind in enumerate(usual) if kind not in ("", "text") and cells[place]]
    if telling:
        return any(kind_of(cells[place]) != usual[place] or _is_year(cells[place], columns[place]) for place in telling)
    repeated = sum(1 for cell, column in zip(cells, columns, strict=True) if cell and cell in column)
    return 2 * repeated <= len(cells)


def _is_year(cell: str, column: list[str]) -> bool:
    """Whether a cell is a year above values that are none."""
    return bool(_YEAR.fullmatch(cell)) and not any(_YEAR.fullmatch(value) for value in column)


def _usual_kind(column: list[str]) -> str:
    kinds = Counter(kind for kind in map(kind_of, column) if kind)
    if not kinds:
        return ""
    kind, count = kinds.most_common(1)[0]
    return kind if count >= 0.8 * kinds.total() else "text"


def kind_of(cell: str) -> str:
    """Return date, number, code or text by the look of a cell, '' for a blank one."""
    text = cell.strip()
    if not text:
        return ""
    if _DATE.fullmatch(text):
        return "date"
    if _NUMBER.fullmatch(text):
        return "number"
    return "code" if sum(char.isdigit() for char in text) >= 4 and len(text) <= 40 else "text"


def title_above(above: list[Record]) -> str:
    """Return what stands above the headings, without brackets and periods: the name of the table."""
    cells = [field.strip() for record in above[:1] for field in record.fields if field.strip()]
    longest = max(cells, key=len, default="")
    bare = re.sub(r"[（(][^（）()]*[）)]|\d{4}年(\d{1,2}月)?(\d{1,2}日)?(度|份)?|\d{4}[-_.]?\d{0,2}", "", longest)
    return bare.strip(" 　:：,，_-")[:60]
