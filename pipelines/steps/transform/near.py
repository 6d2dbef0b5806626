"""The span of time around the partitions that are made anew, as a bound that lets the lake leave files unread."""

import re
from datetime import date

import pipelines.lake.columns as columns
from pipelines.contracts.model import Incremental
from pipelines.lake.connection import Connection
from pipelines.names import quoted

PARTITIONS = 'temp."_partitions"'
_DAY_OF = re.compile(r'CAST\(\s*"?(\w+)"?\s+AS\s+DATE\s*\)', re.IGNORECASE)
# How a column's day begins, and how much wider the bound is: where clocks are set back at midnight, hours of a day precede it.
_BOUNDS = {
    "DATE": ("min(p)", "max(p) + 1"),
    "TIMESTAMP": ("CAST(min(p) AS TIMESTAMP)", "CAST(max(p) + 1 AS TIMESTAMP)"),
    "TIMESTAMP WITH TIME ZONE": (
        "CAST(min(p) AS TIMESTAMPTZ) - INTERVAL 3 HOUR",
        "CAST(max(p) + 1 AS TIMESTAMPTZ) + INTERVAL 3 HOUR",
    ),
}


def near_days(con: Connection, by: Incremental) -> str:
    """Return a condition, beginning with AND, that every row of the days in temp._partitions meets; '' where none is known.

    The files' statistics are of the column and not of its day: only a bound on the column itself spares files, and rows the
    dear question which day an instant is.
    """
    of_day = _DAY_OF.fullmatch(by.expression.strip())
    if of_day is None:
        return ""
    column = of_day.group(1)
    kind = columns.present(con, "ods", by.source.partition(".")[2]).get(column, "")
    days = con.execute(f"SELECT min(p), max(p) FROM {PARTITIONS}").fetchone()
    if kind not in _BOUNDS or days is None or not all(isinstance(day, date) and 1 < day.year < 9999 for day in days):
        return ""
    low, high = _BOUNDS[kind]
    row = con.execute(f"SELECT CAST({low} AS VARCHAR), CAST({high} AS VARCHAR) FROM {PARTITIONS}").fetchone()
    assert row is not None
    return f" AND {quoted(column)} >= {kind} '{row[0]}' AND {quoted(column)} < {kind} '{row[1]}'"
