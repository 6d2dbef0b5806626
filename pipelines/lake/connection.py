"""Opening the lake: one DuckDB connection with the catalogue attached as `city`, for writing or for reading."""

import os
import random
import re
import tempfile
import time
from pathlib import Path

import duckdb

from pipelines.contracts.city import load_city
from pipelines.derive.macros import create_macros
from pipelines.errors import CatalogueBusy, ContractError, EnvironmentFault, UsageError
from pipelines.lake.extensions import load_extensions
from pipelines.lake.faults import as_fault, without_password
from pipelines.lake.standards import SEARCH_PATH, add_standards
from pipelines.names import literal
from pipelines.settings import Settings

Connection = duckdb.DuckDBPyConnection
CATALOGUE_FORMAT = "1.0"
USUAL_ZONE = "Asia/Shanghai"
_ATTACH_TRIES = 40


def catalogue_file(settings: Settings) -> Path:
    """The embedded catalogue's file."""
    return settings.home / "catalog.sqlite"


def lake_exists(settings: Settings) -> bool:
    """Whether a lake was created here; EnvironmentFault when a PostgreSQL catalogue cannot be asked."""
    if not settings.catalogue:
        return catalogue_file(settings).is_file()
    con = bare_connection(settings)
    try:
        attach(con, settings, read_only=True)
    except UsageError:
        return False
    finally:
        con.close()
    return True


def attach_sql(settings: Settings, *, read_only: bool, at: str = "") -> str:
    """Return the ATTACH statement; `at` is e.g. "SNAPSHOT_VERSION 7" and puts the whole catalogue at that snapshot."""
    options = ["READ_ONLY"] if read_only else []
    if at:
        options.append(at)
    options.append(f"DATA_PATH {literal(str(settings.home / 'data') + '/')}")
    if settings.catalogue:
        target = f"ducklake:postgres:{settings.catalogue}"
    else:
        # The path given here wins over the stored one, so that the folder of an embedded lake can be moved.
        target = f"ducklake:sqlite:{catalogue_file(settings)}"
        options += ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 5000", "OVERRIDE_DATA_PATH true"]
    return f"ATTACH {literal(target)} AS city ({', '.join(options)})"


def use_sql() -> str:
    """Return the statement that makes the lake the default, the standards' macros behind it."""
    return f"SET search_path = 'city.main,{SEARCH_PATH}'"


def bare_connection(settings: Settings, *, timezone: str = "") -> Connection:
    """Return an in-memory connection with our limits, extensions, reading macros and standards, nothing attached.

    The day or month of an instant is that of `timezone`, the city's unless given.
    """
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", settings.memory_limit, re.IGNORECASE):
        raise UsageError(f"[setting] RONGTONG_MEMORY is '{settings.memory_limit}'. Hint: write it like 1200MB or 4GB.")
    limits = {"memory_limit": settings.memory_limit, "temp_directory": str(_spill_folder(settings))}
    if settings.threads:
        limits["threads"] = str(settings.threads)
    # Unsigned ones are allowed until ours are loaded: see load_extensions.
    con = duckdb.connect(config={**limits, "allow_unsigned_extensions": "true"})
    load_extensions(con, "ducklake", "postgres_scanner" if settings.catalogue else "sqlite_scanner", "spatial")
    con.execute("SET allow_unsigned_extensions = false")
    con.execute(f"SET TimeZone = {literal(timezone or zone_of(settings))}")
    con.execute("SET enable_progress_bar = false")
    for statement in create_macros():
        con.execute(statement)
    add_standards(con, settings)
    con.execute(f"SET search_path = 'memory.main,{SEARCH_PATH}'")
    return con


def zone_of(settings: Settings) -> str:
    """Return the city's zone; the usual one where the city pack cannot be read, which keeps nobody from reading the lake."""
    try:
        return load_city(settings.city).timezone
    except ContractError:
        return USUAL_ZONE


def _spill_folder(settings: Settings) -> Path:
    """The lake's own folder for spilled data; a reader who may not write there gets the system's."""
    try:
        settings.tmp.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return settings.tmp if os.access(settings.tmp, os.W_OK) else Path(tempfile.gettempdir())


def attach(con: Connection, settings: Settings, *, read_only: bool, at: str = "") -> None:
    """Attach the lake as `city` and make it the default; tries again while other processes attach at the same moment."""
    statement = attach_sql(settings, read_only=read_only, at=at).replace("ATTACH ", "ATTACH IF NOT EXISTS ", 1)
    for attempt in range(_ATTACH_TRIES):
        try:
            con.execute(statement)
            con.execute(use_sql())
            return
        except duckdb.Error as error:
            fault = as_fault(error)
            if not isinstance(fault, CatalogueBusy) or attempt == _ATTACH_TRIES - 1:
                raise _attach_error(error, settings, fault) from None  # the cause quotes the catalogue's password
            time.sleep(random.uniform(0.02, 0.2))


def _attach_error(error: duckdb.Error, settings: Settings, fault: Exception | None) -> Exception:
    text = without_password(str(error).splitlines()[0])[:300]
    if "creating a new ducklake is explicitly disabled" in text.lower():
        return UsageError("[no-lake] there is no lake in this catalogue yet. Hint: `rongtong ingest` creates it.")
    if "snapshot" in text.lower():
        return UsageError(f'[snapshot] {text} Hint: `rongtong sql "from city.snapshots()"` lists what is kept.')
    if "readonly database" in text.lower():
        return EnvironmentFault(
            f"[catalogue-owner] {text} The embedded lake belongs to one OS user. Hint: use a PostgreSQL catalogue (RONGTONG_CATALOGUE)."
        )
    if "version" in text.lower() and "ducklake" in text.lower():
        return EnvironmentFault(
            f"[catalogue-format] {text} This release reads format {CATALOGUE_FORMAT}. Hint: upgrade Rongtong."
        )
    where = "RONGTONG_CATALOGUE" if settings.catalogue else str(catalogue_file(settings))
    return fault or EnvironmentFault(f"[catalogue] cannot open {where}: {text}")


def open_for_reading(settings: Settings, *, at: str = "", timezone: str = "") -> Connection:
    """Return a connection that can read the lake and change nothing; UsageError when there is no lake yet."""
    if not settings.catalogue and not lake_exists(settings):
        raise UsageError(
            f"[no-lake] there is no lake in {settings.home} yet. Hint: `rongtong ingest` creates it; or `make demo`."
        )
    con = bare_connection(settings, timezone=timezone)
    attach(con, settings, read_only=True, at=at)
    return con
