"""Reads a table or a query of a department's database into one Parquet file, streamed, in order, within bounds.

The file holds text, spelled one way whatever the driver, so the same rows are the same bytes and the contract judges
them like those of any other delivery. What a column held (text, number, timestamp …) stands in the file's metadata.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.contracts.pulling import Pull, Sql
from pipelines.errors import EnvironmentFault, SourceError
from pipelines.sources.faults import refusal, writing_into
from pipelines.sources.transports.sql_faults import retold
from pipelines.sources.transports.sql_query import Mark, statement_of
from pipelines.sources.transports.values import Unreadable, spelled

_METADATA = b"rongtong"
_PART = 5_000
_GROUP_ROWS, _GROUP_BYTES = 100_000, 64 << 20
_CONNECT_S = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of a database: `url` is its secret (in no message), `shown` what it is called.

    `key` are names by which the contract's key columns may go; `since` the lowest watermark wanted; `parameters` the query's.
    """

    url: str = field(repr=False)
    shown: str
    sql: Sql
    pull: Pull
    key: Sequence[frozenset[str]] = ()
    since: Mark | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was read: its rows, the greatest watermark (None without one), the kind of each column, and notes."""

    rows: int
    upto: Mark | None
    kinds: Mapping[str, str]
    notes: tuple[str, ...] = ()


def draw(asked: Asked, target: Path) -> Drawn:
    """Write the rows to `target` as Parquet and return what they were; the database is only read.

    SourceError: refused login, wrong table or query, more than the bounds allow, a column that changes its kind.
    EnvironmentFault: the database does not answer, goes away, or takes longer than its minutes.
    """
    with writing_into(target.parent), retold(asked.shown):
        url = _with_driver(sa.make_url(asked.url))
        engine = sa.create_engine(
            url, poolclass=sa.pool.NullPool, hide_parameters=True, connect_args=_connecting(url.get_backend_name())
        )
        try:
            with engine.connect() as con, _in_time(con, asked) as over:
                return _copied(con, asked, target, over)
        finally:
            engine.dispose()


def kinds_in(file: Path) -> Mapping[str, str]:
    """Return the kind of each column as `draw` wrote it into a file; empty for another's file."""
    try:
        said = (pq.read_metadata(file).metadata or {}).get(_METADATA)
    except (pa.ArrowException, OSError):
        return {}
    kinds: dict[str, str] = json.loads(said)["kinds"] if said else {}
    return kinds


def _with_driver(url: sa.URL) -> sa.URL:
    """A PostgreSQL URL that names no driver means the one that is installed."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _connecting(backend: str) -> dict[str, Any]:
    return {"connect_timeout": _CONNECT_S} if backend in {"postgresql", "mysql", "mariadb"} else {}


@contextmanager
def _in_time(con: sa.Connection, asked: Asked) -> Iterator[threading.Event]:
    """Stop the database when its minutes are over, also while it gives nothing at all; the event says they are."""
    over = threading.Event()
    driver: Any = con.connection.driver_connection

    def stop() -> None:
        over.set()
        (getattr(driver, "cancel_safe", None) or getattr(driver, "cancel", None) or driver.close)()

    timer = threading.Timer(asked.pull.max_minutes * 60, stop)
    timer.daemon = True
    timer.start()
    try:
        yield over
    except sa.exc.SQLAlchemyError:
        if over.is_set():
            raise _too_long(asked) from None
        raise
    finally:
        timer.cancel()


def _too_long(asked: Asked) -> EnvironmentFault:
    return EnvironmentFault(
        f"{asked.shown}: [sql-lost] the rows are not here after {asked.pull.max_minutes:g} minutes (pull.maxMinutes); "
        "nothing was published. Hint: ask for less, or raise it."
    )


def _copied(con: sa.Connection, asked: Asked, target: Path, over: threading.Event) -> Drawn:
    statement, notes = statement_of(con, asked.sql, asked.key, asked.since, asked.parameters)
    streaming = {
        "stream_results": True,
        "max_row_buffer": _PART,
    }  # a cursor of the server's: never the whole result here
    with closing(con.execute(statement, dict(asked.parameters), execution_options=streaming)) as result:
        names = _headings(asked, list(result.keys()))
        with closing(_Writing(asked, names, target)) as writing:
            for part in result.partitions(_PART):
                writing.take(part)
                if over.is_set():
                    raise _too_long(asked)
            return writing.finish(notes)


def _headings(asked: Asked, names: list[str]) -> list[str]:
    low = [name.lower() for name in names]
    twice = sorted({name for name in names if low.count(name.lower()) > 1})
    if twice:
        raise refusal(asked.shown, "sql", f"columns come more than once: {', '.join(twice)}.", "name them in the query")
    return names


class _Writing:
    """Collects rows into row groups of a bounded size and writes them; text alone, its kinds beside."""

    def __init__(self, asked: Asked, names: Sequence[str], target: Path) -> None:
        self._asked, self._names, self._target = asked, names, target
        self._schema = pa.schema([(name, pa.string()) for name in names])
        self._writer: pq.ParquetWriter | None = pq.ParquetWriter(target, self._schema, compression="zstd")
        self._held: list[pa.RecordBatch] = []
        self._kinds: dict[str, str] = dict.fromkeys(names, "")
        self._mark = _index(asked, names)
        self._upto: Mark | None = None
        self._rows = 0

    def take(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows, and write what has gathered when it is a row group."""
        self._rows += len(rows)
        if self._rows > self._asked.pull.max_rows:
            message = f"more than {self._asked.pull.max_rows} rows come (pull.maxRows); reading stopped, nothing was published."
            raise refusal(self._asked.shown, "too-large", message, "read by watermark, ask for less, or raise it")
        columns = list(zip(*rows, strict=True))
        self._held.append(
            pa.record_batch(
                [self._column(*pair) for pair in zip(self._names, columns, strict=True)], schema=self._schema
            )
        )
        if self._mark is not None:
            self._raise_mark(columns[self._mark])
        if (
            sum(batch.num_rows for batch in self._held) >= _GROUP_ROWS
            or sum(batch.nbytes for batch in self._held) >= _GROUP_BYTES
        ):
            self._write()

    def finish(self, notes: tuple[str, ...]) -> Drawn:
        """Write the rest and the file's end, and return what was read."""
        self._write()
        if self._writer:
            said = json.dumps({"kinds": self._kinds}, ensure_ascii=False, sort_keys=True)
            self._writer.add_key_value_metadata({_METADATA.decode(): said})
        self.close()
        return Drawn(self._rows, self._upto, dict(self._kinds), notes)

    def close(self) -> None:
        """Let go of the file."""
        writer, self._writer = self._writer, None
        if writer:
            writer.close()

    def _column(self, name: str, values: Sequence[Any]) -> pa.Array:
        try:
            texts, kind = spelled(values)
        except Unreadable as error:
            raise refusal(self._asked.shown, "sql-type", f"column '{name}' {error}.", "cast it in a query") from None
        before = self._kinds[name]
        if kind and before and kind != before:
            message = f"column '{name}' changes from {before} to {kind} while it is read."
            raise refusal(self._asked.shown, "sql-type", message, "cast it in a query")
        self._kinds[name] = before or kind
        return texts

    def _raise_mark(self, values: Sequence[Any]) -> None:
        marks = [value for value in values if value is not None]
        if not all(isinstance(mark, int | date) and not isinstance(mark, bool) for mark in marks):
            name = self._asked.sql.watermark
            message = f"the watermark '{name}' holds neither whole numbers nor dates or timestamps."
            raise refusal(self._asked.shown, "watermark", message, "name such a column, or cast it in a query")
        if marks:
            highest = max(marks)
            self._upto = highest if self._upto is None else max(self._upto, highest)

    def _write(self) -> None:
        if self._held and self._writer:
            table = pa.Table.from_batches(self._held, self._schema)
            self._writer.write_table(table, row_group_size=_GROUP_ROWS * 2)
            self._held = []
            if self._target.stat().st_size > self._asked.pull.max_megabytes << 20:
                message = f"more than {self._asked.pull.max_megabytes} MB come (pull.maxMegabytes); reading stopped, nothing was published."
                raise refusal(self._asked.shown, "too-large", message, "read by watermark, ask for less, or raise it")


def _index(asked: Asked, names: Sequence[str]) -> int | None:
    wanted = asked.sql.watermark
    if not wanted:
        return None
    found = [place for place, name in enumerate(names) if name.lower() == wanted.lower()]
    if not found:
        raise refusal(asked.shown, "watermark", f"there is no column '{wanted}'.", f"the source has {', '.join(names)}")
    return found[0]


def refuse_changed(shown: str, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Raise SourceError when a column holds another kind of thing than in the delivery before."""
    changed = [
        (name, before[name], kind) for name, kind in now.items() if kind and before.get(name) and before[name] != kind
    ]
    if changed:
        hint = "if that is right, raise the contract's version"
        texts = [
            str(refusal(shown, "sql-type", f"column '{name}' was {old} and is {new} now.", hint))
            for name, old, new in changed
        ]
        raise SourceError("\n".join(texts))
