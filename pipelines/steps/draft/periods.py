"""Where a delivery's period comes from: its file name, or a column of dates; and what that makes of the mode."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts.model import Mode, Period, Unit
from pipelines.derive.periods import is_period, period_from_name

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_DAY = r"(?P<day>0[1-9]|[12]\d|3[01])"
_HOUR = r"(?P<hour>[01]\d|2[0-3])"
_ALONE, _ENDS = r"(?<!\d)", r"(?!\d)"
# The finest first. What is between the parts must be the same everywhere, so each way of writing is a pattern of its own.
_PATTERNS: tuple[tuple[Unit, str], ...] = (
    *(("hour", f"{_ALONE}{_YEAR}{s}{_MONTH}{s}{_DAY}{t}{_HOUR}{_ENDS}") for s, t in (("", ""), ("", "[_T]"), ("-", "[_T-]"))),
    *(("day", f"{_ALONE}{_YEAR}{s}{_MONTH}{s}{_DAY}{_ENDS}") for s in ("", "-", "_", r"\.")),
    ("day", rf"{_YEAR}年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日"),
    *(("month", f"{_ALONE}{_YEAR}{s}{_MONTH}{_ENDS}") for s in ("", "-", "_", r"\.")),
    ("month", rf"{_YEAR}年(?P<month>\d{{1,2}})月"),
    ("quarter", rf"{_ALONE}{_YEAR}[-_]?[Qq](?P<quarter>[1-4]){_ENDS}"),
    ("quarter", rf"{_YEAR}年?第?(?P<quarter>[1-4])季度"),
    ("year", f"{_ALONE}{_YEAR}{_ENDS}"),
)  # fmt: skip
_FREQUENCY = {"hour": "h", "day": "d", "month": "month", "quarter": "quarter", "year": "year"}


@dataclass(frozen=True, slots=True)
class Named:
    """A period that a file name tells."""

    unit: Unit
    pattern: str
    value: str


def named_periods(file_name: str, unit: Unit | None = None) -> list[Named]:
    """Return the periods a file name tells (of one unit, when it is given), the finest first."""
    found = []
    for kind, pattern in _PATTERNS:
        value = period_from_name(file_name, Period("file_name", kind, pattern)) if unit in (None, kind) else None
        if value:
            found.append(Named(kind, pattern, value))
    return found


def common_unit(low: str, high: str) -> Unit | None:
    """Return the smallest of day, month, quarter and year that holds both ends of a range of dates (ISO text).

    >>> common_unit("2026-06-01", "2026-06-30 23:59:00"), common_unit("2026-06-01", "2026-07-01"), common_unit("2025", "2026")
    ('month', 'year', None)
    """
    first, last = low[:10], high[:10]
    if not (is_period(first, "day") and is_period(last, "day")):
        return None
    if first == last:
        return "day"
    if first[:7] == last[:7]:
        return "month"
    if first[:4] == last[:4]:
        return "quarter" if _quarter(first) == _quarter(last) else "year"
    return None


def period_at(moment: str, unit: Unit) -> str:
    """Return the period of a date or timestamp in ISO text.

    >>> period_at("2026-06-03 05:00:00+08", "month"), period_at("2026-06-03 05:00", "hour"), period_at("2026-06-03", "quarter")
    ('2026-06', '2026-06-03T05', '2026-Q2')
    """
    if unit == "quarter":
        return f"{moment[:4]}-Q{_quarter(moment)}"
    size = {"year": 4, "month": 7, "day": 10, "hour": 13}[unit]
    return moment[:size].replace(" ", "T")


def _quarter(day: str) -> int:
    return (int(day[5:7]) + 2) // 3


def frequency_of(period: Period) -> tuple[int, str] | None:
    """Return how often deliveries come when each is one period; None when there are no periods."""
    return None if period.source == "none" else (1, _FREQUENCY[period.unit])


def mode_of(period: Period, key: Sequence[str], has_dates: bool) -> tuple[Mode, str]:
    """Return the likely mode, and why in a sentence."""
    if period.source != "none":
        return (
            "replace_period",
            "a delivery is one period, and a corrected delivery of a period takes the place of the earlier one.",
        )
    if key and not has_dates:
        return (
            "replace",
            "rows have a key and no dates: the file looks like a whole register, each delivery taking the place of the last.",
        )
    return (
        "append",
        "there is no period: deliveries are added to one another, and nothing is ever taken away by a later one.",
    )
