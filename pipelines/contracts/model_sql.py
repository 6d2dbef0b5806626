"""A model's SELECT, parsed: which relations it reads, and what is wrong with it. Knows no database."""

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.optimizer.scope import traverse_scope

DIALECT = "duckdb"
# What a model may read: the lake's layers (never the delivered rows of `ods`), the ledger, the city pack.
READABLE = ("dwd", "dim", "dws", "ads", "quality", "pack")


@dataclass(frozen=True, slots=True)
class SqlFault:
    """What is wrong with a model's SQL; `line` counts from 1."""

    rule: str
    line: int | None
    message: str
    hint: str = ""


def parsed(sql: str) -> tuple[exp.Query | None, list[SqlFault]]:
    """Return the one SELECT in a text, not to be changed, or what is wrong with it."""
    query, faults = _parsed(sql)
    return query, list(faults)


@lru_cache(maxsize=512)
def _parsed(sql: str) -> tuple[exp.Query | None, tuple[SqlFault, ...]]:
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect=DIALECT) if statement is not None]
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        near = str(first.get("highlight") or "").strip()[:60]
        message = f"the SQL does not parse: {str(first.get('description', error)).rstrip('.')}{f', near {near!r}' if near else ''}"
        return None, (SqlFault("model-sql", first.get("line"), message),)
    except TokenError as error:
        return None, (SqlFault("model-sql", None, f"the SQL does not parse: {str(error).splitlines()[0]}"),)
    if len(statements) != 1:
        return None, (SqlFault("model-sql", None, f"the file holds {len(statements)} statements", "write one SELECT."),)
    if not isinstance(statements[0], exp.Query):
        kind = statements[0].key.upper()
        return None, (SqlFault("model-sql", 1, f"the statement is {kind}, not a SELECT", "write one SELECT."),)
    return statements[0], ()


def relations(query: exp.Query) -> list[tuple[str, exp.Table]]:
    """Return every relation a query reads, as `schema.name` with its place in the query; names of its own CTEs are none."""
    found: list[tuple[str, exp.Table]] = []
    for scope in traverse_scope(query):
        named = [table for table in scope.tables if isinstance(table.this, exp.Identifier)]
        found += [
            (f"{table.db}.{table.name}" if table.db else table.name, table)
            for table in named
            if table.db or table.name not in scope.cte_sources
        ]
    return found


def reads(query: exp.Query) -> tuple[str, ...]:
    """Return the relations a query reads, sorted, each once."""
    return tuple(sorted({name for name, _ in relations(query)}))


def sql_faults(query: exp.Query) -> list[SqlFault]:
    """Return what of a query no model may do: read what is not named by its layer, or choose its columns with a star."""
    found = []
    for name, table in relations(query):
        schema = name.rpartition(".")[0]
        if table.catalog or schema not in READABLE:
            allowed = ", ".join(f"{layer}.…" for layer in READABLE)
            message = f"it reads '{table.sql(dialect=DIALECT)}', which is not of {allowed}"
            found.append(
                SqlFault("model-reads", line_of(table), message, "name the layer and the table, e.g. dwd.trips.")
            )
    if query.is_star:
        message = "its last SELECT has a star: a new column of an input would change the table"
        found.append(SqlFault("model-columns", None, message, "name the columns."))
    return found


def columns_of(query: exp.Query) -> list[str]:
    """Return the names of the columns a query gives, in order."""
    return list(query.named_selects)


def line_of(node: exp.Expression) -> int | None:
    """Return the line at which a part of a query stands in its text."""
    for part in node.find_all(exp.Identifier):
        line = part.meta.get("line")
        if line:
            return int(line)
    return None


def parameters_of(condition: str) -> tuple[str, ...]:
    """Return the names that a condition of `unfold` writes as `$name`, sorted; ValueError when it does not parse.

    >>> parameters_of("a = $a AND b < $b AND a <> '$c'")
    ('a', 'b')
    """
    query, faults = parsed(f"SELECT 1 WHERE ({condition}\n)")
    if query is None:
        raise ValueError(faults[0].message)
    return tuple(sorted({str(found.name) for found in query.find_all(exp.Placeholder, exp.Parameter)}))
