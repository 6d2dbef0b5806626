"""The Wilson interval: SQL against Python, and what must hold of every one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.standards.intervals import wilson_high, wilson_low


def test_sql_says_what_python_says(over: Any) -> None:
    rows = [(None, 4), (1, None), (0, 0), (0, 1), (1, 1), (8, 10), (7.9, 10), (0, 2_000_000), (40_000, 2_000_000)]
    for name, reference in (("wilson_low", wilson_low), ("wilson_high", wilson_high)):
        answers = over(f"{name}(hits, total)", "hits DOUBLE, total BIGINT", rows)
        assert answers == [
            None if (share := reference(*row)) is None else pytest.approx(share, abs=1e-12) for row in rows
        ]
        wide = over(f"{name}(hits, total, z := 4)", "hits DOUBLE, total BIGINT", [(8, 10)])
        assert wide == [pytest.approx(reference(8, 10, 4), abs=1e-12)]
        assert over(f"{name}(hits, total, z := NULL)", "hits DOUBLE, total BIGINT", [(8, 10)]) == [None]


@given(st.integers(1, 1000), st.floats(0, 1))
def test_the_share_is_inside_its_interval_and_the_interval_inside_0_to_1(total: int, share: float) -> None:
    low, high = wilson_low(share * total, total), wilson_high(share * total, total)
    assert low is not None
    assert high is not None
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
