"""The floor: DuckDB's own scan and write into a DuckLake table with a SQLite catalogue. It guesses types, checks nothing."""

import os
from pathlib import Path

from benchmarks.measuring import Measured, clocked
from pipelines.lake.connection import Connection, attach, bare_connection
from pipelines.names import literal
from pipelines.settings import settings

THREADS = 2


def scan_and_write(file: Path, warm: Path, home: Path) -> Measured:
    """Measure one `CREATE TABLE … AS FROM read_csv(…)` after a small one; the limits are those of our own connection."""
    os.environ["RONGTONG_HOME"] = str(home)
    con = bare_connection(settings())
    attach(con, settings(), read_only=False)
    con.execute(f"SET threads = {THREADS}")
    _write(con, "warm", warm)
    with clocked() as found:
        _write(con, "orders", file)
    con.close()
    return found


def _write(con: Connection, table: str, file: Path) -> None:
    con.execute(f"CREATE TABLE city.{table} AS FROM read_csv({literal(str(file))})")
