"""The service levels of a contract: which are known, and the one spelling of their units."""

PROPERTIES = frozenset(
    [
        "frequency",
        "latency",
        "freshness",
        "retention",
        "availability",
        "throughput",
        "errorRate",
        "generalAvailability",
        "endOfSupport",
        "endOfLife",
        "timeToDetect",
        "timeToNotify",
        "timeToRepair",
        "timeOfAvailability",
    ]
)
MEASURED = ("frequency", "latency", "freshness")
_UNITS = {
    "min": ("min", "minute", "minutes"),
    "h": ("h", "hr", "hour", "hours"),
    "d": ("d", "day", "days"),
    "week": ("w", "wk", "week", "weeks"),
    "month": ("m", "mo", "mon", "month", "months"),
    "quarter": ("q", "quarter", "quarters"),
    "year": ("y", "yr", "yrs", "year", "years"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}


def sla_unit(text: str) -> str:
    """Return the unit meant by a word: min, h, d, week, month, quarter or year; '' when it is unknown.

    >>> sla_unit("days"), sla_unit("Month"), sla_unit("fortnight")
    ('d', 'month', '')
    """
    return _UNIT_OF.get(text.strip().casefold(), "")


def sla_units() -> tuple[str, ...]:
    """Return the spellings of units as contracts should write them."""
    return tuple(_UNITS)
