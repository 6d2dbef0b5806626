"""The lines that DuckDB's CSV reader rejected, told without any of their values and placed by counting bytes."""

from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.names import literal
from pipelines.sources.relation import Reject

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

UNBALANCED = "a quote is not closed, or text follows a closing quote"
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
    known = con.execute(f"SELECT count(*) FROM duckdb_tables() WHERE table_name = {literal(table)}").fetchone()
    if not known or not known[0]:
        return []
    found = con.execute(_QUERY.format(table=table)).fetchall()
    if not found:
        return []
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as view:
        return list(_placed(view, found, quote, width, limit))


_QUERY = """
SELECT
    line_byte_position,
    max(CASE error_type WHEN 'LINE SIZE OVER MAXIMUM' THEN 4 WHEN 'UNQUOTED VALUE' THEN 3
        WHEN 'TOO MANY COLUMNS' THEN 2 WHEN 'MISSING COLUMNS' THEN 1 ELSE 0 END) AS kind,
    min(TRY_CAST(regexp_extract(error_message, 'Found: (\\d+)', 1) AS BIGINT)) AS fewest,
    max(TRY_CAST(regexp_extract(error_message, 'Found: (\\d+)', 1) AS BIGINT)) AS most
FROM {table}
GROUP BY line_byte_position
ORDER BY line_byte_position
"""


def _placed(
    view: mmap, found: list[tuple[int, int, int | None, int | None]], quote: str, width: int, limit: int
) -> Iterator[Reject]:
    line, at, last = 1, 0, -1
    for position, kind, fewest, most in found:
        start = _first_byte(view, position - 1)  # DuckDB counts from 1, and at times from the newline before
        if start == last:
            continue
        line, at, last = line + _newlines(view, at, start), start, start
        end, lines = _extent(view, start, quote if kind in (1, 2) else "")
        yield Reject(line, start, end - start, _reason(kind, fewest, most, width, limit), lines)


def _reason(kind: int, fewest: int | None, most: int | None, width: int, limit: int) -> str:
    if kind == 4:
        return too_long(limit)
    if kind == 3:
        return UNBALANCED
    if kind in (1, 2):
        return wrong_width(int((most if kind == 2 else fewest) or 0), width)
    return "the line cannot be read"


def _first_byte(view: mmap, start: int) -> int:
    start = max(start, 0)
    while start < len(view) and view[start] in (10, 13):
        start += 1
    return start


def _newlines(view: mmap, start: int, end: int) -> int:
    return sum(view[at : min(at + _STEP, end)].count(b"\n") for at in range(start, end, _STEP))


def _extent(view: mmap, start: int, quote: str) -> tuple[int, int]:
    """End of the record without its newline, and its non-blank physical lines; '' as quote: it is one line."""
    end, lines, quotes = start, 0, 0
    for _ in range(_MOST_LINES):
        stop = view.find(b"\n", end)
        stop = len(view) if stop < 0 else stop
        lines += stop > end and view[end:stop] != b"\r"
        quotes += view[end:stop].count(quote.encode()) if quote else 0
        end = stop
        if quotes % 2 == 0 or stop == len(view):
            break
        end += 1
    return (end - 1 if end > start and view[end - 1] == 13 else end), lines
