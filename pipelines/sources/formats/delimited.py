"""Delimited text: DuckDB's parallel reader where it can be trusted, the exact reader where it cannot."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.contracts.model import Contract
from pipelines.errors import EngineFault
from pipelines.lake.faults import faults_translated
from pipelines.names import literal
from pipelines.sources.header import Head, read_head
from pipelines.sources.landed import Landed
from pipelines.sources.paths import literal_path
from pipelines.sources.quoting import MAX_LINE, MAX_LINES
from pipelines.sources.records import Records
from pipelines.sources.rejected import KEPT_BYTES, UNBALANCED, rejects_in
from pipelines.sources.relation import Reading, Reject

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_MOST_REJECTS = 500_000
_LONGEST_DELIMITER = 4


@dataclass(frozen=True)
class _Delimited(Reading):
    """What both readers share; `quote` is '' when quoting is off."""

    con: "Connection"
    landed: Landed
    head: Head
    quote: str

    def _missing(self, rows: int, rejected: int, newlines_inside: Callable[[], int]) -> int:
        counts, head = self.landed.counts, self.head
        lines = counts.lines - head.lines - (counts.blank - head.blank) - rows - rejected
        return lines - newlines_inside() if lines and self.quote else lines


@dataclass(frozen=True)
class _Native(_Delimited):
    """DuckDB's reader with everything told and nothing guessed; bad lines go to a rejects table of its own."""

    table: str

    def rejects(self) -> list[Reject]:
        path = self.landed.readable
        return rejects_in(self.con, self.table, path, self.quote, len(self.headings), MAX_LINE)

    def exactly(self) -> Reading:
        return _exact(self.con, self.landed, self.head, self.quote)

    def close(self) -> None:
        for table in (self.table, f"{self.table}_scan"):
            self.con.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        rejects = self.rejects()
        missing = self._missing(rows, sum(reject.lines for reject in rejects), newlines_inside)
        # DuckDB misplaces a record with unbalanced quotes, or tells it twice: then its account is worth nothing.
        unbalanced = sum(reject.reason == UNBALANCED for reject in rejects)
        return max(missing, unbalanced) if unbalanced else missing


@dataclass(frozen=True)
class _Exact(_Delimited):
    """Our own reader, as a view that DuckDB scans anew each time; rejected records are rows of it."""

    records: Records

    def close(self) -> None:
        self.con.unregister(self.relation)

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self._missing(rows, self.records.further_lines, newlines_inside)


def open_delimited(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of a landed delimited text."""
    head = read_head(contract, landed)
    quote = contract.ingest.quote if landed.counts.quotes else ""
    if _needs_exactness(landed, head):
        return _exact(con, landed, head, quote)
    native = _native(con, landed, head, quote)
    if _is_doubtful(landed, quote) and not _adds_up(native):
        return native.exactly()
    return native


def _needs_exactness(landed: Landed, head: Head) -> bool:
    counts = landed.counts
    odd = counts.nuls or counts.cr or counts.newline_kinds > 1 or head.records is None
    unclear = counts.blank > head.blank and len(head.headings) == 1  # a blank line, or a row without its only value?
    return bool(odd or unclear or len(head.delimiter.encode()) > _LONGEST_DELIMITER)


def _is_doubtful(landed: Landed, quote: str) -> bool:
    """Whether a record may be as long as what DuckDB keeps of a rejected one: it fails when that splits a character."""
    counts = landed.counts
    odd = bool(quote) and bool(counts.inner or counts.quotes % 2)
    return odd or counts.longest >= KEPT_BYTES


def _adds_up(native: "_Native") -> bool:
    """Read once on a connection of its own, so that no transaction of the caller's is lost if DuckDB fails.

    A value of very many lines may be two quotes that were never closed, and swallow the records between them.
    """
    with native.con.cursor() as cursor:
        trial = replace(native, con=cursor)
        breaks = f"SELECT {native.line_breaks()} AS breaks FROM {native.relation}"
        query = f"SELECT count(*), coalesce(sum(breaks), 0)::BIGINT, coalesce(max(breaks), 0) FROM ({breaks})"
        try:
            with faults_translated():
                rows, inside, most = cursor.execute(query).fetchall()[0]
        except EngineFault:
            return False
        return most < MAX_LINES and trial.unaccounted(rows, lambda: int(inside)) == 0


def _native(con: "Connection", landed: Landed, head: Head, quote: str) -> "_Native":
    table = f"rejects_{uuid.uuid4().hex}"
    return _Native(
        relation=_read_csv(landed.readable, head, quote, table),
        headings=head.headings,
        types=dict.fromkeys(head.headings, "VARCHAR"),
        first_line=head.lines + 1,
        exact=False,
        con=con,
        landed=landed,
        head=head,
        quote=quote,
        table=table,
    )


def _exact(con: "Connection", landed: Landed, head: Head, quote: str) -> Reading:
    records = Records(landed.readable, head.end, head.lines + 1, head.headings, head.delimiter, quote)
    view = f"records_{uuid.uuid4().hex}"
    con.register(view, records)
    return _Exact(
        relation=view,
        headings=head.headings,
        types=dict.fromkeys(head.headings, "VARCHAR"),
        first_line=head.lines + 1,
        exact=True,
        con=con,
        landed=landed,
        head=head,
        quote=quote,
        records=records,
    )


def _read_csv(path: Path, head: Head, quote: str, table: str) -> str:
    """The call of read_csv. The kind of newline is left for DuckDB to see: told '\\r\\n', it can return no row at all."""
    columns = ", ".join(f"{literal(heading)}: 'VARCHAR'" for heading in head.headings)
    return f"""read_csv(
    {literal(literal_path(path))},
    auto_detect = false,
    columns = {{{columns}}},
    header = false,
    skip = {head.records if quote else head.lines},
    delim = {literal(head.delimiter)},
    quote = {literal(quote)},
    escape = {literal(quote)},
    strict_mode = true,
    max_line_size = {MAX_LINE},
    store_rejects = true,
    rejects_table = '{table}',
    rejects_scan = '{table}_scan',
    rejects_limit = {_MOST_REJECTS},
    hive_partitioning = false
)"""
