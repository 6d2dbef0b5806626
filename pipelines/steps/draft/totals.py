"""The total row (合计) of a file: what it says about the rows, and whether the rows agree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipelines.contracts.model import Column, Control
from pipelines.derive.casting import cleaned, typed
from pipelines.derive.types import family
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.sources.reading import Reading

MARKERS = ("合计", "合 计", "合  计", "总计", "总 计", "总  计", "总合计", "合计：", "合计:", "总计：", "总计:", "Total", "TOTAL",
           "total", "Grand Total", "Grand total")  # fmt: skip
_FIRST = 3
_NUMBER = re.compile(r"[-+]?\d[\d,，]*(?:\.\d+)?")
NO_TOTALS = "false"
_ROWS = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the total row declares and the rows confirm; `differing` are sentences on what they do not."""

    control: Control
    differing: tuple[str, ...]


def is_total(reading: Reading) -> str:
    """Return SQL: whether a row calls itself a total in one of its first columns; files that come with types have none."""
    if any(family(reading.types[heading]) != "text" for heading in reading.headings):
        return NO_TOTALS
    tests = [f"coalesce({_trimmed(heading)} IN ({_markers()}), false)" for heading in reading.headings[:_FIRST]]
    return f"({' OR '.join(tests)})"


def _trimmed(heading: str) -> str:
    return cleaned(Column(heading, "string"), quoted(heading))


def _markers() -> str:
    return ", ".join(literal(marker) for marker in MARKERS)


def totals_of(
    con: Connection,
    reading: Reading,
    total: dict[str, str | None],
    columns: Sequence[tuple[str, Column]],
    rows: str,
    zone: str,
) -> Totals | None:
    """Return what one total row declares; None when it is no total row after all.

    `columns` are heading and column, `rows` is SQL for the rows it must be the total of. Scans the file.
    """
    marked = next(((heading, c) for heading, c in columns if (total.get(heading) or "").strip() in MARKERS), None)
    numbers = {heading: _number(total.get(heading)) for heading, column in columns if not column.personal}
    told = {heading: number for heading, number in numbers.items() if number is not None}
    if marked is None or not told:
        return None
    summed = [(heading, c) for heading, c in columns if c.type in ("integer", "number") and not c.personal]
    counted = _counted(con, reading, summed, rows, zone)
    wrong = [heading for heading, _ in summed if heading in told and told[heading] != counted[heading]]
    sums = tuple(column.name for heading, column in summed if heading in told and heading not in wrong)
    others = [(heading, column) for heading, column in columns if heading not in counted]
    count = next((column.name for heading, column in others if told.get(heading) == counted[_ROWS]), "")
    if not sums and not count and not wrong:
        return None
    differing = tuple(_difference(heading, told[heading], counted[heading]) for heading in wrong)
    heading, column = marked
    return Totals(Control(column.name, ((total[heading] or "").strip(),), sums, count), differing)


def _difference(heading: str, told: Decimal, counted: Decimal) -> str:
    plain = [f"{number.normalize():f}" for number in (told, counted)]
    return f"control total: the total row says {plain[0]} for '{heading}', its rows give {plain[1]}. Which is right?"


def _counted(
    con: Connection, reading: Reading, columns: Sequence[tuple[str, Column]], rows: str, zone: str
) -> dict[str, Decimal]:
    """Sum of every numeric column by heading, and the number of rows."""
    sums = [
        f"coalesce(sum(CAST({typed(column, cleaned(column, quoted(heading)), zone)} AS DECIMAL(38,6))), 0)"
        for heading, column in columns
    ]
    row = con.execute(f"SELECT {', '.join(['count(*)', *sums])} FROM {reading.relation} WHERE {rows}").fetchone()
    values = [Decimal(value) for value in row or ()]
    return dict(zip([_ROWS, *(heading for heading, _ in columns)], values, strict=True))


def _number(text: str | None) -> Decimal | None:
    found = _NUMBER.search(text or "")
    return Decimal(re.sub("[,，]", "", found[0])) if found else None
