"""The macros of `working_days` for one calendar: two lists, counted out beforehand, so that a row costs two look-ups."""

from datetime import date, timedelta

from pipelines.names import literal
from pipelines.standards.working_days import Calendar

_EPOCH = date(1970, 1, 1)


def working_day_macros(calendar: Calendar) -> dict[str, str]:
    """Return the macros; a day outside the calendar is an error in them, as it is in Python."""
    days = [calendar.first + timedelta(days=n) for n in range((calendar.last - calendar.first).days + 1)]
    counts, worked = [0], []
    for day in days:
        if calendar.is_working(day):
            worked.append((day - _EPOCH).days)
        counts.append(len(worked))
    before = calendar.first - timedelta(days=1)
    known = f"BETWEEN DATE '{before}' AND DATE '{calendar.last}'"
    held = f"the calendar holds {calendar.first} to {calendar.last}"
    told = literal(f"[calendar] working days: {held} (further years are added in schemas/_shared/calendar.csv), not ")

    def ends(day: str) -> str:
        # A text that is no number says it: error() is volatile, and DuckDB takes nothing volatile inside the TRY of a row check.
        return f"CAST({told} || {day} AS INTEGER)"

    # One text each instead of hundreds of numbers: read once where a query is planned, and a third of the time to attach.
    counted = f"CAST('{counts}' AS INTEGER[])"

    def count(day: str) -> str:
        return f"{counted}[CAST(CAST({day} AS DATE) - DATE '{before}' AS BIGINT) + 1]"

    unknown = ends(f"CASE WHEN CAST(first AS DATE) {known} THEN last ELSE first END")
    found = f"CAST('{worked}' AS INTEGER[])[{count('day')} + number]"
    return {
        "is_working_day(day)": (
            f"CASE WHEN CAST(day AS DATE) BETWEEN DATE '{calendar.first}' AND DATE '{calendar.last}'"
            f" THEN {count('day')} > {count('CAST(day AS DATE) - 1')} WHEN day IS NOT NULL THEN CAST({ends('day')} AS BOOLEAN) END"
        ),
        "add_working_days(day, number)": (
            "CASE WHEN day IS NULL OR number IS NULL THEN NULL WHEN number <= 0 THEN CAST(day AS DATE)"
            f" WHEN CAST(day AS DATE) {known} AND {found} IS NOT NULL THEN DATE '{_EPOCH}' + CAST({found} AS INTEGER)"
            f" ELSE DATE '{_EPOCH}' + {ends('day')} END"
        ),
        "working_days_between(first, last)": (
            "CASE WHEN first IS NULL OR last IS NULL THEN NULL WHEN CAST(last AS DATE) <= CAST(first AS DATE) THEN 0"
            f" WHEN CAST(first AS DATE) {known} AND CAST(last AS DATE) {known} THEN {count('last')} - {count('first')}"
            f" ELSE {unknown} END"
        ),
    }
