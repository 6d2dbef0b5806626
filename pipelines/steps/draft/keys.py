"""Which columns tell the rows of a file apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from pipelines.contracts.model import Column
from pipelines.derive.casting import cleaned
from pipelines.lake.connection import Connection
from pipelines.names import quoted
from pipelines.sources.reading import Reading
from pipelines.steps.draft.facts import Fact, Facts
from pipelines.steps.draft.sampling import SAMPLE, SIZE

_ID_WORD = re.compile(
    r"编号|编码|代码|单号|序列号|流水号|(^|_)(id|code|key|no|number|uuid|fid|objectid)(_|$)|Id$|ID$|Key$|[Cc]ode$"
)
_ROW_NUMBER = re.compile(r"^(序号|行号|序|no\.?|#|index|row_?(no|num|number))$", re.IGNORECASE)
_LONGEST = 64
_MOST = 6
_TRIED = 3
_NO_KEY = 3
NEARLY = 0.995


@dataclass(frozen=True, slots=True)
class KeyFound:
    """Headings that together tell every row apart, and the evidence."""

    headings: tuple[str, ...]
    evidence: str


def is_id(heading: str) -> bool:
    """Whether a heading speaks of an identifier.

    >>> is_id("工单编号"), is_id("order_id"), is_id("WatchPoint"), is_id("Unique Key")
    (True, True, False, True)
    """
    return bool(_ID_WORD.search(heading) or _ID_WORD.search(re.sub(r"\W+", "_", heading).casefold()))


def find_key(con: Connection, reading: Reading, facts: Facts, rows: str) -> KeyFound | None:
    """Return the likeliest key: one column if one will do, else two or three; None when none is unique in every row."""
    places = {heading: place for place, heading in enumerate(reading.headings)}
    there = [fact for fact in facts.columns.values() if fact.filled == facts.rows and 0 < fact.longest <= _LONGEST]
    there.sort(key=lambda fact: (_rank(fact, places[fact.heading]), places[fact.heading]))
    for fact in there:
        if _rank(fact, places[fact.heading]) < _NO_KEY and (
            is_unique(fact, facts.rows) or _nearly_unique_id(fact, facts.rows)
        ):
            return KeyFound((fact.heading,), f"{fact.distinct:,} different values in {facts.rows:,} rows")
    kinds = ("string", "integer", "date", "timestamp")
    # With a part that hardly repeats, a combination is different in every row by chance.
    parts = [fact for fact in there if 1 < fact.distinct <= facts.rows / 2 and fact.column.type in kinds]
    return _together(con, reading, parts[:_MOST], facts.rows, rows)


def is_unique(fact: Fact, rows: int) -> bool:
    """Whether no value of a column is there twice and none is missing."""
    return fact.exact and rows > 1 and fact.filled == rows and fact.distinct == rows


def _nearly_unique_id(fact: Fact, rows: int) -> bool:
    """Whether an identifier repeats so rarely that the repeats must be mistakes."""
    return fact.exact and is_id(fact.heading) and fact.distinct < rows and fact.distinct >= NEARLY * rows


def distinct_rows(
    con: Connection, reading: Reading, relation: str, choices: Sequence[Sequence[Column]], rows: str
) -> list[int]:
    """Return, for each choice of columns (named by heading), how many different combinations the relation's rows have."""
    counts = [f"count(DISTINCT ({', '.join(_text(column, reading) for column in choice)}))" for choice in choices]
    row = con.execute(f"SELECT {', '.join(counts)} FROM {relation} WHERE {rows}").fetchone()
    return [int(count) for count in row or ()]


def _text(column: Column, reading: Reading) -> str:
    return cleaned(column, quoted(column.name), reading.types[column.name])


def _together(con: Connection, reading: Reading, parts: Sequence[Fact], wanted: int, rows: str) -> KeyFound | None:
    """The smallest choice that is unique in the sample and then, the few that are, in the whole file."""
    choices = [choice for size in (2, 3) for choice in combinations(parts, size)]
    columns = [[fact.guess.column for fact in choice] for choice in choices]
    if not choices or wanted < 2:
        return None
    found = distinct_rows(con, reading, SAMPLE, columns, "true")
    hopeful = [place for place, count in enumerate(found) if count == min(wanted, SIZE)][:_TRIED]
    if not hopeful:
        return None
    counts = distinct_rows(con, reading, reading.relation, [columns[place] for place in hopeful], rows)
    for place, count in zip(hopeful, counts, strict=True):
        if count == wanted:
            headings = {fact.heading for fact in choices[place]}
            ordered = tuple(heading for heading in reading.headings if heading in headings)
            return KeyFound(ordered, f"{wanted:,} different combinations in {wanted:,} rows")
    return None


def _rank(fact: Fact, place: int) -> int:
    """0 an identifier, 1 the first column, 2 a day or codes of one shape, 3 what is no key alone."""
    if _ROW_NUMBER.match(fact.heading):
        return _NO_KEY
    if is_id(fact.heading) and fact.column.type in ("string", "integer"):
        return 0
    if place == 0 and fact.column.type not in ("number", "boolean"):
        return 1
    coded = fact.column.type == "string" and bool(fact.outline)
    return 2 if fact.column.type == "date" or coded else _NO_KEY
