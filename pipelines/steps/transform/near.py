"""The span of time around the partitions that are made anew, as a bound that lets the lake leave files unread."""

import re
from datetime import date, timedelta

import pipelines.lake.columns as columns
from pipelines.contracts.model import Incremental
from pipelines.lake.connection import Connection
from pipelines.names import quoted

PARTITIONS = 'temp."_partitions"'
_DAY_OF = re.compile(r'CAST\(\s*"?(\w+)"?\s+AS\s+DATE\s*\)', re.IGNORECASE)
_LITERALS = {
    "DATE": "DATE '{}'",
    "TIMESTAMP": "TIMESTAMP '{}'",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '{} 00:00:00+00'",
}
_SPARE = timedelta(days=2)


def near_days(con: Connection, by: Incremental) -> str:
    """Return a condition, beginning with AND, that every row of the days in temp._partitions meets; '' where none is known.

    The files' statistics are of the column and not of its day: only a bound on the column itself spares files. It is two
    days too wide on either side, more than any time zone moves a day.
    """
    of_day = _DAY_OF.fullmatch(by.expression.strip())
    if of_day is None:
        return ""
    column = of_day.group(1)
    literal = _LITERALS.get(columns.present(con, "ods", by.source.partition(".")[2]).get(column, ""))
    row = con.execute(f"SELECT min(p), max(p) FROM {PARTITIONS}").fetchone()
    if literal is None or row is None or not all(isinstance(day, date) and 1 < day.year < 9999 for day in row):
        return ""
    first, last = literal.format(row[0] - _SPARE), literal.format(row[1] + _SPARE)
    return f" AND {quoted(column)} >= {first} AND {quoted(column)} < {last}"
