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
    marked = next((c for heading, c in columns if (total.get(heading) or "").strip() in MARKERS), None)
    numbers = {heading: _number(total.get(heading)) for heading, _ in columns}
    told = {heading: number for heading, number in numbers.items() if number is not None}
    if marked is None or not told:
        return None
    summed = [(heading, column) for heading, column in columns if column.type in ("integer", "number")]
    counted = _counted(con, reading, summed, rows, zone)
    sums, differing = [], []
    for heading, column in summed:
        if heading in told and told[heading] == counted[heading]:
            sums.append(column.name)
        elif heading in told:
            differing.append(
                f"the total row says {told[heading]:,f} for '{heading}', its rows give {counted[heading]:,f}"
            )
    names = {column.name for _, column in summed}
    count = next((c.name for heading, c in columns if c.name not in names and told.get(heading) == counted[""]), "")
    if not sums and not count and not differing:
        return None
    heading = next(heading for heading, column in columns if column is marked)
    marker = (total[heading] or "").strip()
    return Totals(Control(marked.name, (marker,), tuple(sums), count), tuple(differing))


def _counted(
    con: Connection, reading: Reading, columns: Sequence[tuple[str, Column]], rows: str, zone: str
) -> dict[str, Decimal]:
    """Sum of every numeric column by heading, and under '' the number of rows."""
    sums = [
        f"coalesce(sum(CAST({typed(column, cleaned(column, quoted(heading)), zone)} AS DECIMAL(38,6))), 0)"
        for heading, column in columns
    ]
    row = con.execute(f"SELECT {', '.join(['count(*)', *sums])} FROM {reading.relation} WHERE {rows}").fetchone()
    values = [Decimal(value) for value in row or ()]
    return dict(zip(["", *(heading for heading, _ in columns)], values, strict=True))


def _number(text: str | None) -> Decimal | None:
    found = _NUMBER.search(text or "")
    return Decimal(re.sub("[,，]", "", found[0])) if found else None
