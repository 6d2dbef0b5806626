"""The BI database: one connection, one transaction, one mirror at a time; its errors as ours, without values or passwords."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from pipelines.errors import EnvironmentFault, LockHeld
from pipelines.lake.faults import without_password
from pipelines.settings import Settings

_KEY = 0x52540002
_BUSY_SECONDS = 30
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def run(pg: psycopg.Connection, statement: str) -> None:
    """Run statements that carry no parameters."""
    pg.execute(statement.encode())


@contextmanager
def mirroring(settings: Settings) -> Iterator[psycopg.Connection]:
    """Give the connection inside a transaction that no other mirror shares; committed at the end of the block.

    EnvironmentFault, LockHeld: nothing was changed. PostgreSQL's notices are dropped.
    """
    with _faults_told(), psycopg.connect(settings.bi, application_name="rongtong mirror", connect_timeout=15) as pg:
        _wait_for_others(pg, settings)
        # A table that left or changed its columns waits for the queries that read it; everybody else would wait behind.
        run(pg, f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'; SET LOCAL client_min_messages = error")
        yield pg


def _wait_for_others(pg: psycopg.Connection, settings: Settings) -> None:
    run(pg, f"SET LOCAL lock_timeout = '{max(1, int(settings.lock_seconds * 1000))}ms'")
    try:
        run(pg, f"SELECT pg_advisory_xact_lock({_KEY})")
    except errors.LockNotAvailable:
        raise LockHeld(
            f"[mirror-busy] another mirror is being written; waited {settings.lock_seconds:g} s. Hint: try again, or raise RONGTONG_LOCK_SECONDS."
        ) from None


@contextmanager
def _faults_told() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise _told(error) from None  # what PostgreSQL says may quote values, and the connection's password


def _told(error: psycopg.Error) -> EnvironmentFault:
    text = without_password(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)[:300]
    stays = "The mirror is as it was."
    if isinstance(error, errors.LockNotAvailable):
        return LockHeld(
            f"[mirror-busy] a query in the BI database holds a table that must change for {_BUSY_SECONDS} s. {stays} Hint: try again."
        )
    if isinstance(error, errors.DependentObjectsStillExist):
        hint = "drop what was made on top of it there, mirror, and make it again."
        return EnvironmentFault(f"[mirror-dependent] {text}. {stays} Hint: {hint}")
    if isinstance(error, errors.DuplicateTable):
        hint = "the schemas dim, dws and ads of that database belong to the mirror; rename or drop what somebody made."
        return EnvironmentFault(f"[mirror-foreign] {text}. {stays} Hint: {hint}")
    if isinstance(error, errors.InsufficientPrivilege):
        hint = "the role of RONGTONG_BI_URL must own the database and have CREATEROLE."
        return EnvironmentFault(f"[mirror-rights] {text}. {stays} Hint: {hint}")
    if isinstance(error, psycopg.OperationalError):
        return EnvironmentFault(f"[mirror-lost] {text}. {stays} Hint: is the server of RONGTONG_BI_URL up?")
    return EnvironmentFault(f"[mirror] {_QUOTED.sub('…', text)}. {stays}")
