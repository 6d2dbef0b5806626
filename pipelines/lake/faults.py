"""What DuckDB and its catalogues say when our own side fails, translated into the errors a user and Airflow act on."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from pipelines.errors import (
    CatalogueBusy,
    ContractError,
    DiskFull,
    EngineFault,
    EnvironmentFault,
    Problem,
    ReaderStumbled,
    RongtongError,
    SourceError,
)

log = logging.getLogger(__name__)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# A macro of the standards raises an error of its own by a cast that cannot be, which DuckDB quotes.
_OUR_WORDS = re.compile(r"\[(?P<rule>[a-z0-9-]+)\] (?P<words>[^']*)")
_WAYS_ON = {"calendar": "add the year to schemas/_shared/calendar.csv when it is announced, or upgrade Rongtong."}

_BUSY = ("database is locked", "transaction conflict", "could not serialize", "deadlock detected", "has been altered")
_FULL = (
    "no space left",
    "disk quota exceeded",
    "could not write",
    "file too large",
    "out of disk",
    "max_temp_directory",
)
_LOST = ("could not connect", "connection refused", "server closed the connection", "terminating connection")


def without_password(text: str) -> str:
    """Return a message with the passwords of connection URLs blanked.

    >>> without_password("postgresql://ann:secret@db/city password=x")
    'postgresql://ann:…@db/city password=…'
    """
    return re.sub(r"(://[^:@/\s]+):[^@\s]*@", r"\1:…@", re.sub(r"password=\S+", "password=…", text))


def as_fault(error: duckdb.Error) -> RongtongError | None:
    """Return the error to raise instead, or None when the message is not one of the environment's."""
    text = str(error)
    low = text.lower()
    first = without_password(text.splitlines()[0])[:300]
    if any(mark in low for mark in _FULL):
        return DiskFull(f"[disk] {first} Hint: free space where RONGTONG_HOME lives; nothing was published.")
    if any(mark in low for mark in _BUSY):
        return CatalogueBusy(f"[catalogue-busy] {first} Hint: try again; nothing was published.")
    if any(mark in low for mark in _LOST):
        return EnvironmentFault(f"[catalogue-lost] {first} Hint: is the catalogue's PostgreSQL up?")
    if isinstance(error, duckdb.OutOfMemoryException):
        return EnvironmentFault(f"[memory] {first} Hint: raise RONGTONG_MEMORY.")
    return None


@contextmanager
def damage_is_the_files(file: str) -> Iterator[None]:
    """Tell a database error met while reading a binary file as the file's damage, unless it is the environment's fault."""

    def told(error: duckdb.Error) -> SourceError:
        first = _QUOTED.sub("…", str(error).splitlines()[0])[:200]
        return SourceError(f"{file}: [damaged] the file cannot be read to its end ({first}). Hint: send it again.")

    with _told_as(told):
        yield


@contextmanager
def stumbling_is_the_readers() -> Iterator[None]:
    """Raise ReaderStumbled where the database fails over a text file, unless it is the environment's fault."""
    with _told_as(lambda error: ReaderStumbled(str(_unforeseen(error)))):
        yield


@contextmanager
def failure_is_the_models(file: str) -> Iterator[None]:
    """Tell an error met while a SELECT computes as its file's problem, in the macro's own words where one raised it, unless
    it is the environment's fault. The values it quotes are left out."""

    def told(error: duckdb.Error) -> ContractError:
        first = str(error).splitlines()[0]
        ours = _OUR_WORDS.search(first)
        if ours:
            return ContractError(
                [Problem(file, None, ours["rule"], f"{ours['words']}.", _WAYS_ON.get(ours["rule"], ""))]
            )
        text = _QUOTED.sub("…", first)[:300].rstrip(".")
        hint = "TRY_CAST, or leave such rows out in the SELECT."
        return ContractError([Problem(file, None, "model-run", f"DuckDB: {text}.", hint)])

    with _told_as(told):
        yield


@contextmanager
def _told_as(tell: Callable[[duckdb.Error], RongtongError]) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise as_fault(error) or tell(error) from error


def _unforeseen(error: duckdb.Error) -> EngineFault:
    log.debug("unforeseen database error", exc_info=error)
    first = _QUOTED.sub("…", str(error).splitlines()[0])[:300]
    return EngineFault(
        f"[engine] {first} Nothing was published. Hint: this is a fault of ours; please report it with the batch's file name."
    )


@contextmanager
def faults_translated() -> Iterator[None]:
    """Raise DuckDB's errors as our own: the environment's faults by their kind, others without the values they quote."""
    try:
        yield
    except duckdb.Error as error:
        raise as_fault(error) or _unforeseen(error) from error
    except OSError as error:
        if error.errno in (28, 122):
            raise DiskFull(f"[disk] {error}. Hint: free space; nothing was published.") from error
        raise
