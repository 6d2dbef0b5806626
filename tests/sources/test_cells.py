"""A column is turned into texts all at once; each must be what its cell alone gives."""

import datetime as dt
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.sources.cells import text_of, to_texts

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**17), 10**17).map(float)
MOMENTS = st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 30)).map(lambda at: at.replace(microsecond=0))
NOISY = st.builds(lambda at, off: at + dt.timedelta(microseconds=off), MOMENTS, st.integers(-3000, 3000))
DAYS = st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 30))
KINDS = [
    NUMBERS,
    st.text(),
    MOMENTS,
    DAYS,
    MOMENTS | DAYS,
    NOISY,
    st.booleans(),
    st.times(),
    st.timedeltas(dt.timedelta(0), dt.timedelta(99)),
]
COLUMNS = st.sampled_from(KINDS).flatmap(lambda kind: st.lists(kind | st.just(""), min_size=1, max_size=8))


@settings(deadline=None)  # the first call imports
@given(COLUMNS | st.lists(st.one_of(KINDS), min_size=1, max_size=8))
@example([893.3200000000001, 0.30000000000000004, 1e15, 5.0])
@example(["", 0.1])
@example([1e-05, 0.0001, 0.0, ""])
@example([dt.date(2026, 7, 1), dt.datetime(2026, 7, 1, 8, 30), ""])
def test_a_column_of_cells_reads_as_each_of_them(column: list[Any]) -> None:
    assert to_texts(column).to_pylist() == [text_of(cell) for cell in column]
