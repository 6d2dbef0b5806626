"""The indicators of GB/T 36344 in both directions."""

from typing import Any

import duckdb
import pytest

from pipelines.contracts.rules.checks import DIMENSIONS
from pipelines.derive.rules import DIMENSION
from pipelines.standards.data_quality import gbt36344, gbt36344_up, indicators


def test_there_are_twenty_and_contracts_know_the_same() -> None:
    assert sorted(indicators()) == sorted(DIMENSIONS)
    assert set(DIMENSION.values()) <= set(indicators())


def test_sql_says_what_python_says(over: Any) -> None:
    counts = [(0, 0), (0, 4), (1, 4), (4, 4), (None, 4), (1, None)]
    rows = [(code, a, b) for code in [*indicators(), None] for a, b in counts]
    for name, reference in (("gbt36344", gbt36344), ("gbt36344_up", gbt36344_up)):
        answers = over(f"{name}(code, a, b)", "code VARCHAR, a BIGINT, b BIGINT", rows)
        assert answers == [None if (share := reference(*row)) is None else float(share) for row in rows]


@pytest.mark.parametrize("call", ["gbt36344('0199', 1, 2)", "gbt36344_up('0201', 3, 2)", "gbt36344('0201', -1, 2)"])
def test_no_indicator_and_more_than_all_are_errors(call: str, con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.InvalidInputException, match="gbt36344"):
        con.execute(f"SELECT {call}")
