"""The lake, opened for an analyst: a DuckDB connection that says what it is when somebody tries to write."""

from typing import Any

import duckdb

from pipelines.lake import reader
from pipelines.lake.usage import note_use
from pipelines.settings import Settings, settings

_READS = frozenset({"SELECT", "EXPLAIN", "SET", "VARIABLE_SET", "PRAGMA", "CALL", "PREPARE", "EXECUTE", "RELATION"})


class LakeReader:
    """A DuckDB connection that reads the lake; everything DuckDB's own connection has, this has.

    DuckDB answers a DELETE on a view with "Can only delete from base table", which tells nobody why; here the error names
    the lake's being read-only. What runs is not looked at, only what failed.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        con.execute("SET python_scan_all_frames = true")  # so that `from df` finds the caller's frame behind this one
        self._con = con

    def __getattr__(self, name: str) -> Any:
        """Whatever is not said here is the connection's own."""
        return getattr(self._con, name)

    def __enter__(self) -> "LakeReader":
        """Return itself; the end of the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def execute(self, query: Any, parameters: Any = None) -> duckdb.DuckDBPyConnection:
        """Run a statement and return the connection, as DuckDB does."""
        try:
            return self._con.execute(query, parameters) if parameters is not None else self._con.execute(query)
        except duckdb.Error as error:
            raise self._told(error, query) from None

    def sql(self, query: Any, **options: Any) -> Any:
        """Return a relation, as DuckDB does."""
        try:
            return self._con.sql(query, **options)
        except duckdb.Error as error:
            raise self._told(error, query) from None

    query = sql

    def _told(self, error: duckdb.Error, query: Any) -> duckdb.Error:
        if not isinstance(query, str) or "read-only" in str(error):
            return error
        try:
            kinds = [statement.type.name for statement in duckdb.extract_statements(query)]
        except duckdb.Error:
            return error
        writing = [kind for kind in kinds if kind not in _READS]
        if not writing:
            return error
        told = f"[read-only] the lake is open for reading: {writing[0]} is refused. DuckDB: {error}"
        return duckdb.InvalidInputException(told)


def connect(at: str | int | None = None, *, where: Settings | None = None) -> LakeReader:
    """Return a connection that reads the lake (`city`), as it is or at a snapshot id, an ISO time or a pin, and writes nothing."""
    chosen = where or settings()
    con = reader.connect(at, where=chosen)
    note_use(chosen, "connect")  # only the opening can be seen from here
    return LakeReader(con)
