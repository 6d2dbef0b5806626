"""What `from pipelines.lake import connect` gives: DuckDB's connection, which says that it reads when somebody writes."""

import duckdb
import pandas as pd
import pytest

from pipelines.lake import connect
from tests.spine.city import orders
from tests.spine.lake import Lake


def test_an_analysts_connection_reads_and_says_why_it_does_not_write(lake: Lake) -> None:
    lake.deliver(orders(lake.city), "a.csv", "id,n,mark\na,1,x\n")
    with connect(where=lake.where) as con:
        assert con.sql("SELECT n FROM dwd.orders").fetchall() == [(1,)]
        assert con.execute("SELECT n FROM dwd.orders WHERE id = ?", ["a"]).fetchone() == (1,)
        mine = pd.DataFrame({"id": ["a"], "name": ["first"]})
        assert con.sql("SELECT name FROM dwd.orders JOIN mine USING (id)").fetchall() == [("first",)]
        assert list(con.sql("SELECT n FROM dwd.orders").df()["n"]) == [1]
        for statement in ("DELETE FROM city.dwd.orders", "DELETE FROM city.ods.orders", "DROP VIEW dwd.orders"):
            with pytest.raises(duckdb.Error, match="read-only"):
                con.execute(statement)
        with pytest.raises(duckdb.CatalogException, match="no_such_table"):
            con.sql("FROM dwd.no_such_table")
        con.execute("CREATE TEMP TABLE own AS SELECT 1 AS a")
        assert con.execute("SELECT a FROM own").fetchall() == [(1,)]
    assert mine.shape == (1, 2)
