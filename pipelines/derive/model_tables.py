"""The table of a model: its DDL, its comments, and the statement that fills it."""

from pipelines.contracts.model import Column, Contract
from pipelines.derive.types import duckdb_type, family, is_geometry
from pipelines.names import literal, quoted

# A value of the first family goes into a column of the second without losing anything.
_WIDENS = {("date", "timestamptz"), ("timestamp", "timestamptz"), ("other", "text")}
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def model_table(contract: Contract) -> str:
    """Qualified name of a model's table."""
    return f"city.{quoted(contract.layer)}.{quoted(contract.table)}"


def create_table(contract: Contract) -> list[str]:
    """Return the statements that make a model's table with its contract's names as comments."""
    columns = ",\n    ".join(f"{quoted(column.name)} {duckdb_type(column)}" for column in contract.columns)
    table = model_table(contract)
    text = "。".join(part.strip("。") for part in (contract.title, contract.purpose) if part)
    return [
        f"CREATE TABLE {table} (\n    {columns}\n)",
        f"COMMENT ON TABLE {table} IS {literal(text)}",
        *(
            f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {literal(_said(column))}"
            for column in contract.columns
        ),
    ]


def fill(contract: Contract, select: str) -> str:
    """Return the statement that adds a SELECT's rows to a model's table, by name."""
    columns = [quoted(column.name) for column in contract.columns]
    listed = ", ".join(columns)
    return f"INSERT INTO {model_table(contract)} ({listed})\nSELECT {listed} FROM (\n{select}\n) AS made"


def misfits(contract: Contract, given: dict[str, str]) -> list[str]:
    """Return what of a SELECT's columns (name → DuckDB type) cannot go into the contract's table as it is."""
    return [
        f"column '{column.name}' is {given[column.name]}, its contract says {duckdb_type(column)}"
        for column in contract.columns
        if column.name in given and not _goes_into(given[column.name], column)
    ]


def _goes_into(given: str, column: Column) -> bool:
    wanted = duckdb_type(column)
    if is_geometry(column):
        return given.upper().startswith("GEOMETRY")
    if given == wanted or given == '"NULL"':
        return True
    if column.type == "integer":
        return given.upper() in _WHOLE
    pair = family(given), family(wanted)
    return pair[0] == pair[1] != "other" or pair in _WIDENS


def _said(column: Column) -> str:
    unit = f"（{column.unit}）" if column.unit else ""
    described = f"：{column.description}" if column.description else ""
    return f"{column.title or column.name}{unit}{described}"
