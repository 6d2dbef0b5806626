"""What a database driver says, retold: drivers quote values and addresses, and neither may reach a message or a log."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from pipelines.errors import EnvironmentFault, RongtongError, SourceError
from pipelines.sources.faults import refusal

_LOST = ("08", "57", "53", "55", "40", "58", "XX")
_GONE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)
_LOGIN = ("28", "3D")
# Without a session there is no SQLSTATE; a login refused must not be tried again and again.
_LOGIN_WORDS = ("authentication failed", "access denied", "login failed", "invalid username", "no pg_hba.conf entry")


@contextmanager
def retold(shown: str) -> Iterator[None]:
    """Raise what SQLAlchemy and its drivers raise as our own errors about the source called `shown`."""
    try:
        yield
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError, sa.exc.ArgumentError) as error:
        raise _no_driver(shown, error) from None
    except sa.exc.SQLAlchemyError as error:
        raise _retold(shown, error) from None


def _retold(shown: str, error: sa.exc.SQLAlchemyError) -> RongtongError:
    driver = getattr(error, "orig", None)
    state = str(getattr(driver, "sqlstate", None) or "")
    name = type(driver or error).__name__
    code = f"{name}, SQLSTATE {state}" if state else name
    if state[:2] in _LOGIN or any(words in str(driver).lower() for words in _LOGIN_WORDS):
        hint = "see the secret of sql.connection"
        return refusal(shown, "sql-refused", f"the database refuses the login ({code}).", hint)
    if state[:2] == "42":
        said = _identifiers(str(getattr(getattr(driver, "diag", None), "message_primary", "") or ""))
        return refusal(shown, "sql", f"the database cannot run this: {said or code}.", "see ingest.sql")
    if isinstance(error, _GONE) and (not state or state[:2] in _LOST):
        return EnvironmentFault(
            f"{shown}: [sql-lost] the database does not answer or went away ({code}); nothing was published. Hint: try again."
        )
    return refusal(shown, "sql", f"the database could not give its rows ({code}).", "run the query there")


def _no_driver(shown: str, error: Exception) -> SourceError:
    if isinstance(error, ModuleNotFoundError):
        return refusal(
            shown, "sql-driver", f"the driver '{error.name}' is not installed.", "pip install it where rongtong runs"
        )
    if isinstance(error, sa.exc.NoSuchModuleError):
        return refusal(shown, "sql-driver", "no installed driver knows this kind of database.", "see docs/sources.md")
    return refusal(
        shown,
        "sql-driver",
        "the secret of sql.connection is no SQLAlchemy URL.",
        "write dialect+driver://user:password@host/database",
    )


def _identifiers(message: str) -> str:
    """PostgreSQL's sentence on a name or the grammar of the query; single quotes would hold a value.

    >>> _identifiers('relation "a.b" does not exist'), _identifiers("invalid 'x'")
    ('relation "a.b" does not exist', '')
    """
    return "" if re.search("'", message) else message.splitlines()[0] if message else ""
