"""Which columns of which relations a model's columns are made of, read from its SELECT."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import DIALECT
from pipelines.contracts.registry import Member


def with_lineage(made: Iterable[Made], members: Iterable[Member]) -> tuple[Made, ...]:
    """Return the models with their column lineage: (column, relation it comes from, column there), sorted."""
    models = list(made)
    known: dict[str, list[str]] = {}
    for contract in [*(member.contract for member in members), *(one.contract for one in models)]:
        known[f"{contract.layer}.{contract.table}"] = [column.name for column in contract.columns]
    return tuple(replace(one, lineage=_lineage_of(one, known)) for one in models)


def _lineage_of(one: Made, known: dict[str, list[str]]) -> tuple[tuple[str, str, str], ...]:
    # only what it reads: sqlglot's cost grows with the schema
    return _edges(one.model.sql, tuple((read, tuple(known[read])) for read in one.reads if read in known))


@lru_cache(maxsize=512)
def _edges(sql: str, known: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[str, str, str], ...]:
    """A column whose sources cannot be told (a macro over a table's row) has none."""
    schema: dict[str, Any] = {}
    for read, columns in known:
        layer, _, table = read.partition(".")
        schema.setdefault(layer, {})[table] = dict.fromkeys(columns, "TEXT")
    try:
        nodes = lineage(None, sql, schema, dialect=DIALECT, trim_selects=False)
    except SqlglotError:
        return ()
    return tuple(sorted({(column, *leaf) for column, node in nodes.items() for leaf in _leaves(node)}))


def _leaves(node: Node) -> Iterable[tuple[str, str]]:
    for part in node.walk():
        source = part.expression
        if isinstance(source, exp.Table) and source.db:
            yield f"{source.db}.{source.name}", part.name.rpartition(".")[2].strip('"')
