"""One row of a table by a condition of the user's: DuckDB's words when it does not understand the condition."""

from collections.abc import Mapping
from typing import Any

import duckdb

from pipelines.errors import UsageError
from pipelines.lake.connection import Connection


def asked(con: Connection, statement: str, what: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that holds SQL of a user; UsageError `[where]` with DuckDB's words when it cannot be run."""
    try:
        return con.execute(statement, dict(values or {})).fetchall()
    except (
        duckdb.ParserException,
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.ConversionException,
    ) as error:
        text = str(error).split("\n\nLINE")[0].replace("\n", " ").strip()
        raise UsageError(f"[where] {what}: {text}") from None
