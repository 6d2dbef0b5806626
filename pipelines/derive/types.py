"""The one type table: ODCS logicalType to DuckDB, and which families a delivered column may belong to."""

import re

from pipelines.contracts.model import Column

_DUCKDB = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "time": "TIME",
}
_DECIMAL = re.compile(r"^DECIMAL\((\d{1,2}),\s*(\d{1,2})\)$", re.IGNORECASE)


def duckdb_type(column: Column) -> str:
    """Return the DuckDB type a column has in the lake, spelled as DuckDB itself spells it.

    >>> duckdb_type(Column(name="a", type="timestamp"))
    'TIMESTAMP WITH TIME ZONE'
    >>> duckdb_type(Column(name="a", type="number", physical_type="decimal(10, 2)"))
    'DECIMAL(10,2)'
    """
    if is_geometry(column):
        return "GEOMETRY"
    if column.mask == "hmac":
        return "VARCHAR"
    decimal = _DECIMAL.match(column.physical_type)
    if column.type == "number" and decimal:
        return f"DECIMAL({decimal[1]},{decimal[2]})"
    if column.type not in _DUCKDB:
        raise KeyError(f"no DuckDB type for logicalType '{column.type}' (column {column.name})")
    return _DUCKDB[column.type]


def is_geometry(column: Column) -> bool:
    """Whether the column holds a geometry (ODCS has no logicalType for it)."""
    return column.physical_type.upper() == "GEOMETRY"


def family(duckdb: str) -> str:
    """Return text, number, timestamp, timestamptz, date, boolean or other for a DuckDB type's name.

    >>> [family(t) for t in ("VARCHAR", "DECIMAL(4,1)", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "STRUCT(a INTEGER)")]
    ['text', 'number', 'timestamp', 'timestamptz', 'other']
    """
    upper = duckdb.upper()
    if upper.endswith("[]") or upper.startswith(("STRUCT", "MAP", "LIST")):
        return "other"
    if upper.startswith("VARCHAR"):
        return "text"
    if upper.startswith(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER")):
        return "number"
    if upper.startswith(("UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")):
        return "number"
    if upper.startswith("TIMESTAMP WITH"):
        return "timestamptz"
    if upper.startswith("TIMESTAMP"):
        return "timestamp"
    return {"DATE": "date", "BOOLEAN": "boolean"}.get(upper, "other")
