"""A published row computed again, from the delivered rows behind it alone."""

from collections.abc import Mapping
from typing import Any

from pipelines.contracts.model_order import Made
from pipelines.derive.model_query import unfolded
from pipelines.derive.types import duckdb_type
from pipelines.lake.connection import Connection
from pipelines.names import quoted
from pipelines.steps.explain.behind import BEHIND
from pipelines.steps.explain.cell import CELL


def recompute_sql(one: Made, made: Mapping[str, Made], names: list[str]) -> str:
    """Return the SELECT of the row with the explained cell's key, every model between written out over the rows behind it."""
    assert one.model.unfold is not None
    listed = ", ".join(quoted(name) for name in names)
    select = unfolded(one, made, {one.model.unfold.source: f"(SELECT {listed} FROM {BEHIND})"})
    typed = ", ".join(f"CAST({quoted(c.name)} AS {duckdb_type(c)}) AS {quoted(c.name)}" for c in one.contract.columns)
    same = " AND ".join(f"made.{quoted(name)} IS NOT DISTINCT FROM cell.{quoted(name)}" for name in one.contract.key)
    return f"SELECT made.*\nFROM (SELECT {typed} FROM (\n{select}\n)) AS made\nSEMI JOIN {CELL} AS cell ON {same or 'true'}"


def recomputed(con: Connection, one: Made, sql: str) -> dict[str, Any]:
    """Return the row that the rows give, {} when they give none."""
    found = con.execute(sql).fetchall()
    names = [column.name for column in one.contract.columns]
    return dict(zip(names, found[0], strict=True)) if len(found) == 1 else {}
