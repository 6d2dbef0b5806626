"""The air quality index (环境空气质量指数) by HJ 633-2012 and HJ 633-2026, each for its days, in whole numbers: no float decides a ceiling.

Concentrations in µg/m³, carbon monoxide in mg/m³, read to six decimals. A day belongs to the standard in force then: comparing good days across
2026-03-01 needs both sides restated under one. What the index of a whole city is (HJ 663) is not here: the sources at hand
leave its averaging open.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files

OLD, NEW = "HJ 633-2012", "HJ 633-2026"
NEW_SINCE = date(2026, 3, 1)
INDICES = (0, 50, 100, 150, 200, 300, 400, 500)
# In the order of the standard's table; the maximum of one hour of ozone counts in the daily report of 2012 alone.
DAILY = {
    OLD: ("so2_24h", "no2_24h", "pm10_24h", "co_24h", "o3_1h", "o3_8h", "pm25_24h"),
    NEW: ("so2_24h", "no2_24h", "pm10_24h", "co_24h", "o3_8h", "pm25_24h"),
}
# HJ 633-2026 names an index for what exceeds these two columns; the standard of 2012 reports another item instead.
CAPPED_SINCE_NEW = ("so2_1h", "o3_8h")
LEVELS = (
    (50, 1, "优", "#00E400"), (100, 2, "良", "#FFFF00"), (150, 3, "轻度污染", "#FF7E00"), (200, 4, "中度污染", "#FF0000"),
    (300, 5, "重度污染", "#99004C"), (None, 6, "严重污染", "#7E0023"),
)  # fmt: skip
PLACES = 6


def aqi_standard(day: date) -> str:
    """Return the standard in force on a day of observation.

    >>> aqi_standard(date(2026, 2, 28)), aqi_standard(date(2026, 3, 1))
    ('HJ 633-2012', 'HJ 633-2026')
    """
    return NEW if day >= NEW_SINCE else OLD


@cache
def breakpoints() -> Mapping[tuple[str, str], tuple[int, ...]]:
    """Return, by (item, standard), the concentrations at which the index is 0, 50, 100, 150, 200, 300, 400, 500, as far as the table goes."""
    text = files("pipelines.standards").joinpath("aqi_breakpoints.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        bounds = tuple(int(row[f"bp_{index}"]) for index in INDICES if row[f"bp_{index}"])
        for standard in (OLD, NEW):
            if row["standard"] in ("", standard):
                found[row["item"], standard] = bounds
    return found


def items() -> tuple[str, ...]:
    """Return the names of all items that have an index under either standard."""
    return tuple(sorted({item for item, _ in breakpoints()}))


def iaqi(item: str | None, value: Decimal | float | None, day: date | None) -> int | None:
    """Return the individual index of a concentration, rounded up; None where one is missing or the standard of the day has none.

    ValueError for an unknown item and for a negative concentration. What exceeds the table's last column of 500 is 500.

    >>> day = date(2026, 2, 28)
    >>> iaqi("pm25_24h", Decimal(75), day), iaqi("pm25_24h", Decimal(75), NEW_SINCE), iaqi("so2_1h", 900.0, day)
    (100, 114, None)
    """
    if item is None or value is None or day is None:
        return None
    if item not in items():
        raise ValueError(f"iaqi: no item '{item}'")
    if not value >= 0:
        raise ValueError("iaqi: a concentration below zero or not a number")
    standard = aqi_standard(day)
    bounds = breakpoints().get((item, standard))
    return None if bounds is None else _index(_read(value, item), bounds, item, standard)


def unit(item: str) -> int:
    """Return into how many parts a concentration of the item is counted: tenths of mg/m³ for carbon monoxide, whole µg/m³ else."""
    return 10 if item.startswith("co_") else 1


def _read(value: Decimal | float, item: str) -> int:
    """In units, by GB/T 8170 as HJ 633-2026 says: a half goes to the even neighbour."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    exact = exact.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP)
    return int((exact * unit(item)).to_integral_value(ROUND_HALF_EVEN))


def _index(count: int, bounds: Sequence[int], item: str, standard: str) -> int | None:
    for low, high, index, above in zip(bounds, bounds[1:], INDICES, INDICES[1:], strict=False):
        if count <= high * unit(item):
            share = (above - index) * (count - low * unit(item))
            return index - (-share // ((high - low) * unit(item)))
    if item in CAPPED_SINCE_NEW and standard == OLD:
        return None
    return INDICES[len(bounds) - 1]


def aqi(day: date | None, values: Mapping[str, Decimal | float | None]) -> int | None:
    """Return a station-day's index: the highest of its items; None when there is none, or when items lack and it is not above 100.

    HJ 633-2026 §5.3. For days before, the same is done without a confirmed basis. Items that are not the daily report's are ignored.

    >>> aqi(NEW_SINCE, {"pm25_24h": 60.5, "pm10_24h": 50, "so2_24h": 8, "no2_24h": 12, "co_24h": 0.6, "o3_8h": 90})
    100
    >>> aqi(NEW_SINCE, {"pm25_24h": 60.5}), aqi(NEW_SINCE, {"pm25_24h": 75})
    (None, 114)
    """
    known = _known(day, values)
    if day is None or not known:
        return None
    highest = max(known.values())
    missing = [item for item in DAILY[aqi_standard(day)] if values.get(item) is None]
    return None if missing and highest <= 100 else highest


def primary_pollutants(day: date | None, values: Mapping[str, Decimal | float | None]) -> list[str] | None:
    """Return the items that made a station-day's index, several when they tie; empty up to 50, None where there is no index.

    >>> primary_pollutants(NEW_SINCE, {"pm25_24h": 75, "pm10_24h": 20})
    ['pm25_24h']
    """
    highest = aqi(day, values)
    if highest is None:
        return None
    return [item for item, index in _known(day, values).items() if index == highest] if highest > 50 else []


def _known(day: date | None, values: Mapping[str, Decimal | float | None]) -> dict[str, int]:
    if day is None:
        return {}
    found = {item: iaqi(item, values.get(item), day) for item in DAILY[aqi_standard(day)]}
    return {item: index for item, index in found.items() if index is not None}


def aqi_level(index: int | None) -> int | None:
    """Return the level of an index, 1 (优) to 6 (严重污染); None for None.

    >>> [aqi_level(index) for index in (50, 51, 300, 301)]
    [1, 2, 5, 6]
    """
    return None if index is None else next(level for high, level, *_ in LEVELS if high is None or index <= high)


def aqi_category(index: int | None) -> str | None:
    """Return the name of an index's level.

    >>> aqi_category(114)
    '轻度污染'
    """
    level = aqi_level(index)
    return None if level is None else LEVELS[level - 1][2]


def aqi_colour(index: int | None) -> str | None:
    """Return the colour of an index's level, #RRGGBB.

    >>> aqi_colour(114)
    '#FF7E00'
    """
    level = aqi_level(index)
    return None if level is None else LEVELS[level - 1][3]
