"""By when a department is asked to answer: a number of working days, as the city pack says."""

from datetime import date

from pipelines.contracts.model import City
from pipelines.errors import CalendarEnds
from pipelines.lake.calendar import calendar_of
from pipelines.settings import Settings

USUAL_DAYS = 10  # 政务数据共享条例 art. 26: verify and correct within 10 working days


def answer_days(city: City) -> int:
    """Return how many working days the city gives a department (`feedback: {workingDays: 5}` in `_city.yaml`)."""
    return int(dict(city.values).get("feedback", {}).get("workingDays", USUAL_DAYS))


def due_day(settings: Settings, start: date, days: int) -> date | None:
    """Return the day that is so many working days after one (that day not counted); None where the calendar ends before."""
    try:
        return calendar_of(settings).after(start, days)
    except CalendarEnds:
        return None
