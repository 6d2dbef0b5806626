"""The macros of `air_quality`, in whole numbers alone. `list_transform([x], lambda n: …)[1]` names a value that is used often."""

from pipelines.names import literal
from pipelines.standards.air_quality import (
    CAPPED_SINCE_NEW,
    DAILY,
    INDICES,
    LEVELS,
    NEW,
    NEW_SINCE,
    OLD,
    PLACES,
    breakpoints,
    items,
    unit,
)

_IS_NEW = f"day >= DATE '{NEW_SINCE}'"
_ODD = "NOT (value >= 0) OR isinf(CAST(value AS DOUBLE)) OR isnan(CAST(value AS DOUBLE))"
_REFUSED = f"CAST(error({literal('iaqi: a concentration below zero or not a number')}) AS BIGINT)"


def _read(units: int) -> str:
    """The units in `value`, a half to the even one: 1 less than a half is added below an even one, a half below an odd one."""
    one = 10**PLACES // units
    count = f"CAST(CAST(value AS DECIMAL(18, {PLACES})) * {10**PLACES} AS BIGINT)"
    return f"CASE WHEN {_ODD} THEN {_REFUSED} ELSE ({count} + {one // 2 - 1} + {count} // {one} % 2) // {one} END"


def _pieces(item: str, standard: str) -> str:
    if (item, standard) not in breakpoints():
        return "NULL"
    bounds = [bound * unit(item) for bound in breakpoints()[item, standard]]
    pieces = []
    for low, high, index, above in zip(bounds, bounds[1:], INDICES, INDICES[1:], strict=False):
        width = high - low
        pieces.append(f"WHEN n <= {high} THEN {index} + ({above - index} * (n - {low}) + {width - 1}) // {width}")
    beyond = "NULL" if item in CAPPED_SINCE_NEW and standard == OLD else str(INDICES[len(bounds) - 1])
    return f"CASE WHEN n IS NULL THEN NULL {' '.join(pieces)} ELSE {beyond} END"


def _of_units(item: str) -> str:
    old, new = _pieces(item, OLD), _pieces(item, NEW)
    dated = f"WHEN {_IS_NEW} THEN {new}" if old != new else ""
    return f"CAST(CASE {dated} WHEN day IS NOT NULL THEN {old} END AS INTEGER)"


def _named(value: str, name: str, body: str) -> str:
    return f"list_transform([{value}], lambda {name}: {body})[1]"


_UNKNOWN = "CAST(error('iaqi: no item ''' || item || '''') AS INTEGER)"
_CHOICE = " ".join(f"WHEN {literal(item)} THEN rongtong_iaqi_{item}(n, day)" for item in items())
_CHOSEN = f"CASE item {_CHOICE} ELSE CASE WHEN item IS NOT NULL THEN {_UNKNOWN} END END"
_COUNTED = "CASE WHEN starts_with(item, 'co_') THEN rongtong_units_10(value) ELSE rongtong_units_1(value) END"

_ARGUMENTS = ", ".join(f"{item} := NULL" for item in DAILY[OLD])
_NAMES = "[" + ", ".join(literal(item) for item in DAILY[OLD]) + "]"


def _of_day(item: str) -> str:
    index = f"rongtong_iaqi_{item}(rongtong_units_{unit(item)}({item}), day)"
    return index if item in DAILY[NEW] else f"CASE WHEN {_IS_NEW} THEN NULL ELSE {index} END"


_OF_DAY = "[" + ", ".join(_of_day(item) for item in DAILY[OLD]) + "]"
_HIGHEST = (
    f"CASE WHEN list_max(i) > 100 OR ({' AND '.join(f'{item} IS NOT NULL' for item in DAILY[NEW])}"
    f" AND (o3_1h IS NOT NULL OR {_IS_NEW})) THEN list_max(i) END"
)
_LEADING = _named(
    f"({_HIGHEST})",
    "h",
    f"CASE WHEN h > 50 THEN list_filter({_NAMES}, lambda item, place: i[place] = h) WHEN h IS NOT NULL THEN [] END",
)


def _level(place: int) -> str:
    values = [(high, literal(str(row[place])) if place > 0 else str(row[0])) for high, *row in LEVELS]
    pieces = " ".join(f"WHEN index <= {high} THEN {value}" for high, value in values if high)
    return f"CASE WHEN index IS NULL THEN NULL {pieces} ELSE {values[-1][1]} END"


MACROS = {
    "rongtong_units_1(value)": _read(1),
    "rongtong_units_10(value)": _read(10),
    **{f"rongtong_iaqi_{item}(n, day)": _of_units(item) for item in items()},
    "aqi_standard(day)": f"CASE WHEN {_IS_NEW} THEN '{NEW}' WHEN day IS NOT NULL THEN '{OLD}' END",
    "iaqi(item, value, day)": _named(_COUNTED, "n", _CHOSEN),
    f"aqi(day, {_ARGUMENTS})": _named(_OF_DAY, "i", _HIGHEST),
    f"primary_pollutants(day, {_ARGUMENTS})": _named(_OF_DAY, "i", _LEADING),
    "aqi_level(index)": _level(0),
    "aqi_category(index)": _level(1),
    "aqi_colour(index)": _level(2),
}
