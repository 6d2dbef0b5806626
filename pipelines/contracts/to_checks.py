"""From the quality entries of a contract file to row checks (our own SQL) and batch checks (ODCS metrics, SQL)."""

import math
import re
from typing import Any

from pipelines.contracts.model import BatchCheck, RowCheck
from pipelines.contracts.to_column import to_tolerance
from pipelines.names import quoted

_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")


def to_row_check(raw: dict[str, Any]) -> RowCheck:
    """Return the row check in an entry of type custom."""
    implementation = raw["implementation"]
    given = {"severity": raw.get("severity"), "maxPct": implementation.get("maxPct")}
    known = {key: value for key, value in given.items() if value is not None}
    return RowCheck(
        name=raw.get("name", ""),
        condition=implementation["rows"].strip(),
        description=raw.get("description", ""),
        dimension=implementation.get("dimension", "0402"),
        tolerance=to_tolerance(known) if known else None,
    )


def to_batch_check(raw: dict[str, Any], column: str) -> BatchCheck:
    """Return the batch check in an entry of type library or sql; `column` is the one it stands at, or ''."""
    metric: Any = "sql" if raw.get("type") == "sql" else raw["metric"]
    unit = raw.get("unit", "rows")
    minimum, maximum = bounds(raw, whole=metric != "sql" and unit == "rows")
    named = raw.get("arguments", {}).get("properties", ())
    query = raw.get("query", "").strip()
    return BatchCheck(
        name=raw.get("name") or default_name(metric, column),
        metric=metric,
        columns=(column,) if column else tuple(named),
        minimum=minimum,
        maximum=maximum,
        unit=unit,
        severity=raw.get("severity", "error"),
        query=query.replace("${column}", quoted(column)) if column else query,
        description=raw.get("description", ""),
    )


def default_name(metric: str, column: str) -> str:
    """Return the name of a check that has none.

    >>> default_name("nullValues", "speed"), default_name("rowCount", "")
    ('speed_null_values', 'row_count')
    """
    words = _CAPITAL.sub(r"_\1", metric).lower()
    return f"{column}_{words}" if column else words


def bounds(raw: dict[str, Any], whole: bool) -> tuple[float | None, float | None]:
    """Return the inclusive bounds of an entry; `whole`: it counts, so above 3 is at least 4.

    >>> bounds({"mustBeGreaterThan": 3}, whole=True), bounds({"mustBeBetween": [1, 2]}, whole=True)
    ((4, None), (1, 2))
    """
    if "mustBe" in raw:
        return raw["mustBe"], raw["mustBe"]
    if "mustBeBetween" in raw:
        low, high = raw["mustBeBetween"]
        return low, high
    low, high = raw.get("mustBeGreaterOrEqualTo"), raw.get("mustBeLessOrEqualTo")
    if "mustBeGreaterThan" in raw:
        low = _above(raw["mustBeGreaterThan"], whole)
    if "mustBeLessThan" in raw:
        high = _below(raw["mustBeLessThan"], whole)
    return low, high


def _above(value: float, whole: bool) -> float:
    return math.floor(value) + 1 if whole else math.nextafter(value, math.inf)


def _below(value: float, whole: bool) -> float:
    return math.ceil(value) - 1 if whole else math.nextafter(value, -math.inf)
