"""By when a department is asked to answer: a number of working days, as the city pack says."""

from datetime import date, timedelta

from pipelines.contracts.model import City

USUAL_DAYS = 10  # 政务数据共享条例 art. 26: verify and correct within 10 working days


def answer_days(city: City) -> int:
    """Return how many working days the city gives a department (`feedback: {workingDays: 5}` in `_city.yaml`)."""
    told = dict(city.values).get("feedback")
    days = told.get("workingDays") if isinstance(told, dict) else None
    return days if isinstance(days, int) and not isinstance(days, bool) and 0 < days <= 366 else USUAL_DAYS


def due_day(start: date, days: int) -> date:
    """Return the day that is so many working days after one; that day itself is not counted.

    >>> due_day(date(2026, 9, 4), 1), due_day(date(2026, 9, 7), 10)
    (datetime.date(2026, 9, 7), datetime.date(2026, 9, 21))
    """
    while days > 0:
        start += timedelta(days=1)
        days -= start.weekday() < 5
    return start
