"""Working days in SQL: the vectors, and equal to the Python reference over the calendar and past its ends."""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.standards.working_days import national

VECTORS = [
    (date(2026, 2, 13), 1, date(2026, 2, 14)), (date(2026, 2, 13), 10, date(2026, 3, 5)),
    (date(2026, 9, 24), 10, date(2026, 10, 15)), (date(2026, 9, 30), 1, date(2026, 10, 8)),
    (date(2026, 9, 30), 10, date(2026, 10, 20)), (date(2026, 9, 30), 20, date(2026, 11, 3)),
]  # fmt: skip
COLUMNS = "day DATE, number INTEGER"


def test_the_vectors_hold_there_and_back(over: Any) -> None:
    rows = [(day, number) for day, number, _ in VECTORS]
    assert over("add_working_days(day, number)", COLUMNS, rows) == [after for *_, after in VECTORS]
    pairs = [(day, after) for day, _, after in VECTORS]
    assert over("working_days_between(a, b)", "a DATE, b DATE", pairs) == [number for _, number, _ in VECTORS]


def test_sql_says_what_python_says_of_every_day(over: Any) -> None:
    calendar = national()
    days = [calendar.first + timedelta(days=n) for n in range(-1, (calendar.last - calendar.first).days - 40)]
    rows = [(day, number) for number, day in enumerate(days)]
    short = [(day, number % 25) for day, number in rows]
    assert over("add_working_days(day, number)", COLUMNS, short) == [calendar.after(*row) for row in short]
    pairs = [(day, day + timedelta(days=number % 40 - 3)) for day, number in rows[10:]]
    assert over("working_days_between(a, b)", "a DATE, b DATE", pairs) == [calendar.between(*row) for row in pairs]
    given = [(day,) for day in days[1:]]
    assert over("is_working_day(day)", "day DATE", given) == [calendar.is_working(*row) for row in given]


def test_nothing_in_nothing_out(over: Any) -> None:
    assert over("add_working_days(day, number)", COLUMNS, [(None, 1), (date(2026, 1, 1), None)]) == [None, None]
    assert over("working_days_between(day, DATE '2026-01-01')", COLUMNS, [(None, 1)]) == [None]


@pytest.mark.parametrize(
    "call",
    [
        "add_working_days(DATE '2026-12-30', 20)", "add_working_days(DATE '1999-12-30', 1)",
        "working_days_between(DATE '2026-12-30', DATE '2099-01-05')", "is_working_day(DATE '2099-01-05')",
    ],
)  # fmt: skip
def test_a_year_that_no_calendar_holds_is_an_error(call: str, con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.ConversionException, match="the calendar holds"):
        con.execute(f"SELECT {call}")
