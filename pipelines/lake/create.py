"""Creating a lake: folders, catalogue, schemas and the ledger. Running it again changes nothing."""

from importlib.resources import files

from pipelines.errors import EnvironmentFault
from pipelines.lake.connection import Connection, attach, bare_connection, catalogue_file
from pipelines.lake.extensions import load_extensions
from pipelines.lake.lock import file_lock
from pipelines.lake.transaction import write_transaction
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
    if settings.catalogue:
        attach(con, settings, read_only=False)
        _create_ledger(con, settings)
    elif not catalogue_file(settings).is_file():
        with file_lock(settings.home / "create.lock", seconds=settings.lock_seconds, who="create"):
            attach(con, settings, read_only=False)
            _create_ledger(con, settings)
    else:
        attach(con, settings, read_only=False)
        _create_ledger(con, settings)
    return con


def _create_ledger(con: Connection, settings: Settings) -> None:
    if _has_ledger(con):
        return
    for script in ("schemas.sql", "ledger.sql"):
        with write_transaction(con, settings, dataset=None, who="create the lake"):
            if _has_ledger(con):
                return
            for statement in files("pipelines.lake").joinpath(script).read_text(encoding="utf-8").split(";\n"):
                if statement.strip():
                    con.execute(statement)
            con.execute("CALL city.set_commit_message('rongtong', 'create the lake')")


def _has_ledger(con: Connection) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'city' AND schema_name = 'quality' AND view_name = 'standing'"
    ).fetchone()
    return bool(found and found[0])
