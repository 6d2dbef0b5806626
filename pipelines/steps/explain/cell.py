"""The one published row that is to be explained, found by a condition over the table's own columns."""

from dataclasses import dataclass
from typing import Any

from pipelines.contracts.model_order import Made
from pipelines.derive.model_tables import model_table
from pipelines.errors import UsageError
from pipelines.lake.cell import asked
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted

CELL = "temp.explained_cell"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A published row: its values by column, and those of its key alone."""

    values: dict[str, Any]
    key: dict[str, Any]


def find_cell(con: Connection, one: Made, where: str) -> Cell:
    """Return the row that meets a condition, kept as temp.explained_cell; UsageError, saying how many and how to narrow, unless one does."""
    columns = [column.name for column in one.contract.columns]
    listed = ", ".join(quoted(name) for name in columns)
    found = f"(SELECT *{_titles(one)} FROM {model_table(one.contract)}) AS {quoted(one.contract.table)}"
    asked(
        con,
        f"CREATE OR REPLACE TEMP TABLE explained_cell AS SELECT {listed} FROM {found} WHERE ({where}\n)",
        f"--where {where!r} over {one.name}",
    )
    count = con.execute(f"SELECT count(*) FROM {CELL}").fetchone()
    if not count or count[0] != 1:
        raise UsageError(_not_one(con, one, where, int(count[0]) if count else 0))
    row = con.execute(f"SELECT {listed} FROM {CELL}").fetchone()
    assert row is not None
    values = dict(zip(columns, row, strict=True))
    return Cell(values, {name: values[name] for name in one.contract.key})


def _titles(one: Made) -> str:
    """The columns once more under their Chinese names, which a condition may use as well."""
    names = {column.name for column in one.contract.columns}
    titles = [column.title for column in one.contract.columns]
    told = [c for c in one.contract.columns if c.title and c.title not in names and titles.count(c.title) == 1]
    return "".join(f", {quoted(column.name)} AS {quoted(column.title)}" for column in told)


def _not_one(con: Connection, one: Made, where: str, count: int) -> str:
    key = one.contract.key
    said = f"[explain] {count or 'no'} rows of {one.name} meet {where!r}, and one row can be explained."
    if one.contract.is_personal or not key:
        return f"{said} Hint: name one row by its key ({', '.join(key)})."
    source = CELL if count else model_table(one.contract)
    parts = " || ' and ' || ".join(
        f"{literal(name + ' = ')} || coalesce('''' || CAST({quoted(name)} AS VARCHAR) || '''', 'NULL')" for name in key
    )
    shown = con.execute(f"SELECT {parts} FROM {source} ORDER BY ALL LIMIT {_EXAMPLES}").fetchall()
    examples = "; ".join(f'--where "{row[0]}"' for row in shown)
    return f"{said} Hint: {f'narrow it, e.g. {examples}' if examples else 'the table is empty: `rongtong transform`'}."
