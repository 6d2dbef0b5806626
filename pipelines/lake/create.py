"""Creating a lake: folders, catalogue, schemas and the ledger. Running it again changes nothing."""

from importlib.resources import files

from pipelines.errors import EnvironmentFault
from pipelines.lake.connection import Connection, attach, bare_connection, lake_exists
from pipelines.lake.extensions import load_extensions
from pipelines.lake.faults import faults_translated
from pipelines.lake.lock import write_lock
from pipelines.lake.transaction import transaction
from pipelines.settings import Settings


def open_for_writing(settings: Settings, *, timezone: str = "Asia/Shanghai") -> Connection:
    """Return a connection that may write the lake, creating the lake first when there is none."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        (settings.home / "data").mkdir(exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"[home] cannot create {settings.home}: {error}. Hint: set RONGTONG_HOME.") from error
    con = bare_connection(settings, timezone=timezone)
    load_extensions(con, "spatial")
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
        for script in ("schemas.sql", "ledger.sql"):
            if not _has_ledger(con):
                _run(con, script)


def _run(con: Connection, script: str) -> None:
    with transaction(con):
        for statement in files("pipelines.lake").joinpath(script).read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                con.execute(statement)
        con.execute("CALL city.set_commit_message('rongtong', 'create the lake')")


def _has_ledger(con: Connection) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'city' AND schema_name = 'quality' AND view_name = 'standing'"
    ).fetchone()
    return bool(found and found[0])
