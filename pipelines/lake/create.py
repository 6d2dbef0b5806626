"""Creating a lake: folders, catalogue, schemas and the ledger. Running it again changes nothing."""

import re
from importlib.resources import files

from pipelines.errors import EnvironmentFault
from pipelines.lake.connection import Connection, attach, bare_connection, lake_exists
from pipelines.lake.faults import faults_translated
from pipelines.lake.lock import write_lock
from pipelines.lake.transaction import transaction
from pipelines.settings import Settings

_MADE = re.compile(r"^CREATE (?:TABLE|VIEW) IF NOT EXISTS city\.quality\.(\w+)", re.MULTILINE)


def open_for_writing(settings: Settings, *, timezone: str = "") -> Connection:
    """Return a connection that may write the lake, creating the lake first when there is none."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        (settings.home / "data").mkdir(exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"[home] cannot create {settings.home}: {error}. Hint: set RONGTONG_HOME.") from error
    con = bare_connection(settings, timezone=timezone)
    there = lake_exists(settings)
    if there:
        attach(con, settings, read_only=False)
    if not there or not _has_ledger(con):
        _create(con, settings)
    return con


def _create(con: Connection, settings: Settings) -> None:
    """Make catalogue and ledger while nobody else does; DuckLake's own making of a catalogue is not safe against that."""
    with faults_translated(), write_lock(con, settings, dataset=None, who="create the lake"):
        attach(con, settings, read_only=False)
        if not _ledger(con):
            for script in ("schemas.sql", "ledger.sql"):
                _run(con, _statements(script), "create the lake")
        else:  # a lake of an earlier release: only what it lacks, for the options must come before any view
            _run(con, list(_lacking(con).values()), "extend the ledger")


def _run(con: Connection, statements: list[str], told: str) -> None:
    with transaction(con):
        for statement in statements:
            con.execute(statement)
        con.execute("CALL city.set_commit_message('rongtong', ?)", [told])


def _statements(script: str) -> list[str]:
    text = files("pipelines.lake").joinpath(script).read_text(encoding="utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


def ledger_statements() -> list[str]:
    """Return the statements that make the ledger's tables and views in `city.quality`."""
    return [statement for statement in _statements("ledger.sql") if _MADE.search(statement)]


def _has_ledger(con: Connection) -> bool:
    return bool(_ledger(con)) and not _lacking(con)


def _lacking(con: Connection) -> dict[str, str]:
    """Tables and views of this release's ledger that the lake does not have, each with the statement that makes it."""
    wanted = {
        found.group(1): statement for statement in _statements("ledger.sql") if (found := _MADE.search(statement))
    }
    have = _ledger(con)
    return {name: statement for name, statement in wanted.items() if name not in have}


def _ledger(con: Connection) -> set[str]:
    """Names of the ledger's tables and views, once it is there as a whole."""
    found = con.execute(
        "SELECT view_name FROM duckdb_views() WHERE database_name = 'city' AND schema_name = 'quality' "
        "UNION ALL SELECT table_name FROM duckdb_tables() WHERE database_name = 'city' AND schema_name = 'quality'"
    ).fetchall()
    names = {str(row[0]) for row in found}
    return names if "standing" in names else set()
