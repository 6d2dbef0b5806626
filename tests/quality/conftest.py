"""A real DuckLake in a temporary folder, and a batch whose faults are counted by hand."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.derive.expectation import Expectation
from pipelines.lake.extensions import load_extensions


def pytest_configure(config: pytest.Config) -> None:
    """Great Expectations imports modules that Python 3.11 deprecates."""
    config.addinivalue_line("filterwarnings", "ignore:module 'sre_.*' is deprecated:DeprecationWarning")


BATCH = "SELECT * FROM city.ods.orders WHERE _batch = 'orders-0002'"

ROWS = """
    ('GD1', 1, 10, '咨询', 'a@x', DATE '2026-01-01', DATE '2026-01-02', NULL),
    ('GD2', 2, 366, '投诉', 'b', DATE '2026-01-02', DATE '2026-01-02', NULL),
    ('GD2', 2, 20, '投诉', NULL, DATE '2026-01-03', DATE '2026-01-02', NULL),
    ('GD2', 3, -1, '其他', 'd@x', DATE '2026-01-01', NULL, [{'column': 'age', 'rule': 'type', 'raw': 'x'}]),
    (NULL, 3, NULL, '建议', '13800001111', NULL, DATE '2026-01-02', NULL),
    (NULL, NULL, 30, NULL, 'f@x', DATE '2026-01-09', DATE '2026-01-02', [{'column': 'age', 'rule': 'type', 'raw': 'y'}]),
    ('G:4', 5, 40, '咨询', 'g%x', DATE '2026-01-01', DATE '2026-01-02', [])
"""


def open_lake(folder: Path) -> duckdb.DuckDBPyConnection:
    """A new lake that holds one committed row of an older batch."""
    con = duckdb.connect()
    load_extensions(con, "sqlite_scanner", "ducklake")
    (folder / "data").mkdir(parents=True)
    con.execute(f"ATTACH 'ducklake:sqlite:{folder}/catalog.sqlite' AS city (DATA_PATH '{folder}/data')")
    con.execute("CREATE SCHEMA city.ods")
    con.execute(
        """CREATE TABLE city.ods.orders (id VARCHAR, part INTEGER, days DOUBLE, category VARCHAR, contact VARCHAR,
        opened DATE, closed DATE, _violations STRUCT("column" VARCHAR, rule VARCHAR, raw VARCHAR)[], _batch VARCHAR)"""
    )
    con.execute("INSERT INTO city.ods.orders VALUES ('GD9', 9, 9, '咨询', 'z', NULL, NULL, NULL, 'orders-0001')")
    return con


def begin_batch(con: duckdb.DuckDBPyConnection) -> None:
    """Open a transaction and put seven faulty rows into it."""
    con.execute("BEGIN")
    con.execute(f"INSERT INTO city.ods.orders SELECT *, 'orders-0002' FROM (VALUES {ROWS})")


@pytest.fixture(scope="module")
def one_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_lake(tmp_path_factory.mktemp("one") / "lake") as con:
        yield con


@pytest.fixture
def lake(one_lake: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake with the faulty batch in an open transaction, which is rolled back afterwards."""
    begin_batch(one_lake)
    yield one_lake
    with contextlib.suppress(duckdb.TransactionException):
        one_lake.execute("ROLLBACK")


class Counting:
    """A connection that keeps the statements it was asked."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.asked: list[str] = []

    def execute(self, statement: str, parameters: Any = None) -> Any:
        self.asked.append(statement)
        return self.con.execute(statement, parameters) if parameters else self.con.execute(statement)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)


def required(column: str) -> Expectation:
    return Expectation(f"{column}.required", "expect_column_values_to_not_be_null", {"column": column})


def unique(column: str) -> Expectation:
    return Expectation(f"{column}.unique", "expect_column_values_to_be_unique", {"column": column})


def in_set(column: str, *values: Any) -> Expectation:
    return Expectation(
        f"{column}.enum", "expect_column_values_to_be_in_set", {"column": column, "value_set": list(values)}
    )


def matches(column: str, regex: str) -> Expectation:
    return Expectation(f"{column}.pattern", "expect_column_values_to_match_regex", {"column": column, "regex": regex})


def breaking(rule: str, condition: str) -> Expectation:
    return Expectation(rule, "unexpected_rows_expectation", {"condition": condition})


DAYS = Expectation(
    "days.range", "expect_column_values_to_be_between", {"column": "days", "min_value": 0, "max_value": 365}
)
KEY = Expectation("key.unique", "expect_compound_columns_to_be_unique", {"column_list": ["id", "part"]})
ORDER = Expectation(
    "row.order",
    "expect_column_pair_values_a_to_be_greater_than_b",
    {"column_A": "closed", "column_B": "opened", "or_equal": True, "ignore_row_if": "either_value_is_missing"},
)
ROW_COUNT = Expectation("batch.rows", "expect_table_row_count_to_be_between", {"min_value": 1, "max_value": 100})
SUITE = [
    *(required(column) for column in ("id", "part", "days", "category", "contact", "opened")),
    DAYS,
    in_set("category", "咨询", "投诉", "建议"),
    matches("id", "^(?:GD[0-9]+)$"),
    unique("id"),
    KEY,
    ORDER,
    ROW_COUNT,
    breaking("age.type", "len(_violations) > 0"),
]
