"""The columns of what is in the lake, and of what a query would give."""

import duckdb

from pipelines.contracts.model import Column
from pipelines.derive.types import duckdb_type
from pipelines.errors import ContractError, Problem
from pipelines.lake.connection import Connection


def present(con: Connection, schema: str, table: str) -> dict[str, str]:
    """Return the columns (name → type) of a table of the lake; empty when there is none."""
    rows = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'city' AND schema_name = ? AND table_name = ? "
        "ORDER BY column_index",
        [schema, table],
    ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def of_table(con: Connection, table: str) -> dict[str, str]:
    """Return the columns (name → type) of one table, given by its full name; empty when there is none.

    The catalogue's listings (`duckdb_tables()` and the like) look at every table of the lake, and so cost what the lake
    is large; a name that is not there ends no transaction.
    """
    try:
        rows = con.execute(f"DESCRIBE {table}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {str(row[0]): str(row[1]) for row in rows}


def spelled(column: Column) -> str:
    """Return a column's type as the catalogue spells it."""
    return duckdb_type(column).replace(", ", ",")


def described(con: Connection, select: str, file: str) -> dict[str, str]:
    """Return the columns (name → type) a SELECT would give; ContractError, naming the file, when DuckDB does not understand it."""
    try:
        rows = con.execute(f"DESCRIBE {select}").fetchall()
    except duckdb.Error as error:
        text = str(error).splitlines()[0].rstrip(".")
        raise ContractError([Problem(file, None, "model-sql", f"DuckDB: {text}.")]) from None
    return {str(row[0]): str(row[1]) for row in rows}
