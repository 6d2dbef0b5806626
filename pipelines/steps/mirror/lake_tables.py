"""What the lake has to be mirrored: the tables of dim, dws and ads, their columns, comments and contents, at one snapshot."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass

from pipelines.derive.postgres import postgres_type, sent
from pipelines.lake.connection import Connection
from pipelines.names import quoted

LAYERS = ("dim", "dws", "ads")
_TABLES = """
SELECT schema_name, table_name, coalesce(comment, '') FROM duckdb_tables() WHERE database_name = 'city' AND schema_name IN ('dim', 'dws', 'ads')
UNION ALL
SELECT schema_name, view_name, coalesce(comment, '') FROM duckdb_views() WHERE database_name = 'city' AND schema_name IN ('dim', 'dws', 'ads')
ORDER BY ALL"""
_COLUMNS = """
SELECT schema_name, table_name, column_name, data_type, coalesce(comment, '') FROM duckdb_columns()
WHERE database_name = 'city' AND schema_name IN ('dim', 'dws', 'ads') ORDER BY schema_name, table_name, column_index"""


@dataclass(frozen=True, slots=True)
class LakeColumn:
    """A column with its DuckDB type and its Chinese comment."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table or view of the lake that is mirrored under the same schema and name."""

    layer: str
    name: str
    comment: str
    columns: tuple[LakeColumn, ...]

    @property
    def full_name(self) -> str:
        """`ads.hotline_rates`, as people write it."""
        return f"{self.layer}.{self.name}"

    @property
    def sql_name(self) -> str:
        """The same quoted, good for both databases."""
        return f"{quoted(self.layer)}.{quoted(self.name)}"

    @property
    def structure(self) -> str:
        """Columns and types as the mirror has them: another structure is another table there."""
        return json.dumps([[column.name, postgres_type(column.type)] for column in self.columns])

    @property
    def comments(self) -> str:
        """A digest of all comments."""
        told = json.dumps([self.comment, *(column.comment for column in self.columns)])
        return hashlib.sha256(told.encode()).hexdigest()

    def rows_sql(self) -> str:
        """The SELECT of its rows as they are sent."""
        listed = ", ".join(f"{sent(column.name, column.type)} AS {quoted(column.name)}" for column in self.columns)
        return f"SELECT {listed} FROM city.{self.sql_name}"


def lake_tables(con: Connection) -> list[LakeTable]:
    """Return the tables and views of dim, dws and ads, by name."""
    columns: dict[tuple[str, str], list[LakeColumn]] = defaultdict(list)
    for layer, table, *column in con.execute(_COLUMNS).fetchall():
        columns[layer, table].append(LakeColumn(*column))
    found = con.execute(_TABLES).fetchall()
    return [LakeTable(layer, name, comment, tuple(columns[layer, name])) for layer, name, comment in found]


def content_of(con: Connection, table: LakeTable) -> tuple[int, str]:
    """Return the number of rows and a digest of them in any order, so that a rebuilt table of equal rows is not sent again."""
    listed = ", ".join(sent(column.name, column.type) for column in table.columns)
    row = con.execute(
        f"SELECT count(*), bit_xor(h), sum(h), version() FROM (SELECT hash({listed}) AS h FROM city.{table.sql_name})"
    ).fetchone()
    return (int(row[0]), ":".join(str(part) for part in row)) if row else (0, "")
