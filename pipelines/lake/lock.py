"""The write lock every write transaction starts with: DuckLake itself protects neither ledger nor keys.

SQLite: one `flock` for the whole lake. PostgreSQL: advisory locks, shared on the lake and exclusive on the dataset; DDL
and maintenance take the lake exclusively.
"""

import fcntl
import json
import os
import random
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import LockHeld
from pipelines.lake.connection import Connection
from pipelines.names import literal
from pipelines.settings import Settings

_POLL_SECONDS = 0.05
_LAKE_KEY = 0x52540001
_KEEPER = "rongtong_lock"


@contextmanager
def file_lock(path: Path, *, seconds: float, who: str) -> Iterator[None]:
    """Hold the lake's lock file; LockHeld naming the holder after `seconds`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LockHeld(_held(path, seconds)) from None
                time.sleep(_POLL_SECONDS)
        _sign(handle.fileno(), who)
        try:
            yield
        finally:
            os.ftruncate(handle.fileno(), 0)


def _sign(descriptor: int, who: str) -> None:
    note = json.dumps(
        {"pid": os.getpid(), "who": who, "since": datetime.now().astimezone().isoformat(timespec="seconds")}
    )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, note.encode(), 0)


def _held(path: Path, seconds: float) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        named = f"process {holder['pid']} ({holder['who']}) since {holder['since']}"
    except (ValueError, KeyError, OSError):
        named = "another process"
    return f"[lock] the lake's write lock is held by {named}; waited {seconds:g} s. Hint: try again, or raise RONGTONG_LOCK_SECONDS."


def write_lock(con: Connection, settings: Settings, *, dataset: str | None, who: str) -> AbstractContextManager[None]:
    """Return the lock every write transaction is held under: of one dataset, or (None) of the whole lake."""
    if settings.catalogue:
        return advisory_lock(con, settings, dataset=dataset, who=who)
    return file_lock(settings.home / "catalog.lock", seconds=settings.lock_seconds, who=who)


def advisory_key(dataset: str) -> int:
    """Return the 31-bit key that stands for a dataset in PostgreSQL's advisory locks."""
    return zlib.crc32(dataset.encode()) & 0x7FFFFFFF


@contextmanager
def advisory_lock(con: Connection, settings: Settings, *, dataset: str | None, who: str) -> Iterator[None]:
    """Hold the advisory locks in a transaction of a connection of its own; LockHeld naming the holder.

    Not in the publishing transaction: when two datasets commit at once, DuckLake rolls the loser's PostgreSQL transaction
    back and tries again in a new one, which would no longer hold the lock; and its snapshot must begin after the lock.
    """
    keeper = con.cursor()
    try:
        keeper.execute(f"ATTACH IF NOT EXISTS {literal(settings.catalogue)} AS {_KEEPER} (TYPE postgres)")
        deadline = time.monotonic() + settings.lock_seconds
        while not _took(keeper, dataset, who):
            if time.monotonic() >= deadline:
                raise LockHeld(_told(keeper, settings, dataset))
            time.sleep(random.uniform(0.03, 0.1))
        yield
    finally:
        with suppress(duckdb.Error):
            keeper.execute("ROLLBACK")
        keeper.close()


def _asked(keeper: Connection, query: str) -> list[tuple[Any, ...]]:
    return keeper.execute(f"FROM postgres_query({literal(_KEEPER)}, {literal(query)})").fetchall()


def _took(keeper: Connection, dataset: str | None, who: str) -> bool:
    keeper.execute("BEGIN TRANSACTION")
    name = literal(f"rongtong {os.getpid()} {who}"[:60])
    _asked(keeper, f"SELECT set_config('application_name', {name}, true)")
    if dataset is None:
        query = f"SELECT pg_try_advisory_xact_lock({_LAKE_KEY}, 0) AS got"
    else:
        query = (
            f"SELECT CASE WHEN pg_try_advisory_xact_lock_shared({_LAKE_KEY}, 0) "
            f"THEN pg_try_advisory_xact_lock({_LAKE_KEY}, {advisory_key(dataset) or 1}) ELSE false END AS got"
        )
    if _asked(keeper, query)[0][0]:
        return True
    keeper.execute("ROLLBACK")
    return False


def _told(keeper: Connection, settings: Settings, dataset: str | None) -> str:
    keys = "" if dataset is None else f"AND l.objid IN (0, {advisory_key(dataset) or 1})"
    query = (
        "SELECT DISTINCT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        f"WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {_LAKE_KEY} {keys}"
    )
    holders = _asked(keeper, query)
    named = ", ".join(sorted(str(row[0]) for row in holders)) or "another session"
    return (
        f"[lock] the write lock of {dataset or 'the lake'} is held by {named}; waited {settings.lock_seconds:g} s. "
        "Hint: try again, or raise RONGTONG_LOCK_SECONDS."
    )
