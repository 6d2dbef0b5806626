"""The type table of the mirror: DuckDB to PostgreSQL, and how a column is sent there. What has no type there goes as text."""

from pipelines.names import quoted

# DuckDB's name → (PostgreSQL's type, what the column is cast to before it is sent; '' as it is)
_TYPES = {
    "BOOLEAN": ("boolean", ""),
    "TINYINT": ("smallint", "SMALLINT"),
    "UTINYINT": ("smallint", "SMALLINT"),
    "SMALLINT": ("smallint", ""),
    "USMALLINT": ("integer", "INTEGER"),
    "INTEGER": ("integer", ""),
    "UINTEGER": ("bigint", "BIGINT"),
    "BIGINT": ("bigint", ""),
    "UBIGINT": ("numeric(38,0)", "DECIMAL(38,0)"),
    "HUGEINT": ("numeric(38,0)", "DECIMAL(38,0)"),
    "FLOAT": ("real", ""),
    "DOUBLE": ("double precision", ""),
    "VARCHAR": ("text", ""),
    "DATE": ("date", ""),
    "TIME": ("time", ""),
    "TIMESTAMP": ("timestamp", ""),
    "TIMESTAMP_S": ("timestamp", "TIMESTAMP"),
    "TIMESTAMP_MS": ("timestamp", "TIMESTAMP"),
    "TIMESTAMP_NS": ("timestamp", "TIMESTAMP"),
    "TIMESTAMP WITH TIME ZONE": ("timestamp with time zone", ""),
    "BLOB": ("bytea", ""),
}


def postgres_type(duckdb: str) -> str:
    """Return the type a column has in the mirror; nested values are JSON as text, a geometry is its WKT.

    >>> [postgres_type(t) for t in ("DECIMAL(10,2)", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", "GEOMETRY")]
    ['numeric(10,2)', 'timestamp with time zone', 'text', 'text']
    """
    if duckdb.startswith("DECIMAL"):
        return duckdb.replace("DECIMAL", "numeric")
    return _TYPES.get(duckdb, ("text", ""))[0]


def sent(name: str, duckdb: str) -> str:
    """Return the SQL of a column as it is sent, of the DuckDB type that is PostgreSQL's own.

    >>> [sent("a", t) for t in ("BIGINT", "HUGEINT", "STRUCT(b INTEGER)", "GEOMETRY", "UUID")]
    ['"a"', 'CAST("a" AS DECIMAL(38,0))', 'CAST(to_json("a") AS VARCHAR)', 'ST_AsText("a")', 'CAST("a" AS VARCHAR)']
    """
    column = quoted(name)
    if duckdb.startswith("DECIMAL"):
        return column
    if duckdb.startswith("GEOMETRY"):
        return f"ST_AsText({column})"
    if duckdb.endswith("]") or duckdb.startswith(("STRUCT", "MAP", "UNION")):
        return f"CAST(to_json({column}) AS VARCHAR)"
    cast = _TYPES.get(duckdb, ("text", "VARCHAR"))[1]
    return f"CAST({column} AS {cast})" if cast else column
