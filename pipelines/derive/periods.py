"""Periods (账期) as text: 2026, 2026-Q2, 2026-06, 2026-06-01, 2026-06-01T05. They sort as they follow one another."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.contracts.model import Column, Period, Unit
from pipelines.names import literal, quoted

NO_PERIOD = "-"
_SHAPES: dict[Unit, str] = {
    "year": r"\d{4}",
    "quarter": r"\d{4}-Q[1-4]",
    "month": r"\d{4}-\d{2}",
    "day": r"\d{4}-\d{2}-\d{2}",
    "hour": r"\d{4}-\d{2}-\d{2}T\d{2}",
}
_STRFTIME: dict[Unit, str] = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H"}
EXAMPLES: dict[Unit, str] = {
    "year": "2026", "quarter": "2026-Q2", "month": "2026-06", "day": "2026-06-01", "hour": "2026-06-01T05",
}  # fmt: skip


def is_period(text: str, unit: Unit) -> bool:
    """Whether a text is a period of that unit, with a date that exists.

    >>> is_period("2026-06", "month"), is_period("2026-13", "month"), is_period("2026-02-30", "day")
    (True, False, False)
    """
    if not re.fullmatch(_SHAPES[unit], text):
        return False
    try:
        first_day(text)
    except ValueError:
        return False
    return unit != "hour" or int(text[-2:]) < 24


def first_day(period: str) -> date:
    """Return the first day of a period.

    >>> first_day("2026-Q2"), first_day("2026"), first_day("2026-06-03T05")
    (datetime.date(2026, 4, 1), datetime.date(2026, 1, 1), datetime.date(2026, 6, 3))
    """
    if "Q" in period:
        return date(int(period[:4]), int(period[-1]) * 3 - 2, 1)
    parts = [int(part) for part in period.partition("T")[0].split("-")]
    return date(*[*parts, 1, 1][:3])


def period_from_name(name: str, period: Period) -> str | None:
    """Return the period a file's name tells by the contract's pattern, or None.

    >>> period_from_name("工单_202606.csv", Period("file_name", "month", r"(?P<year>\\d{4})(?P<month>\\d{2})"))
    '2026-06'
    """
    found = re.search(period.pattern, name)
    if not found:
        return None
    parts = {key: int(value) for key, value in found.groupdict().items() if value is not None}
    year = parts.get("year", 0)
    text = {
        "year": f"{year:04d}",
        "quarter": f"{year:04d}-Q{parts.get('quarter', 0)}",
        "month": f"{year:04d}-{parts.get('month', 0):02d}",
        "day": f"{year:04d}-{parts.get('month', 0):02d}-{parts.get('day', 0):02d}",
        "hour": f"{year:04d}-{parts.get('month', 0):02d}-{parts.get('day', 0):02d}T{parts.get('hour', 0):02d}",
    }[period.unit]
    return text if is_period(text, period.unit) else None


def bounds(period: str) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first one after it, without a zone.

    >>> bounds("2026-Q4")
    (datetime.datetime(2026, 10, 1, 0, 0), datetime.datetime(2027, 1, 1, 0, 0))
    """
    start = datetime.combine(first_day(period), datetime.min.time())
    if "T" in period:
        start = start.replace(hour=int(period[-2:]))
        return start, start + timedelta(hours=1)
    if "Q" in period:
        return start, _months_later(start, 3)
    if len(period) == len("2026-01-01"):
        return start, start + timedelta(days=1)
    return start, _months_later(start, 1 if "-" in period else 12)


def period_at(moment: datetime, unit: Unit) -> str:
    """Return the period a moment falls in.

    >>> period_at(datetime(2026, 11, 5, 23), "quarter"), period_at(datetime(2026, 11, 5, 23), "hour")
    ('2026-Q4', '2026-11-05T23')
    """
    return f"{moment.year}-Q{(moment.month + 2) // 3}" if unit == "quarter" else moment.strftime(_STRFTIME[unit])


def ended_before(moment: datetime, unit: Unit, count: int) -> list[str]:
    """Return the last `count` periods that have ended by a moment, oldest first.

    >>> ended_before(datetime(2026, 2, 10), "month", 3)
    ['2025-11', '2025-12', '2026-01']
    """
    found: list[str] = []
    while len(found) < count:
        moment = bounds(period_at(moment, unit))[0] - timedelta(microseconds=1)
        found.append(period_at(moment, unit))
    return found[::-1]


def _months_later(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    return start.replace(year=start.year + years, month=month + 1)


def outside(column: Column, period: str, zone: str) -> str:
    """Return SQL that is true for a row whose own date or timestamp lies outside the period."""
    first, after = bounds(period)
    if column.type != "timestamp":
        low, high = (f"DATE {literal(moment.date().isoformat())}" for moment in (first, after))
    else:
        info = ZoneInfo(zone)
        low, high = (
            f"TIMESTAMPTZ {literal(moment.replace(tzinfo=info).isoformat(sep=' '))}" for moment in (first, after)
        )
    value = quoted(column.name)
    return f"{value} < {low} OR {value} >= {high}"


def period_of_row(column: Column, unit: Unit, zone: str) -> str:
    """Return SQL for the period a row's own date or timestamp falls in."""
    value = quoted(column.name)
    local = f"({value} AT TIME ZONE {literal(zone)})" if column.type == "timestamp" else value
    if unit == "quarter":
        return f"(year({local}) || '-Q' || quarter({local}))"
    return f"strftime({local}, {literal(_STRFTIME[unit])})"


def period_of(moment: datetime, unit: Unit) -> str:
    """Return the period of that unit that a local moment falls in.

    >>> period_of(datetime(2026, 6, 3, 5), "quarter"), period_of(datetime(2026, 6, 3, 5), "hour")
    ('2026-Q2', '2026-06-03T05')
    """
    return f"{moment.year}-Q{(moment.month + 2) // 3}" if unit == "quarter" else moment.strftime(_STRFTIME[unit])


def later(moment: datetime, amount: int, unit: str) -> datetime:
    """Return a moment so much later: unit min, h, d, week, month, quarter or year; the end of a shorter month is its last day.

    >>> later(datetime(2026, 1, 31), 1, "month"), later(datetime(2026, 1, 1), 2, "week")
    (datetime.datetime(2026, 2, 28, 0, 0), datetime.datetime(2026, 1, 15, 0, 0))
    """
    spans = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "week": timedelta(weeks=1)}
    if unit in spans:
        return moment + amount * spans[unit]
    first = _months_later(moment.replace(day=1), amount * {"month": 1, "quarter": 3, "year": 12}[unit])
    last = (_months_later(first, 1) - timedelta(days=1)).day
    return first.replace(day=min(moment.day, last))
