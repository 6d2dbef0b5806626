"""What is late: the periods that are due by cycle, latency and working days, held against the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.city import load_city
from pipelines.contracts.model import Contract, Unit
from pipelines.derive.due import Due, due_after, due_of_period, ended_periods, may_be_due
from pipelines.derive.periods import NO_PERIOD, is_period, later, period_of
from pipelines.errors import CalendarEnds, UsageError
from pipelines.lake.calendar import calendar_of
from pipelines.lake.connection import lake_exists, open_for_reading
from pipelines.lake.incidents import open_incidents
from pipelines.lake.ledger import Delivered, delivered_periods
from pipelines.settings import Settings
from pipelines.standards.working_days import Calendar

# How far back the last due period of a dataset is looked for that never delivered anything.
_BACK: Mapping[Unit, tuple[int, str]] = {
    "hour": (96, "h"), "day": (40, "d"), "month": (14, "month"), "quarter": (6, "quarter"), "year": (4, "year"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """Periods of a dataset, one after the other, that are due and not delivered; `due` is that of the first."""

    contract: Contract
    periods: tuple[str, ...]
    due: Due

    @property
    def shown(self) -> str:
        """The period, or the first and the last of several."""
        first, last = self.periods[0], self.periods[-1]
        return first if first == last else f"{first} … {last} ({len(self.periods)})"


@dataclass(frozen=True, slots=True)
class Lateness:
    """All gaps at a moment, and what could not be told (a calendar that ends), each once."""

    now: datetime
    gaps: tuple[Gap, ...]
    untold: tuple[str, ...]


def moment_of(settings: Settings, text: str | None) -> datetime:
    """Return the moment meant by an ISO date (its first moment, in the city's zone) or time; now without a text."""
    zone = ZoneInfo(load_city(settings.city).timezone)
    if not text:
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"[now] '{text}' is not a date. Hint: write it like 2026-10-30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def lateness(settings: Settings, now: datetime) -> Lateness:
    """Return what is late at a moment, over all active contracts of the city."""
    calendar = calendar_of(settings)
    known = _known(settings)
    gaps: list[Gap] = []
    untold: dict[str, None] = {}
    for contract in all_contracts(settings)[0]:
        if contract.status == "active" and contract.frequency:
            found, why = gaps_of(contract, known.get(contract.id, ()), calendar, now)
            gaps += found
            untold |= {why: None} if why else {}
    return Lateness(now, tuple(gaps), tuple(untold))


def _known(settings: Settings) -> dict[str, list[Delivered]]:
    found: dict[str, list[Delivered]] = defaultdict(list)
    if lake_exists(settings):
        con = open_for_reading(settings)
        try:
            for delivered in delivered_periods(con):
                found[delivered.dataset].append(delivered)
        finally:
            con.close()
    return found


def gaps_of(contract: Contract, known: Sequence[Delivered], calendar: Calendar, now: datetime) -> tuple[list[Gap], str]:
    """Return the gaps of one dataset, and why more could not be told ('' when all was)."""
    local = now.astimezone(ZoneInfo(contract.ingest.timezone or "Asia/Shanghai")).replace(tzinfo=None)
    missing: list[_Missing] = []
    try:
        if contract.ingest.period.source == "none":
            return _since_last(contract, known, calendar, now, local), ""
        for one in _missing(contract, known, calendar, local):
            if one.due.moment <= now:
                missing.append(one)  # noqa: PERF401 - what was found before the calendar ends is kept
    except CalendarEnds as error:
        return list(_joined(contract, missing)), str(error)
    return list(_joined(contract, missing)), ""


@dataclass(frozen=True, slots=True)
class _Missing:
    """A period without a delivery; `follows`: so is the one before."""

    period: str
    due: Due
    follows: bool


def _missing(contract: Contract, known: Sequence[Delivered], calendar: Calendar, local: datetime) -> Iterator[_Missing]:
    have = [one for one in known if is_period(one.period, contract.ingest.period.unit)]
    live = {one.period for one in have if one.live}
    before_is_missing = False
    for period in _expected(contract, have, calendar, local):
        if period not in live and may_be_due(contract, local, period=period):
            yield _Missing(period, due_of_period(contract, period, calendar), before_is_missing)
        before_is_missing = period not in live


def _expected(contract: Contract, have: Sequence[Delivered], calendar: Calendar, local: datetime) -> Iterable[str]:
    """The periods to look at: from the first known one, or the promised beginning; else the last one that is due."""
    unit = contract.ingest.period.unit
    periods = [one.period for one in have]
    if contract.ingest.mode == "replace":  # a whole register: an earlier one is of no use once a later one came
        periods = [max(live)] if (live := [one.period for one in have if one.live]) else periods
    if periods:
        return ended_periods(contract, min(periods), local)
    if contract.available_from:
        begin = datetime.combine(date.fromisoformat(contract.available_from), datetime.min.time())
        return ended_periods(contract, period_of(begin, unit), local)
    amount, step = _BACK[unit]
    ended = ended_periods(contract, period_of(later(local, -amount, step), unit), local)
    zone = ZoneInfo(contract.ingest.timezone or "Asia/Shanghai")
    ended = (one for one in ended if may_be_due(contract, local, period=one))
    due = [one for one in ended if due_of_period(contract, one, calendar).moment <= local.replace(tzinfo=zone)]
    return due[-1:]


def _joined(contract: Contract, missing: Sequence[_Missing]) -> Iterator[Gap]:
    """Missing periods that follow one another as one gap."""
    runs: list[list[_Missing]] = []
    for one in missing:
        if one.follows and runs:
            runs[-1].append(one)
        else:
            runs.append([one])
    for run in runs:
        yield Gap(contract, tuple(one.period for one in run), run[0].due)


def _since_last(
    contract: Contract, known: Sequence[Delivered], calendar: Calendar, now: datetime, local: datetime
) -> list[Gap]:
    zone = ZoneInfo(contract.ingest.timezone or "Asia/Shanghai")
    live = [one.last_at for one in known if one.live]
    if live:
        last = max(live).astimezone(zone).replace(tzinfo=None)
    elif contract.available_from:
        every = contract.frequency or (1, "year")
        begin = datetime.combine(date.fromisoformat(contract.available_from), datetime.min.time())
        last = later(begin, -every[0], every[1])
    else:
        return []  # without periods, deliveries or a beginning there is nothing to count from
    end = datetime.combine(last.date() + timedelta(days=1), datetime.min.time())
    if not may_be_due(contract, local, last=end):
        return []
    due = due_after(contract, end, calendar)
    return [Gap(contract, (NO_PERIOD,), due)] if due.moment <= now else []


def late_rows(settings: Settings, now: datetime) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return one row per gap, longest overdue first, and what could not be told."""
    found = lateness(settings, now)
    since = _opened(settings)
    rows = [
        {
            "dataset": gap.contract.id, "title": gap.contract.title, "period": gap.shown, "due": gap.due.day.isoformat(),
            "days late": (now.date() - gap.due.day).days, "since": since.get((gap.contract.id, gap.periods[0]), ""),
            "concerns": concerned(gap.contract),
        }
        for gap in sorted(found.gaps, key=lambda gap: (gap.due.moment, gap.contract.id))
    ]  # fmt: skip
    return rows, found.untold


def concerned(contract: Contract) -> str:
    """Return who has to do with a dataset: the department, the owner, the first contacts."""
    names = [contract.provider, contract.owner, *(channel.name for channel in contract.channels if not channel.second)]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _opened(settings: Settings) -> dict[tuple[str, str], str]:
    """Since when people know of what is overdue, by dataset and first period."""
    if not lake_exists(settings):
        return {}
    con = open_for_reading(settings)
    try:
        found = [one for one in open_incidents(con) if one.last.kind == "overdue"]
        return {(one.last.dataset, one.last.period): f"{one.opened_at:%Y-%m-%d %H:%M}" for one in found}
    finally:
        con.close()
