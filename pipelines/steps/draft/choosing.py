"""Key, period and mode: what a person said, else what the file suggests and a person must confirm."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts.hints import closest
from pipelines.contracts.model import Column, Mode, Period, Unit
from pipelines.derive.mapping import plain
from pipelines.errors import UsageError
from pipelines.lake.connection import Connection
from pipelines.steps.draft.asking import Asked
from pipelines.steps.draft.deciding import Decided
from pipelines.steps.draft.facts import periods_of
from pipelines.steps.draft.keys import distinct_rows, find_key
from pipelines.steps.draft.options import MODES, NO_PERIOD, DraftOptions, told_period
from pipelines.steps.draft.periods import common_unit, mode_of, named_periods, period_at


@dataclass(frozen=True, slots=True)
class Chosen:
    """Something that was chosen, in words: what is said of it, and what is left to decide."""

    remarks: tuple[str, ...] = ()
    todos: tuple[str, ...] = ()


def heading_of(word: str, columns: Sequence[tuple[str, str]], option: str) -> str:
    """Return the heading of the column a person means by name or heading; UsageError names the closest.

    `columns` are (heading, name).
    """
    for heading, name in columns:
        if plain(word) in (plain(heading), plain(name)):
            return heading
    near = closest(word, [name for _, name in columns])
    known = ", ".join(f"{name} ({heading})" if name != heading else name for heading, name in columns[:30])
    raise UsageError(f"[{option}] there is no column '{word}'. Hint: {f'did you mean {near!r}?' if near else known}")


def choose_key(
    con: Connection, asked: Asked, columns: Sequence[tuple[str, str]], options: DraftOptions
) -> tuple[tuple[str, ...], Chosen]:
    """Return the key's headings, and what is said of it."""
    if options.key == ("none",):
        return (), Chosen(("there is no key",))
    if options.key:
        headings = tuple(dict.fromkeys(heading_of(word, columns, "key") for word in options.key))
        return headings, _told_key(con, asked, headings)
    found = find_key(con, asked.reading, asked.facts, asked.rows)
    if found is None:
        return (), Chosen(todos=("key: no column, pair or triple tells every row apart. Give --key, or --key none.",))
    names = dict(columns)
    told = ", ".join(names[heading] for heading in found.headings)
    return found.headings, Chosen(todos=(f"key: confirm {told} ({found.evidence}) with --key.",))


def _told_key(con: Connection, asked: Asked, headings: tuple[str, ...]) -> Chosen:
    columns = [asked.facts.columns[heading].column for heading in headings]
    (different,) = distinct_rows(con, asked.reading, asked.reading.relation, [columns], asked.rows)
    rows = asked.facts.rows
    empty = [heading for heading in headings if asked.facts.columns[heading].filled < rows]
    remarks = [f"key: {different:,} different in {rows:,} rows"] if different < rows else []
    remarks += [f"key: '{heading}' is not filled in every row" for heading in empty]
    return Chosen(tuple(remarks))


def choose_period(
    con: Connection, asked: Asked, decided: Sequence[Decided], file_name: str, options: DraftOptions, zone: str
) -> tuple[Period, Chosen]:
    """Return where the period comes from, and what is said of it."""
    if options.period == "none":
        return NO_PERIOD, Chosen()
    dated = [item for item in decided if item.column.type in ("date", "timestamp")]
    if options.period:
        return _told_period(con, asked, decided, dated, file_name, options, zone)
    names = named_periods(file_name)
    if names:
        best = names[0]
        told = f"the file name tells {best.value}"
        column = _agreeing(asked, dated, best.unit, best.value)
        agreed = f", and so does every row's {column}" if column else ""
        todo = f"period: {told}{agreed}. Confirm with --period file_name:{best.unit}."
        return Period("file_name", best.unit, best.pattern, column), Chosen(todos=(todo,))
    for item in dated:
        fact = asked.facts.columns[item.heading]
        unit = common_unit(fact.low, fact.high) if item.column.required and asked.facts.rows > 1 else None
        if unit:
            todo = f"period: every row's {item.column.name} is in {period_at(fact.low, unit)}. Confirm with --period {item.column.name}:{unit}."
            return Period("column", unit, column=item.column.name), Chosen(todos=(todo,))
    return NO_PERIOD, Chosen(
        todos=("period: neither the file's name nor a date column tells one. Give --period, or --period none.",)
    )


def _told_period(
    con: Connection,
    asked: Asked,
    decided: Sequence[Decided],
    dated: Sequence[Decided],
    file_name: str,
    options: DraftOptions,
    zone: str,
) -> tuple[Period, Chosen]:
    source, unit = told_period(options.period)
    if source == "parameter":
        return Period("parameter", unit), Chosen()
    if source == "file_name":
        found = named_periods(file_name, unit)
        if not found:
            raise UsageError(
                f"[period] the name '{file_name}' tells no {unit}. Hint: --period COLUMN:{unit} or parameter:{unit}."
            )
        column = _agreeing(asked, dated, unit, found[0].value)
        return Period("file_name", unit, found[0].pattern, column), Chosen()
    heading = heading_of(source, [(item.heading, item.column.name) for item in decided], "period")
    item = next(item for item in decided if item.heading == heading)
    if item not in dated:
        return NO_PERIOD, Chosen(
            todos=(f"period: {item.column.name} is a {item.column.type}, not a date or timestamp.",)
        )
    return Period("column", unit, column=item.column.name), _spread(con, asked, item, unit, zone)


def _spread(con: Connection, asked: Asked, item: Decided, unit: Unit, zone: str) -> Chosen:
    """What is to be said when the rows belong to several periods: all but the commonest would be quarantined."""
    fact = asked.facts.columns[item.heading]
    if period_at(fact.low, unit) == period_at(fact.high, unit):
        return Chosen()
    column = fact.guess.column
    counts = periods_of(con, asked.reading, column, asked.reading.types[item.heading], unit, asked.rows, zone)
    usual = max(counts, key=lambda period: counts[period])
    others = sum(counts.values()) - counts[usual]
    told = f"period: {counts[usual]:,} rows belong to {usual}, {others:,} to {len(counts) - 1} other {unit}s"
    if others > 0.01 * sum(counts.values()):
        return Chosen(todos=(f"{told}: is {unit} the period of one delivery?",))
    return Chosen((f"{told}: those are quarantined",))


def _agreeing(asked: Asked, dated: Sequence[Decided], unit: Unit, period: str) -> str:
    """The first date column all of whose values are in the period a file's name tells, '' when there is none."""
    for item in dated:
        fact = asked.facts.columns[item.heading]
        if fact.filled and period_at(fact.low, unit) == period == period_at(fact.high, unit) and not fact.wrong:
            return item.column.name
    return ""


def choose_mode(
    period: Period, key: Sequence[str], columns: Sequence[Column], options: DraftOptions
) -> tuple[Mode, Chosen]:
    """Return the mode, and what is said of it."""
    if options.mode:
        (told,) = (mode for mode in MODES if mode == options.mode)
        return told, Chosen()
    has_dates = any(column.type in ("date", "timestamp") for column in columns)
    mode, why = mode_of(period, key, has_dates)
    return mode, Chosen((why,), (f"mode: confirm {mode} with --mode ({', '.join(MODES)}).",))
