"""Whether a contract's row checks are SQL that DuckDB can bind: columns, standards and other functions, numbers of arguments."""

from collections.abc import Iterable

import duckdb

from pipelines.contracts.model import Contract
from pipelines.derive.types import duckdb_type
from pipelines.errors import Problem
from pipelines.lake.connection import Connection, bare_connection
from pipelines.names import quoted
from pipelines.settings import Settings


def binding_problems(settings: Settings, contracts: Iterable[Contract]) -> list[Problem]:
    """Return a problem for every row check that DuckDB refuses over the contract's columns; nothing is read."""
    checked = [contract for contract in contracts if contract.row_checks]
    if not checked:
        return []
    con = bare_connection(settings)
    try:
        return refused_checks(con, checked)
    finally:
        con.close()


def refused_checks(con: Connection, contracts: Iterable[Contract]) -> list[Problem]:
    """Return the same on a connection that is open."""
    return [problem for contract in contracts if contract.row_checks for problem in _refused(con, contract)]


def _refused(con: Connection, contract: Contract) -> Iterable[Problem]:
    columns = ", ".join(f"{quoted(column.name)} {duckdb_type(column)}" for column in contract.columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE given ({columns})")
    for check in contract.row_checks:
        try:
            con.execute(f"EXPLAIN SELECT 1 FROM given WHERE coalesce(TRY({check.condition}), false)")
        except duckdb.Error as error:
            message = f"check '{check.name}': {str(error).splitlines()[0]}"
            yield Problem(
                contract.path, None, "row-check", message, "columns and functions are those of docs/standards.md."
            )
