"""Making the parts of a model anew whose rows changed: which parts those are, from which rows, and what was written."""

from collections.abc import Mapping
from typing import Any

from pipelines.contracts.model import Contract, Incremental
from pipelines.contracts.model_order import Made
from pipelines.contracts.serial import from_json
from pipelines.derive.model_query import bound
from pipelines.derive.model_tables import fill, model_table
from pipelines.derive.tables import dwd_table, ods_table
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.steps.transform.near import PARTITIONS, near_days
from pipelines.steps.transform.state import Known, only_changed

FRESH = 'temp."_fresh"'


def make_parts(
    con: Connection, one: Made, inputs: dict[str, Any], known: Known, copies: Mapping[str, str]
) -> int | None:
    """Make the parts of the changed batches' rows anew and return the rows written; None when all must be made.

    temp._partitions then holds the parts, temp._fresh their rows as the model's table has them.
    """
    by = one.model.incremental
    if by is None or list(only_changed(known.inputs, inputs)) != [by.source]:
        return None
    source = _contract_of(con, by.source)
    if source is None or not _collect(con, by, source, {*known.inputs[by.source]}, {*inputs[by.source]}):
        return None
    rows = f"(SELECT * FROM {copies.get(by.source, dwd_table(source))} WHERE {_in_parts(by.expression)}{near_days(con, by)})"
    con.execute(f"DELETE FROM {model_table(one.contract)} WHERE {_in_parts(quoted(by.column))}")
    written = changed_rows(con, fill(one.contract, bound(one.model.sql, {**copies, by.source: rows})))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE _fresh AS SELECT * FROM {model_table(one.contract)} WHERE {_in_parts(quoted(by.column))}"
    )
    # A row that went to a part nobody asked for stands there beside the rows it was meant to replace.
    return written if count(con, FRESH) == written else None


def _in_parts(expression: str) -> str:
    return f"{expression} IN (SELECT p FROM {PARTITIONS})"


def _contract_of(con: Connection, relation: str) -> Contract | None:
    """The contract under which the dataset of a `dwd` relation was published last."""
    row = con.execute(
        "SELECT arg_max(contract, recorded_at) FROM city.quality.contract_versions WHERE split_part(dataset, '.', 2) = ?",
        [relation.partition(".")[2]],
    ).fetchone()
    contract = from_json(str(row[0])) if row and row[0] else None
    return None if contract is None or contract.model else contract


def _collect(con: Connection, by: Incremental, source: Contract, before: set[str], now: set[str]) -> bool:
    """Put the partitions of the rows of batches that came or went into temp._partitions; False when they cannot be told."""
    rows = ods_table(source)
    if _gone(con, rows, before - now):
        return False
    changed = f"_batch IN ({', '.join(literal(batch) for batch in sorted(before ^ now))}) AND _violations IS NULL"
    if source.ingest.mode == "upsert":
        # The row that stood for a key until now, or stands again, may be of another partition.
        key = ", ".join(quoted(name) for name in source.key)
        changed = f"_violations IS NULL AND ({key}) IN (SELECT ({key}) FROM {rows} WHERE {changed})"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE _partitions AS SELECT DISTINCT {by.expression} AS p FROM {rows} WHERE {changed}"
    )
    return not count(con, f"{PARTITIONS} WHERE p IS NULL")


def _gone(con: Connection, rows: str, batches: set[str]) -> bool:
    """Whether rows of batches that stand no more are not in the lake any longer, after a rebuild: nobody knows their partitions."""
    if not batches:
        return False
    named = ", ".join(literal(batch) for batch in sorted(batches))
    return count(con, f"(SELECT DISTINCT _batch FROM {rows} WHERE _batch IN ({named}))") < len(batches)


def changed_rows(con: Connection, statement: str) -> int:
    """Run a statement that changes rows and return how many."""
    row = con.execute(statement).fetchone()
    return int(row[0]) if row else 0


def count(con: Connection, relation: str) -> int:
    """Return how many rows a relation has."""
    row = con.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0
