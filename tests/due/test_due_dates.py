"""A truth table of due dates: cycle, latency and working days, against dates looked up in the announced calendars."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from pipelines.contracts.model import Contract, Ingest, Period, Unit
from pipelines.derive.due import due_after, due_of_period, ended_periods
from pipelines.errors import CalendarEnds, ContractError
from pipelines.standards.working_days import extended, national, read_calendar

PLAIN = Contract(
    id="t.t", version="1.0.0", status="active", path="", digest="", title="", purpose="", limitations="", provider="",
    owner="", contacts=(), tags=(), columns=(), ingest=Ingest(timezone="Asia/Shanghai"),
)  # fmt: skip


def of(unit: Unit, frequency: tuple[int, str], latency: tuple[int, str] | None) -> Contract:
    ingest = replace(PLAIN.ingest, period=Period("file_name", unit))
    return replace(PLAIN, frequency=frequency, latency=latency, ingest=ingest)


@pytest.mark.parametrize(
    ("period", "unit", "latency", "due"),
    [
        ("2026-09", "month", (10, "d"), "2026-10-10"),  # a Saturday that is worked
        ("2026-09", "month", (3, "d"), "2026-10-08"),  # the 3rd is in the National Day holiday
        ("2026-01", "month", (15, "d"), "2026-02-24"),  # the 15th begins the Spring Festival
        ("2026-01", "month", (14, "d"), "2026-02-14"),  # worked for it
        ("2026-09", "month", (1, "wd"), "2026-10-08"),
        ("2026-09", "month", (3, "wd"), "2026-10-10"),
        ("2026-09", "month", (10, "wd"), "2026-10-20"),
        ("2026-09", "month", (20, "wd"), "2026-11-03"),
        ("2026-02-13", "day", (1, "wd"), "2026-02-14"),
        ("2026-02-13", "day", (10, "wd"), "2026-03-05"),
        ("2026-09-24", "day", (10, "wd"), "2026-10-15"),
        ("2025-12", "month", (1, "d"), "2026-01-04"),  # the years meet
        ("2026-04", "month", (1, "month"), "2026-06-01"),  # 31 May is a Sunday
        ("2026-Q1", "quarter", (5, "d"), "2026-04-07"),  # 清明节
        ("2025", "year", (1, "month"), "2026-02-02"),
        ("2026-06", "month", (1, "week"), "2026-07-07"),
        ("2026-06", "month", None, "2026-07-10"),  # nobody said: the usual time
        ("2023-09", "month", (1, "d"), "2023-10-01"),  # before the calendar begins no day is moved
    ],
)
def test_due_day(period: str, unit: Unit, latency: tuple[int, str] | None, due: str) -> None:
    frequency = {"day": (1, "d"), "month": (1, "month"), "quarter": (1, "quarter"), "year": (1, "year")}[unit]
    found = due_of_period(of(unit, frequency, latency), period, national())
    assert found.day == date.fromisoformat(due)
    assert found.moment.isoformat() == datetime.combine(
        date.fromordinal(found.day.toordinal() + 1), datetime.min.time()
    ).isoformat() + "+08:00"  # fmt: skip


def test_a_latency_in_hours_keeps_no_holiday() -> None:
    daily = of("day", (1, "d"), (12, "h"))
    assert due_of_period(daily, "2026-10-02", national()).moment.isoformat() == "2026-10-03T12:00:00+08:00"


def test_the_end_of_the_calendar_is_an_error_in_both_directions() -> None:
    with pytest.raises(CalendarEnds, match="2027-01-10 is outside"):
        due_of_period(of("month", (1, "month"), (10, "d")), "2026-12", national())
    with pytest.raises(CalendarEnds, match="2024-12-31"):
        national().is_working(date(2024, 12, 31))
    assert due_of_period(of("day", (1, "d"), (9, "h")), "2028-01-01", national()).day == date(2028, 1, 2)


@pytest.mark.parametrize(
    ("unit", "frequency", "first", "now", "periods"),
    [
        ("month", (1, "month"), "2026-06", "2026-09-01", ["2026-06", "2026-07", "2026-08"]),
        ("month", (1, "month"), "2026-06", "2026-08-31", ["2026-06", "2026-07"]),
        ("month", (3, "month"), "2025-12", "2026-08-01", ["2025-12", "2026-03", "2026-06"]),
        ("month", (1, "quarter"), "2026-03", "2026-12-01", ["2026-03", "2026-06", "2026-09"]),
        ("day", (1, "week"), "2026-02-26", "2026-03-13", ["2026-02-26", "2026-03-05", "2026-03-12"]),
        ("hour", (1, "h"), "2026-06-01T22", "2026-06-02T01:30", ["2026-06-01T22", "2026-06-01T23", "2026-06-02T00"]),
        ("quarter", (1, "quarter"), "2025-Q4", "2026-07-01", ["2025-Q4", "2026-Q1", "2026-Q2"]),
        ("year", (1, "year"), "2024", "2026-01-01", ["2024", "2025"]),
        ("day", (1, "h"), "2026-06-01", "2026-06-03", ["2026-06-01", "2026-06-02"]),
    ],
)
def test_periods_that_ended(unit: Unit, frequency: tuple[int, str], first: str, now: str, periods: list[str]) -> None:
    assert list(ended_periods(of(unit, frequency, None), first, datetime.fromisoformat(now))) == periods


def test_without_periods_a_cycle_and_a_latency_after_the_last() -> None:
    weekly = replace(PLAIN, frequency=(1, "week"), latency=(2, "d"))
    assert due_after(weekly, datetime(2026, 9, 22), national()).day == date(2026, 9, 30)
    assert due_after(weekly, datetime(2026, 9, 23), national()).day == date(2026, 10, 8)


def test_the_calendar_has_the_weekend_days_that_are_worked() -> None:
    worked = [day.isoformat() for day, is_worked in national().special.items() if is_worked]
    assert worked == [
        "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]  # fmt: skip
    working = {2025: 248, 2026: 248}
    days = [date.fromordinal(n) for n in range(date(2025, 1, 1).toordinal(), date(2027, 1, 1).toordinal())]
    assert {year: sum(national().is_working(day) for day in days if day.year == year) for year in working} == working


HEAD = "date,day,name,basis\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("day,date\n", "the header is 'day,date'"),
        (HEAD, "holds no day"),
        (HEAD + "2027-01-01,holiday\n", "has 2 fields"),
        (HEAD + "2027-01-01,off,a,b\n", "day 'off' is not known"),
        (HEAD + "2027-01-01,holiday,a,b\n2027-01-01,holiday,a,b\n", ":3: [calendar] 2027-01-01 is there twice"),
        (HEAD + "2027-01-04,workday,a,b\n", "2027-01-04 is a weekday"),
    ],
)
def test_a_calendar_that_is_not_sound_says_where(text: str, says: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_calendar(text, "calendar.csv")
    assert says in str(caught.value)


def test_a_year_between_two_known_ones_is_missed() -> None:
    with pytest.raises(ContractError, match="lacks the year 2027"):
        extended(national(), read_calendar(HEAD + "2028-01-03,holiday,元旦,b\n", "calendar.csv"))
