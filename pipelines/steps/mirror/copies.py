"""The tables of the mirror: made, filled and dropped so that a reader sees the old rows or the new ones, whole.

Rows are deleted and written, not truncated or swapped: neither would let a reader's open transaction go on seeing what it saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from pipelines.derive.postgres import postgres_type
from pipelines.names import literal, quoted
from pipelines.steps.mirror.lake_tables import LAYERS, LakeTable
from pipelines.steps.mirror.server import run

# What the mirror holds, for itself: readers see neither schema nor table.
_STATE = """
CREATE SCHEMA IF NOT EXISTS rongtong;
CREATE TABLE IF NOT EXISTS rongtong.mirrored (
    layer text, name text, structure text NOT NULL, comments text NOT NULL, content text NOT NULL, rows bigint NOT NULL,
    snapshot bigint NOT NULL, mirrored_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (layer, name))"""
_KEEP = """
INSERT INTO rongtong.mirrored (layer, name, structure, comments, content, rows, snapshot) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (layer, name) DO UPDATE SET structure = excluded.structure, comments = excluded.comments, content = excluded.content,
    rows = excluded.rows, snapshot = excluded.snapshot, mirrored_at = now()"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A table as the mirror has it now."""

    structure: str
    comments: str
    content: str
    rows: int


def prepare(pg: psycopg.Connection) -> None:
    """Make the schemas and the mirror's own table, where they are not there."""
    run(pg, _STATE)
    for layer in LAYERS:
        run(pg, f"CREATE SCHEMA IF NOT EXISTS {layer}")


def copies(pg: psycopg.Connection) -> dict[tuple[str, str], Copy]:
    """Return (layer, table) → what was mirrored and is still there."""
    rows = pg.execute(
        "SELECT layer, name, structure, comments, content, rows FROM rongtong.mirrored "
        "WHERE to_regclass(format('%I.%I', layer, name)) IS NOT NULL"
    ).fetchall()
    return {(layer, name): Copy(*told) for layer, name, *told in rows}


def rows_there(pg: psycopg.Connection, table: LakeTable) -> int:
    """Return how many rows the mirror has of a table."""
    row = pg.execute(f"SELECT count(*) FROM {table.sql_name}".encode()).fetchone()
    return int(row[0]) if row else 0


def fit(pg: psycopg.Connection, table: LakeTable, have: Copy | None) -> None:
    """Make the table empty and with today's columns."""
    if have is not None and have.structure == table.structure:
        run(pg, f"DELETE FROM {table.sql_name}")
        return
    if have is not None:
        run(pg, f"DROP TABLE {table.sql_name}")
    columns = ", ".join(f"{quoted(column.name)} {postgres_type(column.type)}" for column in table.columns)
    run(pg, f"CREATE TABLE {table.sql_name} ({columns})")


def comment(pg: psycopg.Connection, table: LakeTable) -> None:
    """Put the lake's comments on the table and its columns."""
    told = [f"COMMENT ON TABLE {table.sql_name} IS {literal(table.comment)}"]
    told += [
        f"COMMENT ON COLUMN {table.sql_name}.{quoted(column.name)} IS {literal(column.comment)}"
        for column in table.columns
    ]
    run(pg, "; ".join(told))


def analyse(pg: psycopg.Connection, table: LakeTable) -> None:
    """Let the planner know the new rows at once."""
    run(pg, f"ANALYZE {table.sql_name}")


def keep(pg: psycopg.Connection, table: LakeTable, rows: int, content: str, snapshot: int) -> None:
    """Write down what the mirror has of a table now."""
    pg.execute(_KEEP, (table.layer, table.name, table.structure, table.comments, content, rows, snapshot))


def drop(pg: psycopg.Connection, gone: Sequence[tuple[str, str]]) -> None:
    """Drop tables that the lake does not have any more."""
    for layer, name in gone:
        run(pg, f"DROP TABLE {quoted(layer)}.{quoted(name)}")
        pg.execute("DELETE FROM rongtong.mirrored WHERE layer = %s AND name = %s", (layer, name))
