"""Making one model's table inside the open transaction: whole, or the partitions whose rows changed."""

from dataclasses import dataclass
from typing import Any

import pipelines.lake.columns as columns
from pipelines.contracts.model import Incremental
from pipelines.contracts.model_order import Made
from pipelines.contracts.serial import from_json
from pipelines.derive.model_query import bound, qualified
from pipelines.derive.model_tables import create_table, fill, misfits, model_table
from pipelines.errors import ContractError, Problem
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.steps.transform.near import PARTITIONS, near_days
from pipelines.steps.transform.state import Known, only_changed


@dataclass(frozen=True, slots=True)
class Making:
    """How a table was made: `full` or `incremental`, how many partitions, how many rows were written and are there now."""

    how: str
    partitions: int
    written: int
    rows: int


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


def make(con: Connection, one: Made, inputs: dict[str, Any], known: Known | None, *, full: bool) -> Making:
    """Bring a model's table to what its SELECT says now; only the changed partitions where that gives the same."""
    written = None if full else _by_partition(con, one, inputs, known)
    if written is not None:
        return Making("incremental", _count(con, PARTITIONS), written, _count(con, model_table(one.contract)))
    con.execute(f"DELETE FROM {model_table(one.contract)}")
    count = _changed(con, fill(one.contract, bound(one.model.sql)))
    return Making("full", 0, count, count)


def _by_partition(con: Connection, one: Made, inputs: dict[str, Any], known: Known | None) -> int | None:
    """Make the partitions of the changed batches' rows anew and return the rows written; None when all must be made."""
    by = one.model.incremental
    if by is None or known is None or list(only_changed(known.inputs, inputs)) != [by.source]:
        return None
    if not _collect_partitions(con, by, {*known.inputs[by.source]}, {*inputs[by.source]}):
        return None
    near = near_days(con, by)
    part = f"(SELECT * FROM {qualified(by.source)} WHERE {by.expression} IN (SELECT p FROM {PARTITIONS}){near})"
    column = quoted(by.column)
    con.execute(f"DELETE FROM {model_table(one.contract)} WHERE {column} IN (SELECT p FROM {PARTITIONS})")
    return _changed(con, fill(one.contract, bound(one.model.sql, {by.source: part})))


def _collect_partitions(con: Connection, by: Incremental, before: set[str], now: set[str]) -> bool:
    """Put the partitions of the rows of batches that came or went into temp._partitions; False when they cannot be told."""
    rows = f"city.ods.{quoted(by.source.partition('.')[2])}"
    if _gone(con, rows, before - now):
        return False
    changed = f"_batch IN ({', '.join(literal(batch) for batch in sorted(before ^ now))}) AND _violations IS NULL"
    key = _upsert_key(con, by.source)
    if key:  # the row that stood for a key until now, or stands again, may be of another partition
        changed = f"_violations IS NULL AND ({key}) IN (SELECT ({key}) FROM {rows} WHERE {changed})"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE _partitions AS SELECT DISTINCT {by.expression} AS p FROM {rows} WHERE {changed}"
    )
    return not _count(con, f"{PARTITIONS} WHERE p IS NULL")


def _gone(con: Connection, rows: str, batches: set[str]) -> bool:
    """Whether rows of batches that stand no more are not in the lake any longer, after a rebuild: nobody knows their partitions."""
    named = ", ".join(literal(batch) for batch in sorted(batches))
    return bool(batches) and _count(con, f"(SELECT DISTINCT _batch FROM {rows} WHERE _batch IN ({named}))") < len(
        batches
    )


def _upsert_key(con: Connection, source: str) -> str:
    """The key columns of a dataset whose rows replace each other, '' for any other."""
    row = con.execute(
        "SELECT arg_max(contract, recorded_at) FROM city.quality.contract_versions WHERE split_part(dataset, '.', 2) = ?",
        [source.partition(".")[2]],
    ).fetchone()
    contract = from_json(str(row[0])) if row and row[0] else None
    if contract is None or contract.model or contract.ingest.mode != "upsert":
        return ""
    return ", ".join(quoted(name) for name in contract.key)


def _changed(con: Connection, statement: str) -> int:
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _count(con: Connection, relation: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0
