"""The one SELECT that reads a source: its table or query, from a watermark on, in an order that stays the same."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from pipelines.contracts.pulling import Sql
from pipelines.derive.mapping import plain

Mark = int | date | datetime
UNORDERED = "the source has no key to put its rows in order: the same rows in another order are another delivery"


def statement_of(
    con: sa.Connection, sql: Sql, key: Sequence[frozenset[str]], since: Mark | None, parameters: Mapping[str, Any]
) -> tuple[sa.Select[Any], tuple[str, ...]]:
    """Return the statement and what is to be said of it: a note where nothing puts the rows in order.

    `key`: for each column of the contract's key, the names (as `plain` compares them) by which the source may call it.
    """
    source = _source(sql)
    statement = sa.select(sa.text("*")).select_from(source)
    if since is not None:
        statement = statement.where(sa.column(sql.watermark) >= sa.bindparam("rongtong_since", since))
    order = sql.order_by or _key_order(con, statement, key, parameters)
    if not order:
        return statement, (UNORDERED,)
    return statement.order_by(*(sa.column(name) for name in order)), ()


def _source(sql: Sql) -> sa.TextClause | sa.TableClause:
    if sql.query:  # no AS before the alias: Oracle and 达梦 take none
        return sa.text(f"(\n{sql.query}\n) rongtong_rows")
    schema, _, name = sql.table.rpartition(".")
    return sa.table(name, schema=schema or None)


def _key_order(
    con: sa.Connection, statement: sa.Select[Any], key: Sequence[frozenset[str]], parameters: Mapping[str, Any]
) -> tuple[str, ...]:
    """The source's names of the contract's key columns, found by asking for no row; empty unless all are there."""
    if not key:
        return ()
    nothing = statement.where(sa.literal_column("1") == sa.literal_column("0"))
    result = con.execute(nothing, dict(parameters))
    names = list(result.keys())
    result.close()
    found = [next((name for name in names if plain(name) in wanted), "") for wanted in key]
    return tuple(found) if all(found) else ()
