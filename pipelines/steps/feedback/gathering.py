"""What a department must be told of a delivery: which of its own rows are wrong, why, and where they stand in its file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.contracts.model import Contract
from pipelines.derive.mapping import Mapping as Headings
from pipelines.derive.mapping import map_headings
from pipelines.derive.rules import Rule, row_rules
from pipelines.errors import SourceError
from pipelines.lake.connection import Connection
from pipelines.names import quoted
from pipelines.sources.landed import Landed
from pipelines.sources.reading import Reading, open_reading
from pipelines.sources.relation import LINE
from pipelines.steps.feedback.reasons import reason
from pipelines.steps.load import Loaded
from pipelines.steps.locate import Place, places
from pipelines.steps.plan import Plan
from pipelines.steps.record import Attempt

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that was not taken: `line` is its physical line (row of the `sheet`) in the file, `values` by heading as delivered.

    `wrong` are the headings of the cells that are wrong. A line that has not the header's columns stands whole in the
    first value.
    """

    line: int | None
    reasons: tuple[str, ...]
    wrong: frozenset[str]
    values: tuple[str | None, ...] = ()
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The wrong rows of a delivery in the order of the file, at most MOST_ROWS; `left_out` more were not looked up.

    `kinds` counts every broken rule in words, the commonest first.
    """

    headings: tuple[str, ...] = ()
    rows: tuple[WrongRow, ...] = ()
    left_out: int = 0
    kinds: tuple[tuple[str, int], ...] = ()


NOTHING_WRONG = Wrong()


class Gatherer:
    """Looks at a batch while it is written and still open, and keeps what the department must be told."""

    def __init__(self) -> None:
        self.wrong = NOTHING_WRONG

    def __call__(self, con: Connection, attempt: Attempt, loaded: Loaded) -> None:
        """Gather the wrong rows of an open batch."""
        if loaded.counts.quarantined:
            around = attempt.plan.around(loaded.period, attempt.landed)
            found = places(con, attempt.contract, around, attempt.landed, attempt.batch, limit=MOST_ROWS)
            self.wrong = gathered(con, attempt.plan, attempt.landed, loaded.period, found)
            self.wrong = replace(self.wrong, left_out=loaded.counts.quarantined - len(self.wrong.rows))


def gathered(con: Connection, plan: Plan, landed: Landed | None, period: str, found: Sequence[Place]) -> Wrong:
    """Return the wrong rows that places tell, with the values that were delivered; without the bytes, reasons alone."""
    contract = plan.contract
    rules = {rule.id: rule for rule in row_rules(contract, plan.around(period, landed))}
    grouped: dict[int, list[Place]] = {}
    for place in found:
        grouped.setdefault(place.lake_row, []).append(place)
    kept = list(grouped.values())[:MOST_ROWS]
    reading = _reading(con, contract, landed)
    values = _delivered(con, reading, [entries[0].line for entries in kept]) if reading else {}
    if landed and contract.ingest.format == "csv":
        values |= _whole_lines(landed, [e[0].line for e in kept if e[0].rule == "row.structure"])
    sources = map_headings(contract, reading.headings) if reading else None
    rows = tuple(_row(plan, rules, entries, values, sources) for entries in kept)
    headings = tuple(reading.headings) if reading and values else ()
    if reading:
        reading.close()
    return Wrong(headings, rows, len(grouped) - len(rows), _counted(row.reasons for row in rows))


def _reading(con: Connection, contract: Contract, landed: Landed | None) -> Reading | None:
    if landed is None:
        return None
    try:
        return open_reading(con, contract, landed).exactly()
    except SourceError:
        return None


def _delivered(con: Connection, reading: Reading, lines: Sequence[int | None]) -> dict[int, tuple[str | None, ...]]:
    """The delivered values by line, as text; {} for a format whose rows have no line."""
    wanted = [(line,) for line in lines if line is not None]
    if not wanted or not reading.exact:
        return {}
    con.execute("CREATE OR REPLACE TEMP TABLE wanted_lines (line BIGINT)")
    con.execute(f"INSERT INTO temp.wanted_lines SELECT unnest({[line for (line,) in wanted]}::BIGINT[])")
    names = ", ".join(f"CAST({quoted(heading)} AS VARCHAR)" for heading in reading.headings)
    found = con.execute(
        f"SELECT {LINE}, {names} FROM {reading.relation} WHERE {LINE} IN (SELECT line FROM temp.wanted_lines)"
    ).fetchall()
    con.execute("DROP TABLE temp.wanted_lines")
    return {int(row[0]): tuple(row[1:]) for row in found}


def _whole_lines(landed: Landed, lines: Sequence[int | None]) -> dict[int, tuple[str | None, ...]]:
    """The text of physical lines that are no records."""
    wanted = {line for line in lines if line is not None}
    if not wanted:
        return {}
    with landed.readable.open(encoding="utf-8-sig", errors="replace") as file:
        return {number: (text.rstrip("\n"),) for number, text in enumerate(file, start=1) if number in wanted}


def _row(
    plan: Plan,
    rules: Mapping[str, Rule],
    entries: Sequence[Place],
    values: Mapping[int, tuple[str | None, ...]],
    sources: Headings | None,
) -> WrongRow:
    called = sources.sources if sources else {}
    told = [reason(plan.contract, rules.get(entry.rule), entry, plan.code_lists, called) for entry in entries]
    line = entries[0].line
    wrong = frozenset(_headings(rules, entries, called))
    delivered = values.get(line, ()) if line is not None else ()
    return WrongRow(line, tuple(dict.fromkeys(told)), wrong, delivered, entries[0].sheet)


def _headings(rules: Mapping[str, Rule], entries: Sequence[Place], called: Mapping[str, str]) -> Iterator[str]:
    for entry in entries:
        rule = rules.get(entry.rule)
        yield from (called[name] for name in (rule.columns if rule else (entry.column,)) if name in called)


def _counted(reasons: Iterable[tuple[str, ...]]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for told in reasons:
        for text in told:
            counts[text] = counts.get(text, 0) + 1
    return tuple(sorted(counts.items(), key=lambda entry: -entry[1]))
