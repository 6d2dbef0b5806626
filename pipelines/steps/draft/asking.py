"""From an opened file to the facts of its columns: sample, guess, hold the guesses against every row."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.contracts.model import Column
from pipelines.derive.types import family
from pipelines.lake.connection import Connection
from pipelines.sources.features import GEOMETRY
from pipelines.sources.reading import Reading
from pipelines.steps.draft.facts import Facts, Question, facts_of
from pipelines.steps.draft.geo import GeoFacts
from pipelines.steps.draft.guessing import Guess, guesses, text_guess, typed_guess
from pipelines.steps.draft.keys import NEARLY, is_id
from pipelines.steps.draft.opening import Opened
from pipelines.steps.draft.sampling import FEW, Look, looks, take_sample
from pipelines.steps.draft.totals import NO_TOTALS, is_total

_LONGEST_KEY = 64
GEOMETRY_GUESS = Guess(Column(GEOMETRY, "object", physical_type="GEOMETRY"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A file's facts and looks, the reading they come from, and the SQL of the rows they speak of."""

    reading: Reading
    facts: Facts
    looks: Mapping[str, Look]
    rows: str
    rejected: int


def ask(con: Connection, opened: Opened, code_lists: Mapping[str, frozenset[str]], zone: str) -> Asked:
    """Return what is true of a file's columns; lines that are no records are left out and counted."""
    asked = ask_rows(con, opened.reading, opened.geo, code_lists, zone)
    if _is_complete(con, asked):
        return asked
    return ask_rows(con, opened.reading.exactly(), opened.geo, code_lists, zone)


def ask_rows(
    con: Connection, reading: Reading, geo: GeoFacts | None, code_lists: Mapping[str, frozenset[str]], zone: str
) -> Asked:
    """Return what is true of the columns of a reading's rows, the one total row among them left out."""
    asked = _ask(con, reading, is_total(reading), geo, code_lists, zone)
    if asked.facts.totals > 1:  # several rows of that name are rows like others
        asked = _ask(con, reading, NO_TOTALS, geo, code_lists, zone)
    return asked


def _is_complete(con: Connection, asked: Asked) -> bool:
    """Whether every line of the file is accounted for; otherwise the exact reader must say what is there."""
    reading = asked.reading
    if reading.exact:
        return True
    rows = asked.facts.rows + asked.facts.totals
    return reading.unaccounted(rows, lambda: _line_breaks(con, reading)) == 0


def _line_breaks(con: Connection, reading: Reading) -> int:
    row = con.execute(f"SELECT coalesce(sum({reading.line_breaks()}), 0) FROM {reading.relation}").fetchone()
    return int(row[0]) if row else 0


def _ask(
    con: Connection,
    reading: Reading,
    total: str,
    geo: GeoFacts | None,
    code_lists: Mapping[str, frozenset[str]],
    zone: str,
) -> Asked:
    sound = '"_structure" IS NULL' if reading.exact else "true"
    rows = f"{sound} AND NOT {total}"
    size = take_sample(con, reading, rows)
    found = looks(con, reading)
    kinds = geo.kinds | {GEOMETRY: GEOMETRY} if geo else {}
    questions = [
        _question(heading, reading, found.get(heading), size, code_lists, kinds.get(heading, ""))
        for heading in reading.headings
    ]
    facts = facts_of(con, reading, questions, total, sound, zone)
    return Asked(reading, facts, found, rows, _rejected(con, reading, sound))


def _rejected(con: Connection, reading: Reading, sound: str) -> int:
    if not reading.exact:
        return len(reading.rejects())
    row = con.execute(f"SELECT count(*) FROM {reading.relation} WHERE NOT ({sound})").fetchone()
    return int(row[0]) if row else 0


def _question(
    heading: str, reading: Reading, look: Look | None, size: int, code_lists: Mapping[str, frozenset[str]], kind: str
) -> Question:
    source = reading.types[heading]
    if kind == GEOMETRY:
        return Question(heading, source, (GEOMETRY_GUESS,), opaque=True)
    if look is None:
        unique = family(source) in ("number", "date", "timestamp", "timestamptz")
        return Question(heading, source, typed_guess(heading, source), exact_distinct=unique)
    if kind == "nested":
        return Question(heading, source, (text_guess(heading),))
    return Question(
        heading,
        source,
        guesses(look, no_numbers=kind == "string"),
        exact_distinct=_may_be_key(look, size),
        values=0 < look.distinct <= FEW,
        coded=look.coded,
        lists=_lists(look, code_lists),
    )


def _may_be_key(look: Look, size: int) -> bool:
    wanted = NEARLY * size if is_id(look.heading) else size
    return look.distinct >= max(wanted, 1) and look.length <= _LONGEST_KEY


def _lists(look: Look, code_lists: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Code lists worth asking about: codes of four characters and more, as long as the column's own values are."""
    found = {}
    for name, codes in code_lists.items():
        lengths = {len(code) for code in codes}
        if look.written and min(lengths) >= 4 and min(lengths) <= look.length <= max(lengths):
            found[name] = codes
    return found
