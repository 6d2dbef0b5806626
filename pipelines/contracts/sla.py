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
    "wd": ("wd", "workday", "workdays", "working day", "working days", "工作日"),
    "week": ("w", "wk", "week", "weeks"),
    "month": ("m", "mo", "mon", "month", "months"),
    "quarter": ("q", "quarter", "quarters"),
    "year": ("y", "yr", "yrs", "year", "years"),
}
# How long a period's data usually take when nobody said: by the unit of the cycle.
_USUAL_LATENCY = {
    "min": (1, "h"), "h": (2, "h"), "d": (1, "d"), "week": (2, "d"), "month": (10, "d"), "quarter": (15, "d"), "year": (1, "month"),
}  # fmt: skip
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}


def sla_unit(text: str) -> str:
    """Return the unit meant by a word: min, h, d, wd (working days), week, month, quarter or year; '' when it is unknown.

    >>> sla_unit("days"), sla_unit("Month"), sla_unit("fortnight")
    ('d', 'month', '')
    """
    return _UNIT_OF.get(text.strip().casefold(), "")


def sla_units() -> tuple[str, ...]:
    """Return the spellings of units as contracts should write them."""
    return tuple(_UNITS)


def usual_latency(unit: str) -> tuple[int, str]:
    """Return how long after a period's end its delivery is due when the contract does not say, by the unit of the cycle.

    >>> usual_latency("month"), usual_latency("d")
    ((10, 'd'), (1, 'd'))
    """
    return _USUAL_LATENCY.get(unit, (1, "d"))
