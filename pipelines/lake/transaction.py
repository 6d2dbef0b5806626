"""One write transaction: lock first, then BEGIN, then all or nothing."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from pipelines.errors import LockHeld
from pipelines.lake.connection import Connection
from pipelines.lake.faults import faults_translated
from pipelines.lake.lock import file_lock, try_advisory_lock
from pipelines.settings import Settings


@contextmanager
def write_transaction(
    con: Connection, settings: Settings, *, dataset: str | None, who: str, keep: bool = True
) -> Iterator[None]:
    """Run a block inside one locked transaction and commit it; any error, or `keep` False, rolls it back.

    `dataset` is what the transaction publishes; None takes the whole lake (DDL, maintenance). Raises LockHeld,
    CatalogueBusy, DiskFull; nothing is visible to others before the commit.
    """
    with faults_translated():
        if settings.catalogue:
            _begin_with_advisory_lock(con, settings, dataset, who)
            with _transaction(con, keep):
                yield
        else:
            with file_lock(settings.home / "catalog.lock", seconds=settings.lock_seconds, who=who):
                con.execute("BEGIN TRANSACTION")
                with _transaction(con, keep):
                    yield


@contextmanager
def _transaction(con: Connection, keep: bool) -> Iterator[None]:
    try:
        yield
    except BaseException:
        rollback(con)
        raise
    if keep:
        try:
            con.execute("COMMIT")
        except BaseException:
            rollback(con)
            raise
    else:
        rollback(con)


def rollback(con: Connection) -> None:
    """Roll back whatever is open; a transaction that an error already ended is not an error."""
    with suppress(duckdb.TransactionException):
        con.execute("ROLLBACK")


def _begin_with_advisory_lock(con: Connection, settings: Settings, dataset: str | None, who: str) -> None:
    deadline = time.monotonic() + settings.lock_seconds
    while True:
        con.execute("BEGIN TRANSACTION")
        try:
            if try_advisory_lock(con, dataset):
                return
        except BaseException:
            rollback(con)
            raise
        rollback(con)
        if time.monotonic() >= deadline:
            raise LockHeld(
                f"[lock] {who}: the write lock of {dataset or 'the lake'} is held by another session; waited "
                f"{settings.lock_seconds:g} s. Hint: see pg_locks (locktype advisory) for its pid; or raise RONGTONG_LOCK_SECONDS."
            )
        time.sleep(random.uniform(0.03, 0.1))
