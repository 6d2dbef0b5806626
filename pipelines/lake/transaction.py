"""One write transaction: lock first, then BEGIN, then all or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from pipelines.lake.connection import Connection
from pipelines.lake.faults import faults_translated
from pipelines.lake.lock import write_lock
from pipelines.settings import Settings


@contextmanager
def write_transaction(
    con: Connection, settings: Settings, *, dataset: str | None, who: str, keep: bool = True
) -> Iterator[None]:
    """Run a block inside one locked transaction and commit it; any error, or `keep` False, rolls it back.

    `dataset` is what the transaction publishes; None takes the whole lake (DDL, maintenance). Raises LockHeld,
    CatalogueBusy, DiskFull; nothing is visible to others before the commit.
    """
    with faults_translated(), write_lock(con, settings, dataset=dataset, who=who), transaction(con, keep=keep):
        yield


@contextmanager
def transaction(con: Connection, *, keep: bool = True) -> Iterator[None]:
    """Run a block inside one transaction, with no lock: committed at its end, rolled back after any error or without `keep`."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        con.execute("COMMIT" if keep else "ROLLBACK")
    except BaseException:
        rollback(con)
        raise


@contextmanager
def joined_as_written(con: Connection) -> Iterator[None]:
    """Make every join inside the block build its table from its right side.

    DuckLake tells the planner nothing about rows the open transaction wrote, so it takes a batch of millions for a few
    hundred rows and builds from that.
    """
    con.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        con.execute("RESET disabled_optimizers")


def rollback(con: Connection) -> None:
    """Roll back whatever is open; a transaction that an error already ended is not an error."""
    with suppress(duckdb.TransactionException):
        con.execute("ROLLBACK")
