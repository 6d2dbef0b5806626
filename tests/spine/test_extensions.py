"""The extensions that open the lake: ours are loaded, and after that no unsigned one ever is."""

import duckdb
import pytest

from pipelines.lake.connection import bare_connection
from pipelines.settings import settings


def test_no_query_can_load_or_allow_an_unsigned_extension() -> None:
    con = bare_connection(settings())
    try:
        assert con.execute("SELECT current_setting('allow_unsigned_extensions')").fetchone() == (False,)
        with pytest.raises(duckdb.InvalidInputException, match="while database is running"):
            con.execute("SET allow_unsigned_extensions = true")
        loaded = {
            row[0] for row in con.execute("SELECT extension_name FROM duckdb_extensions() WHERE loaded").fetchall()
        }
        assert {"ducklake", "sqlite_scanner", "spatial"} <= loaded
    finally:
        con.close()
