"""Making one model's table inside the open transaction: whole, or the partitions whose rows changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pipelines.lake.columns as columns
from pipelines.contracts.model_order import Made
from pipelines.derive.model_query import bound
from pipelines.derive.model_tables import create_table, fill, misfits, model_table
from pipelines.errors import ContractError, Problem
from pipelines.lake.connection import Connection
from pipelines.steps.transform.near import PARTITIONS
from pipelines.steps.transform.parts import FRESH, changed_rows, count, make_parts
from pipelines.steps.transform.state import Known


@dataclass(frozen=True, slots=True)
class Making:
    """How a table was made: `full` or `incremental`, how many partitions, how many rows were written and are there now.

    `fresh` is the relation of the rows made anew, '' where those are the whole table.
    """

    how: str
    partitions: int
    written: int
    rows: int
    fresh: str = ""


def table_fits(con: Connection, one: Made) -> bool:
    """Whether the model's table is there, as its contract has it."""
    wanted = {column.name: columns.spelled(column) for column in one.contract.columns}
    return columns.present(con, one.contract.layer, one.contract.table) == wanted


def fit_table(con: Connection, one: Made) -> None:
    """Make the table, or make it anew under a changed contract."""
    con.execute(f"DROP TABLE IF EXISTS {model_table(one.contract)}")
    for statement in create_table(one.contract):
        con.execute(statement)


def must_fit(con: Connection, one: Made) -> None:
    """Raise ContractError when the SELECT's columns cannot go into the table, or DuckDB does not understand it."""
    given = columns.described(con, bound(one.model.sql), one.sql_path)
    problems = [
        Problem(one.sql_path, None, "model-type", f"{text}.", "CAST it in the SELECT.")
        for text in misfits(one.contract, given)
    ]
    if problems:
        raise ContractError(problems)


def make(
    con: Connection,
    one: Made,
    inputs: dict[str, Any],
    known: Known | None,
    copies: Mapping[str, str] = MappingProxyType({}),
) -> Making:
    """Bring a model's table to what its SELECT says now; only the changed partitions where that gives the same.

    `known` is the last making where that may be continued. `copies`: relations to read in place of tables that equal them.
    """
    table = model_table(one.contract)
    written = None if known is None else make_parts(con, one, inputs, known, copies)
    if written is not None:
        return Making("incremental", count(con, PARTITIONS), written, count(con, table), FRESH)
    con.execute(f"DELETE FROM {table}")
    made = changed_rows(con, fill(one.contract, bound(one.model.sql, copies)))
    return Making("full", 0, made, made)
