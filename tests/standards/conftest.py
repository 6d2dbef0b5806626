"""One connection with the standards and nothing else, for every test of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pytest

from pipelines.lake.connection import Connection, bare_connection
from pipelines.settings import settings


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RONGTONG_HOME", str(tmp_path_factory.mktemp("home")))
        opened = bare_connection(settings())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def over(con: duckdb.DuckDBPyConnection) -> Callable[[str, str, Sequence[tuple[Any, ...]]], list[Any]]:
    """A function: the values of a SQL expression over a column (or columns) of given rows, in their order."""

    def ask(expression: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        con.execute(f"CREATE OR REPLACE TEMP TABLE given (place INTEGER, {columns})")
        one = "(" + ", ".join("?" for _ in range(len(rows[0]) + 1)) + ")"
        for start in range(0, len(rows), 500):
            part = [(start + place, *row) for place, row in enumerate(rows[start : start + 500])]
            values = [value for row in part for value in row]
            con.execute(f"INSERT INTO given VALUES {', '.join([one] * len(part))}", values)
        found = con.execute(f"SELECT {expression} FROM given ORDER BY place").fetchall()
        return [row[0] for row in found]

    return ask
