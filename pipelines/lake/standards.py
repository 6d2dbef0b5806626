"""The standards' macros and tables for a connection: a small DuckDB file beside the lake, attached read-only as `standards`.

Defining seventy macros costs some 70 ms a connection, attaching the file 3 ms. The file's name tells what is in it, so a release
that words a macro differently makes its own; whoever may not write there defines them in memory instead.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import duckdb

from pipelines.errors import ContractError
from pipelines.names import literal
from pipelines.settings import Settings
from pipelines.standards.macros import create_standards
from pipelines.standards.working_days import extended, national, read_calendar

SEARCH_PATH = "standards.main"
CITY_CALENDAR = "schemas/_shared/calendar.csv"
_DRAFT = ".standards-"
# Macros that call others find them on the search path, also while they are being defined.
_FIND_EACH_OTHER = f"SET search_path = 'memory.main,{SEARCH_PATH}'"


def add_standards(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Give a connection the standards; their schema must then be on its search path.

    Without IF NOT EXISTS: DuckDB keeps one list of attached files for all connections of a process, and an entry that a
    closed connection left there makes `ATTACH IF NOT EXISTS` wait for ever for a database that nobody attaches. Plain
    ATTACH fails instead, and the macros are defined in memory.
    """
    path = _file(settings)
    if path is not None:
        try:
            con.execute(f"ATTACH {literal(str(path))} AS standards (READ_ONLY)")
            return
        except (duckdb.BinderException, duckdb.IOException):
            pass
    for statement in _in_memory(settings):
        con.execute(statement)


def standards_statements(settings: Settings) -> list[str]:
    """Return the statements that give any DuckDB the standards, as `add_standards` does for ours."""
    path = _file(settings)
    return [f"ATTACH IF NOT EXISTS {literal(str(path))} AS standards (READ_ONLY)"] if path else _in_memory(settings)


def clear_unused(settings: Settings, keep_days: int) -> int:
    """Remove the files of other releases and earlier calendars that nobody opened for that many days; return how many.

    Linux notes who opened a file at least once a day, except on disks mounted with `noatime`: there a file that another
    release still uses may go, and its next session makes it again.
    """
    oldest = time.time() - keep_days * 86400
    found = [*settings.home.glob("standards-*.duckdb"), *settings.home.glob(f"{_DRAFT}*")]
    unused = [path for path in found if path != _path(settings) and _last_used(path) < oldest]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def _last_used(path: Path) -> float:
    """Seconds since 1970; a file that just went away was in use."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return time.time()
    return max(stat.st_atime, stat.st_mtime)


def _in_memory(settings: Settings) -> list[str]:
    return ["ATTACH ':memory:' AS standards", _FIND_EACH_OTHER, *_wording(_city_calendar(settings))[0]]


def _file(settings: Settings) -> Path | None:
    """The file beside the lake, made now if need be; None where there is no lake, or where nothing can be written."""
    path = _path(settings)
    try:
        if not path.is_file():
            if not (settings.home / "data").is_dir():
                return None  # a check or a draft leaves no lake behind where there is none
            _make(path, _wording(_city_calendar(settings))[0])
    except (OSError, duckdb.IOException):
        return None
    return path


def _path(settings: Settings) -> Path:
    return settings.home / f"standards-{_wording(_city_calendar(settings))[1]}.duckdb"


def _city_calendar(settings: Settings) -> str:
    try:
        return (settings.city / CITY_CALENDAR).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""


@lru_cache(maxsize=4)
def _wording(city_calendar: str) -> tuple[tuple[str, ...], str]:
    """The statements and their digest, without the city's own years when its file is not sound, which lint tells."""
    calendar = national()
    if city_calendar:
        with suppress(ContractError):
            calendar = extended(calendar, read_calendar(city_calendar, CITY_CALENDAR))
    statements = create_standards(calendar)
    return statements, hashlib.sha256("\n".join([duckdb.__version__, *statements]).encode()).hexdigest()[:12]


def _make(path: Path, statements: Sequence[str]) -> None:
    draft = path.with_name(f"{_DRAFT}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        con = duckdb.connect()
        try:
            con.execute(f"ATTACH {literal(str(draft))} AS standards")
            for statement in (_FIND_EACH_OTHER, *statements):
                con.execute(statement)
            con.execute("RESET search_path")
            con.execute("DETACH standards")  # which writes the file whole
        finally:
            con.close()
        draft.replace(path)  # of two that made it at once either is right
    finally:
        draft.unlink(missing_ok=True)
