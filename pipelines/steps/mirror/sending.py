"""Rows from DuckDB to PostgreSQL: DuckDB writes PostgreSQL's own binary COPY into a pipe, which is read into the open transaction."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg

from pipelines.errors import EnvironmentFault
from pipelines.lake.connection import Connection
from pipelines.lake.extensions import load_extensions
from pipelines.names import literal, quoted
from pipelines.steps.mirror.lake_tables import LakeTable

_PART = 1 << 18


def prepare_sending(con: Connection) -> None:
    """Teach a connection PostgreSQL's format, in which no text can hold a NUL character: it is left out.

    One thread is enough to keep PostgreSQL busy; a second spins beside it while the pipe is full, for a whole core at times.
    """
    load_extensions(con, "postgres_scanner")
    con.execute("SET pg_null_byte_replacement = ''")
    con.execute("SET threads = 1")


def send_rows(con: Connection, pg: psycopg.Connection, table: LakeTable, rows: int) -> None:
    """Add a table's rows to its mirror, memory bounded by the pipe; EnvironmentFault when not all of `rows` arrived."""
    names = ", ".join(quoted(column.name) for column in table.columns)
    command = f"COPY {table.sql_name} ({names}) FROM STDIN (FORMAT binary)"
    with pg.cursor() as cursor, _written(con, table.rows_sql()) as parts:
        with cursor.copy(command.encode()) as copy:
            for part in parts:
                copy.write(part)
        if cursor.rowcount != rows:
            raise EnvironmentFault(f"[mirror] {table.full_name}: {cursor.rowcount} of {rows} rows arrived.")


@contextmanager
def _written(con: Connection, query: str) -> Iterator[Iterator[bytes]]:
    """The bytes a thread makes of the query; its error is raised where the bytes end. Leaving early breaks its pipe."""
    reading, writing = os.pipe()

    def produce() -> None:
        try:
            target = literal(f"/dev/fd/{writing}")
            con.execute(f"COPY ({query}) TO {target} (FORMAT postgres_binary, USE_TMP_FILE false)")
        finally:
            os.close(writing)

    with ThreadPoolExecutor(1) as pool:
        producing = pool.submit(produce)

        def parts() -> Iterator[bytes]:
            while part := os.read(reading, _PART):
                yield part
            producing.result()

        try:
            yield parts()
        finally:
            os.close(reading)
