"""What is true of every row: the second scan of the file, which holds each guess against all values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from pipelines.contracts.model import Column
from pipelines.derive.casting import cleaned, typed
from pipelines.derive.periods import period_of_row
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.sources.reading import Reading
from pipelines.steps.draft.guessing import Guess
from pipelines.steps.draft.markers import IN_NUMBERS
from pipelines.steps.draft.shapes import outline

_TOTAL = "_drafted_total"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one column: which guesses hold, and what else is worth counting.

    `coded`: its texts have one shape in the sample. `opaque`: nothing but presence is asked. `lists` are code lists its
    values may be from, by name.
    """

    heading: str
    source_type: str
    guesses: tuple[Guess, ...]
    exact_distinct: bool = False
    values: bool = False
    coded: bool = False
    opaque: bool = False
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """One column over all rows, under the first guess that holds (`wrong` values do not fit it, a tolerated few).

    `misfits`: the stricter type that was guessed from the sample and did not hold, with how many values spoke against it.

    `filled` leaves null markers out, `markers` counts them. `distinct` is approximate unless `exact`. `values` counts
    the different values when they were asked for. `outline` is the one shape all values share, or ''. `low` and `high`
    are the first and last value as text.
    """

    heading: str
    guess: Guess
    filled: int
    wrong: int
    misfits: tuple[str, int]
    markers: dict[str, int]
    distinct: int
    exact: bool
    low: str
    high: str
    longest: int
    outline: str
    values: dict[str, int]
    lists: tuple[str, ...]

    @property
    def column(self) -> Column:
        """The column with the null markers that were met."""
        met = tuple(marker for marker in self.guess.column.nulls if marker in self.markers)
        return replace(self.guess.column, nulls=met)


@dataclass(frozen=True, slots=True)
class Facts:
    """All columns over all rows but the `totals` that call themselves so; `total_row` is one of those, as delivered."""

    rows: int
    columns: dict[str, Fact]
    totals: int
    total_row: dict[str, str | None] | None


def facts_of(
    con: Connection, reading: Reading, questions: Sequence[Question], is_total: str, is_wanted: str, zone: str
) -> Facts:
    """Return the facts of every column over the rows that are wanted and no totals. Scans the file once."""
    asked = [_Asked(question, place, zone) for place, question in enumerate(questions)]
    everything = ", ".join(f"{quoted(q.heading)}: CAST({quoted(q.heading)} AS VARCHAR)" for q in questions)
    answers = [list(column.answers()) for column in asked]
    flat = ", ".join(answer for column in answers for answer in column)
    row = con.execute(
        f"""
WITH delivered AS (SELECT *, {is_total} AS {_TOTAL} FROM {reading.relation} WHERE {is_wanted}),
trimmed AS (SELECT *, {_listed(asked, _Asked.trimmed)} FROM delivered),
cleaned AS (SELECT *, {_listed(asked, _Asked.cleaned)} FROM trimmed),
typed AS (SELECT *{_listed(asked, _Asked.typed, ", ")} FROM cleaned)
SELECT count(*), coalesce(count_if({_TOTAL}), 0), any_value({{{everything}}}) FILTER (WHERE {_TOTAL}), {flat} FROM typed"""
    ).fetchone()
    assert row is not None
    rest = iter(row[3:])
    facts = {
        question.heading: _fact(question, list(islice(rest, len(column))))
        for question, column in zip(questions, answers, strict=True)
    }
    return Facts(int(row[0]) - int(row[1]), facts, int(row[1]), row[2])


def _listed(asked: Sequence["_Asked"], part: Callable[["_Asked"], Iterator[str]], before: str = "") -> str:
    listed = ", ".join(expression for column in asked for expression in part(column))
    return f"{before}{listed}" if listed else ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The SQL of one question, in layers: `r` the trimmed text, `t` without null markers, `c` and `v` by guess."""

    question: Question
    place: int
    zone: str

    def trimmed(self) -> Iterator[str]:
        question = self.question
        bare = cleaned(Column(question.heading, "string"), quoted(question.heading), question.source_type)
        yield f"CASE WHEN NOT {_TOTAL} THEN {bare} END AS {self._name('r')}"

    def cleaned(self) -> Iterator[str]:
        yield f"{self._without_markers(self.question.guesses[-1])} AS {self._name('t')}"
        for number, guess in self._guesses():
            yield f"{self._without_markers(guess)} AS {self._name('c', number)}"

    def typed(self) -> Iterator[str]:
        raw, source = quoted(self.question.heading), self.question.source_type
        for number, guess in self._guesses():
            value = typed(guess.column, self._name("c", number), self.zone, raw, source)
            yield f"{value} AS {self._name('v', number)}"

    def answers(self) -> Iterator[str]:
        """What is counted, in the order `_fact` takes it; what was not asked is NULL."""
        question, bare, text = self.question, self._name("r"), self._name("t")
        marked = ", ".join(literal(marker) for marker in IN_NUMBERS)
        shape = f"coalesce({outline(text)}, CASE WHEN {text} IS NOT NULL THEN '' END)"
        wanted = [
            (True, f"count({bare})"),
            (not question.opaque, f"histogram(CASE WHEN {bare} IN ({marked}) THEN {bare} END)"),
            (
                not question.opaque,
                f"count(DISTINCT {bare})" if question.exact_distinct else f"approx_count_distinct({bare})",
            ),
            (not question.opaque, f"max(length({bare}))"),
            (not question.opaque, f"min({text})"),
            (not question.opaque, f"max({text})"),
            (question.coded, f"min({shape})"),
            (question.coded, f"max({shape})"),
            (question.values, f"histogram({bare})"),
        ]
        yield from (expression if asked else "any_value(NULL)" for asked, expression in wanted)
        for codes in question.lists.values():
            yield f"count_if({text} NOT IN ({', '.join(literal(code) for code in sorted(codes))}))"
        for number, guess in self._guesses():
            cell, value = self._name("c", number), self._name("v", number)
            shaped = f"AND {guess.shape.replace('{text}', cell)}" if guess.shape else ""
            yield f"count_if({cell} IS NOT NULL AND NOT coalesce({value} IS NOT NULL {shaped}, false))"
            yield f"min(CAST({value} AS VARCHAR))"
            yield f"max(CAST({value} AS VARCHAR))"

    def _name(self, layer: str, number: int = 0) -> str:
        """A name that no heading has."""
        return f"_drafted_{layer}_{self.place}_{number}"

    def _guesses(self) -> list[tuple[int, Guess]]:
        return list(enumerate(self.question.guesses[:-1]))

    def _without_markers(self, guess: Guess) -> str:
        return cleaned(replace(guess.column, trim=guess.column.full_width), self._name("r"))


def _fact(question: Question, row: Sequence[Any]) -> Fact:
    written, markers, distinct, longest, least, most, shape, last_shape, values = row[:9]
    met = {str(marker): int(count) for marker, count in (markers or {}).items()}
    after_lists = 9 + len(question.lists)
    outside = dict(zip(question.lists, row[9:after_lists], strict=True))
    held = _held(question, row[after_lists:], int(written), met)
    met = {marker: count for marker, count in met.items() if marker in held.guess.column.nulls}
    filled = int(written) - sum(met.values())
    return Fact(
        heading=question.heading,
        guess=held.guess,
        filled=filled,
        wrong=held.wrong,
        misfits=held.misfits,
        markers=met,
        distinct=min(max(int(distinct or 0) - len(met), 0), filled),
        exact=question.exact_distinct,
        low=held.low or str(least or ""),
        high=held.high or str(most or ""),
        longest=int(longest or 0),
        outline=str(shape or "") if shape == last_shape else "",
        values={str(key): int(count) for key, count in (values or {}).items() if key not in met},
        lists=tuple(name for name, count in outside.items() if filled and not count),
    )


@dataclass(frozen=True, slots=True)
class _Held:
    guess: Guess
    wrong: int = 0
    low: str = ""
    high: str = ""
    misfits: tuple[str, int] = ("", 0)


def _held(question: Question, row: Sequence[Any], written: int, markers: dict[str, int]) -> _Held:
    """The first guess that holds, how many values it does not fit, its range, and the first guess that did not hold."""
    misfits = ("", 0)
    for place, guess in enumerate(question.guesses[:-1]):
        found, low, high = row[3 * place : 3 * place + 3]
        wrong = int(found or 0)  # counting over nothing but NULL gives NULL
        filled = written - sum(count for marker, count in markers.items() if marker in guess.column.nulls)
        if filled and wrong <= guess.tolerated * filled:
            return _Held(guess, wrong, str(low or ""), str(high or ""))
        misfits = misfits if misfits[0] else (guess.column.type, wrong)
    return _Held(question.guesses[-1], misfits=misfits)


def periods_of(
    con: Connection, reading: Reading, question: Column, source_type: str, unit: Any, is_wanted: str, zone: str
) -> dict[str, int]:
    """Return how many rows a date column tells for each period of that unit."""
    raw = quoted(question.name)
    value = typed(question, cleaned(question, raw, source_type), zone, raw, source_type)
    named = replace(question, name="value")
    rows = con.execute(
        f"SELECT {period_of_row(named, unit, zone)}, count(*) "
        f'FROM (SELECT {value} AS "value" FROM {reading.relation} WHERE {is_wanted}) WHERE "value" IS NOT NULL GROUP BY 1'
    ).fetchall()
    return {str(period): int(count) for period, count in rows}
