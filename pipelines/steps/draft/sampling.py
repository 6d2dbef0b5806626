"""A sample of an opened file, and what each of its columns looks like there. One scan of the file, then the sample alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from pipelines.contracts.model import Column
from pipelines.derive.casting import cleaned
from pipelines.derive.types import family
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.sources.reading import Reading
from pipelines.steps.draft import dates, personal, shapes
from pipelines.steps.draft.markers import IN_NUMBERS

SAMPLE = "temp.drafted_sample"
SIZE = 20_000
FEW = 20
_DATELIKE = r"\d{4}[-/年]\d{1,2}.*|\d{4}\.\d{1,2}\..*|\d{1,2}[-/]\d{1,2}[-/]\d{4}.*|(19|20)\d{6}(\d{4}|\d{6})?|[2-7]\d{4}(\.\d+)?"


# in the order of `_tests`
_COUNTED = (
    "filled", "written", "distinct", "length", "integers", "numbers", "grouped_integers", "grouped_numbers",
    "leading_zeros", "full_width", "datelike", "zoned", "outlines", "outlined",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What a text column looks like in the sample: of `filled` values (null markers aside) how many are what.

    `written` and `distinct` count null markers as values; `outlines` are the different shapes of the `outlined` codes.
    `values` are its different values when there are few, else none. `people` counts values by kind of personal data.
    `date_counts`: see `dates.form_counts`; empty when hardly a value
    looks like a date.
    """

    heading: str
    people: dict[str, int]
    length: float
    filled: int
    written: int
    distinct: int
    integers: int
    numbers: int
    grouped_integers: int
    grouped_numbers: int
    leading_zeros: int
    full_width: int
    datelike: int
    zoned: int
    outlines: int
    outlined: int
    values: tuple[str, ...] = ()
    date_counts: tuple[int, ...] = ()

    @property
    def coded(self) -> bool:
        """Whether all texts have one shape of letters and digits."""
        return self.outlines == 1 and self.outlined == self.written


def take_sample(con: Connection, reading: Reading, rows_wanted: str) -> int:
    """Keep a sample of the rows for which `rows_wanted` (SQL) holds; return how many it holds. Scans the file."""
    names = ", ".join(quoted(heading) for heading in reading.headings)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE drafted_sample AS SELECT {names} FROM {reading.relation} WHERE {rows_wanted} "
        f"USING SAMPLE reservoir({SIZE} ROWS) REPEATABLE (1)"
    )
    row = con.execute(f"SELECT count(*) FROM {SAMPLE}").fetchone()
    return int(row[0]) if row else 0


def looks(con: Connection, reading: Reading) -> dict[str, Look]:
    """Return the look of every text column, by heading."""
    texts = [heading for heading in reading.headings if family(reading.types[heading]) == "text"]
    if not texts:
        return {}
    _clean_sample(con, texts)
    found = _looks(con, texts)
    places = range(len(texts))
    dated = [place for place in places if 2 * found[place].datelike >= found[place].filled > 0]
    counts = _date_counts(con, dated)
    values = _values(con, [place for place in places if 0 < found[place].distinct <= FEW])
    return {
        texts[place]: replace(found[place], date_counts=counts.get(place, ()), values=values.get(place, ()))
        for place in places
    }


def _clean_sample(con: Connection, headings: Sequence[str]) -> None:
    """Keep `r0` …, the trimmed texts, and `w0` …, the same without null markers and, where there are any, full-width forms."""
    wide = ", ".join(f"count_if(regexp_matches({quoted(heading)}, '[！-～]'))" for heading in headings)
    widths = con.execute(f"SELECT {wide} FROM {SAMPLE}").fetchone() or ()
    columns = []
    for place, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        number = Column(heading, "string", nulls=IN_NUMBERS, full_width=bool(width))
        columns.append(f"{cleaned(Column(heading, 'string'), quoted(heading))} AS r{place}")
        columns.append(f"{cleaned(number, quoted(heading))} AS w{place}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE drafted_texts AS SELECT {', '.join(columns)} FROM {SAMPLE}")


def _looks(con: Connection, headings: Sequence[str]) -> list[Look]:
    tests = [list(_tests(f"w{place}", f"r{place}")) for place in range(len(headings))]
    rows = _aggregate(con, tests)
    return [_look(heading, row) for heading, row in zip(headings, rows, strict=True)]


def _tests(text: str, raw: str) -> Iterator[str]:
    yield f"count({text})"
    yield f"count({raw})"
    yield f"count(DISTINCT {raw})"
    yield f"coalesce(avg(length({raw})), 0)"
    yield f"count_if({shapes.is_integer(text)})"
    yield f"count_if({shapes.is_number(text)})"
    yield f"count_if({shapes.is_integer(text, grouped=True)})"
    yield f"count_if({shapes.is_number(text, grouped=True)})"
    yield f"count_if(regexp_full_match({text}, {literal(shapes.LEADING_ZERO)}))"
    yield f"count_if(regexp_matches({raw}, '[０-９]'))"
    yield f"count_if(regexp_full_match({text}, {literal(_DATELIKE)}))"
    yield f"count_if(regexp_full_match({text}, {literal(dates.ZONED)}))"
    yield f"count(DISTINCT {shapes.outline(raw)})"
    yield f"count({shapes.outline(raw)})"
    yield from personal.value_counts(text)


def _look(heading: str, row: Sequence[Any]) -> Look:
    counts: dict[str, Any] = dict(zip((*_COUNTED, *personal.VALUE_KINDS), row, strict=True))
    people = {kind: int(counts.pop(kind)) for kind in personal.VALUE_KINDS}
    return Look(heading, people, **counts)


def _date_counts(con: Connection, places: Sequence[int]) -> dict[int, tuple[int, ...]]:
    rows = _aggregate(con, [dates.form_counts(f"w{place}") for place in places])
    return {place: tuple(map(int, row)) for place, row in zip(places, rows, strict=True)}


def _values(con: Connection, places: Sequence[int]) -> dict[int, tuple[str, ...]]:
    lists = [[f"list_sort(list(DISTINCT r{place}) FILTER (r{place} IS NOT NULL))"] for place in places]
    return {place: tuple(row[0]) for place, row in zip(places, _aggregate(con, lists), strict=True)}


def _aggregate(con: Connection, groups: Sequence[Sequence[str]]) -> list[tuple[Any, ...]]:
    """Return the results of each group of expressions over the cleaned sample; counts of nothing are 0."""
    if not groups:
        return []
    flat = ", ".join(expression for group in groups for expression in group)
    row = iter(con.execute(f"SELECT {flat} FROM temp.drafted_texts").fetchone() or ())
    return [tuple(0 if value is None else value for value in islice(row, len(group))) for group in groups]
