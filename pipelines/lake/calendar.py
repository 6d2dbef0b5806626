"""The working-day calendar of a city: the announced years of this release, with those of `schemas/_shared/calendar.csv`."""

from pipelines.errors import ContractError, Problem
from pipelines.settings import Settings
from pipelines.standards.working_days import Calendar, extended, national, read_calendar

FILE = "schemas/_shared/calendar.csv"


def calendar_of(settings: Settings) -> Calendar:
    """Return the calendar; a year in the city's own file takes the place of the release's. ContractError when it is not sound."""
    path = settings.city / FILE
    if not path.is_file():
        return national()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(FILE, None, "calendar", f"byte {error.start} is not UTF-8.", "save the file as UTF-8.")
        raise ContractError([problem]) from None
    return extended(national(), read_calendar(text, FILE))


def calendar_problems(settings: Settings) -> list[Problem]:
    """Return every problem of the city's own calendar."""
    try:
        calendar_of(settings)
    except ContractError as error:
        return error.problems
    return []
