"""The lines that DuckDB's CSV reader rejected, told without any of their values and placed by counting bytes."""

from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.lake.columns import of_table
from pipelines.sources.relation import Reject

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

UNBALANCED = "a quote is not closed, or text follows a closing quote"
KEPT_BYTES = 10_000  # how much of a rejected record DuckDB keeps
_STEP = 4 << 20
_MOST_LINES = 1000


def too_long(limit: int) -> str:
    """Return the reason of a line beyond the allowed length."""
    return f"the line is longer than {limit} bytes"


def wrong_width(found: int, wanted: int) -> str:
    """Return the reason of a line with too many or too few fields."""
    return f"{found} field{'' if found == 1 else 's'} where {wanted} are expected"


def rejects_in(con: "Connection", table: str, path: Path, quote: str, width: int, limit: int) -> list[Reject]:
    """Return what DuckDB wrote into its rejects table while scanning `path`, each record once, in the file's order.

    The table grows with every scan and names a record once per missing field, so records are told by their offset.
    """
    if not of_table(con, f"temp.{table}"):
        return []
    found = con.execute(_QUERY.format(table=table, kept=KEPT_BYTES)).fetchall()
    if not found:
        return []
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as view:
        return list(_placed(view, found, quote, width, limit))


# `record` is NULL where DuckDB kept not all of it.
_QUERY = r"""
WITH told AS (
    SELECT
        line_byte_position AS position,
        CASE error_type WHEN 'LINE SIZE OVER MAXIMUM' THEN 4 WHEN 'UNQUOTED VALUE' THEN 3
            WHEN 'TOO MANY COLUMNS' THEN 2 WHEN 'MISSING COLUMNS' THEN 1 ELSE 0 END AS kind,
        TRY_CAST(regexp_extract(error_message, 'Found: (\d+)', 1) AS BIGINT) AS found,
        CASE WHEN strlen(csv_line) < {kept} THEN trim(csv_line, chr(10) || chr(13)) END AS record
    FROM {table}
)
SELECT
    position,
    max(kind),
    CASE max(kind) WHEN 2 THEN max(found) ELSE min(found) END,
    max(strlen(record)),
    max(1 + len(regexp_extract_all(record, '[\r\n]+')))
FROM told
GROUP BY position
ORDER BY position
"""


def _placed(
    view: mmap, found: list[tuple[int, int, int, int | None, int]], quote: str, width: int, limit: int
) -> Iterator[Reject]:
    line, at, last = 1, 0, -1
    for position, kind, fields, length, lines in found:
        start = _first_byte(view, position - 1)  # DuckDB counts from 1, and at times from the newline before
        if start == last:
            continue
        line, at, last = line + _newlines(view, at, start), start, start
        if kind not in (1, 2):  # where the record ends is not certain: the rest of it must be missed
            length, lines = _line_length(view, start), 1
        elif length is None:
            length, lines = _extent(view, start, quote)
        yield Reject(line, start, length, _reason(kind, fields, width, limit), lines)


def _reason(kind: int, fields: int, width: int, limit: int) -> str:
    if kind == 4:
        return too_long(limit)
    if kind == 3:
        return UNBALANCED
    return wrong_width(fields, width) if kind else "the line cannot be read"


def _first_byte(view: mmap, start: int) -> int:
    start = max(start, 0)
    while start < len(view) and view[start] in (10, 13):
        start += 1
    return start


def _newlines(view: mmap, start: int, end: int) -> int:
    return sum(view[at : min(at + _STEP, end)].count(b"\n") for at in range(start, end, _STEP))


def _line_length(view: mmap, start: int) -> int:
    end = view.find(b"\n", start)
    end = len(view) if end < 0 else end
    return end - start - (end > start and view[end - 1] == 13)


def _extent(view: mmap, start: int, quote: str) -> tuple[int, int]:
    """Length and non-blank lines of a record longer than what DuckDB keeps: it ends where its quotes are even."""
    at, lines, quotes = start, 0, 0
    for _ in range(_MOST_LINES):
        length = _line_length(view, at)
        lines += length > 0
        quotes += view[at : at + length].count(quote.encode()) if quote else 0
        newline = view.find(b"\n", at)
        if quotes % 2 == 0 or newline < 0:
            break
        at = newline + 1
    return at + length - start, lines
