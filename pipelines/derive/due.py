"""When the deliveries of a contract are due: its cycle, its latency and the working days.

A latency in min or h is exact: machines keep no holidays. One in days or longer ends with a day that is worked: when the
last day is a holiday, the next working day is the last (Civil Code art. 203). One in `wd` counts working days alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.contracts.model import Contract
from pipelines.contracts.sla import usual_latency
from pipelines.derive.periods import bounds, later, period_of
from pipelines.standards.working_days import Calendar

_EXACT = ("min", "h")
# The cycle in steps of the period's unit, where it has a whole number of them.
_STEPS = {
    ("d", "day"): 1, ("week", "day"): 7, ("h", "hour"): 1, ("d", "hour"): 24, ("month", "month"): 1, ("quarter", "month"): 3,
    ("year", "month"): 12, ("quarter", "quarter"): 1, ("year", "quarter"): 4, ("year", "year"): 1,
}  # fmt: skip
_UNITS = {"hour": "h", "day": "d", "month": "month", "quarter": "quarter", "year": "year"}


@dataclass(frozen=True, slots=True)
class Due:
    """The last day on which a delivery is in time, and the moment after which it is late."""

    day: date
    moment: datetime


def due_of_period(contract: Contract, period: str, calendar: Calendar) -> Due:
    """Return when the delivery of a period is due; CalendarEnds when the calendar does not reach that far."""
    return _due(contract, bounds(period)[1], calendar)


def due_after(contract: Contract, last: datetime, calendar: Calendar) -> Due:
    """Return when the next delivery of a dataset without periods is due, one cycle after the last (a local moment)."""
    return _due(contract, _next(contract, last), calendar)


def may_be_due(contract: Contract, now: datetime, *, period: str = "", last: datetime | None = None) -> bool:
    """Whether a period, or what comes after the last delivery, could be due by now (a local moment) if every day were worked.

    Needs no calendar: where the answer is no, its end does not matter.
    """
    end = _next(contract, last) if last else bounds(period)[1]
    amount, unit = _latency(contract)
    return later(end, amount, unit) <= now if unit in _EXACT else _plain_day(end, amount, unit) < now.date()


def _next(contract: Contract, last: datetime) -> datetime:
    return later(last, *(contract.frequency or (1, "year")))


def _latency(contract: Contract) -> tuple[int, str]:
    return contract.latency or usual_latency((contract.frequency or (1, "month"))[1])


def _due(contract: Contract, end: datetime, calendar: Calendar) -> Due:
    zone = ZoneInfo(contract.ingest.timezone or "Asia/Shanghai")
    amount, unit = _latency(contract)
    if unit in _EXACT:
        moment = later(end, amount, unit).replace(tzinfo=zone)
        return Due(moment.date(), moment)
    day = _last_day(end, amount, unit, calendar)
    return Due(day, datetime.combine(day + timedelta(days=1), datetime.min.time(), zone))


def _last_day(end: datetime, amount: int, unit: str, calendar: Calendar) -> date:
    before, plain = _day_before(end), _plain_day(end, amount, unit)
    if before < calendar.first:
        return plain  # long past: some days more or less matter no more
    return calendar.after(before, amount) if unit == "wd" else calendar.on_or_after(plain)


def _plain_day(end: datetime, amount: int, unit: str) -> date:
    """The last day in time if every day were worked."""
    start = datetime.combine(_day_before(end) + timedelta(days=1), datetime.min.time())
    return (later(start, amount, "d" if unit == "wd" else unit) - timedelta(days=1)).date()


def _day_before(end: datetime) -> date:
    """The period's own last day."""
    return (end - timedelta(microseconds=1)).date()


def ended_periods(contract: Contract, first: str, now: datetime) -> Iterator[str]:
    """Yield the periods that deliveries are promised for, from the first one to the last that has ended (a local moment).

    A cycle longer than the period's unit (a quarterly delivery told by a month) takes every so-manyth period.
    """
    unit = contract.ingest.period.unit
    every = contract.frequency or (1, _UNITS[unit])
    step = every[0] * _STEPS.get((every[1], unit), 1) if every[1] != _UNITS[unit] else every[0]
    start, _ = bounds(first)
    number = 0
    while True:
        period = period_of(later(start, number * step, _UNITS[unit]), unit)
        if bounds(period)[1] > now:
            return
        yield period
        number += 1
