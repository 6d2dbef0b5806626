"""Working days (工作日): weekdays but for the holidays, and the weekend days worked instead of them (调休).

The State Council announces both a year at a time (《全国年节及纪念日放假办法》), so a calendar covers whole years and says
nothing about the years it does not hold: weekday-only arithmetic would be wrong there, and is never done.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from pipelines.errors import CalendarEnds, ContractError, Problem

HEADER = ("date", "day", "name", "basis")
_DAYS = {"holiday": False, "workday": True}
_RULE = "calendar"
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked, from `first` to `last`. `special`: True a weekend day that is worked, False a holiday.

    `notes`: the holiday's name and the notice, of each of these days.
    """

    special: Mapping[date, bool]
    notes: Mapping[date, tuple[str, str]] = field(default_factory=dict)

    @property
    def first(self) -> date:
        """The first day the calendar knows."""
        return date(min(self.special).year, 1, 1)

    @property
    def last(self) -> date:
        """The last day the calendar knows."""
        return date(max(self.special).year, 12, 31)

    def is_working(self, day: date) -> bool:
        """Whether a day is worked; CalendarEnds for a day outside the calendar.

        >>> national().is_working(date(2026, 10, 10)), national().is_working(date(2026, 10, 1))
        (True, False)
        """
        if not self.first <= day <= self.last:
            raise CalendarEnds(day.isoformat(), self.first.isoformat(), self.last.isoformat())
        return self.special.get(day, day.weekday() < 5)

    def on_or_after(self, day: date) -> date:
        """Return the day, or the next working day when it is none (Civil Code art. 203).

        >>> national().on_or_after(date(2026, 2, 15)), national().on_or_after(date(2026, 2, 14))
        (datetime.date(2026, 2, 24), datetime.date(2026, 2, 14))
        """
        while not self.is_working(day):
            day += _ONE
        return day

    def after(self, day: date, count: int) -> date:
        """Return the day that is `count` working days after one; the day itself is not counted (Civil Code art. 201).

        >>> national().after(date(2026, 2, 13), 1), national().after(date(2026, 9, 30), 20)
        (datetime.date(2026, 2, 14), datetime.date(2026, 11, 3))
        """
        while count > 0:
            day += _ONE
            count -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Return how many working days there are after one day, up to and with another; 0 when it is not later.

        >>> national().between(date(2026, 9, 30), date(2026, 10, 10))
        3
        """
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.is_working(day) for day in days)


@cache
def national() -> Calendar:
    """Return the calendar of the years that this release knows, as the State Council announced them."""
    text = files("pipelines.standards").joinpath("calendar.csv").read_text(encoding="utf-8")
    return read_calendar(text, "calendar.csv")


def extended(base: Calendar, more: Calendar) -> Calendar:
    """Return a calendar in which the years of `more` take the place of the base's.

    Raises ContractError when a year between them is in neither: nobody knows its holidays.
    """
    years = {day.year for day in more.special}
    kept = {day: worked for day, worked in base.special.items() if day.year not in years}
    notes = {day: note for day, note in base.notes.items() if day.year not in years}
    joined = Calendar({**kept, **more.special}, {**notes, **more.notes})
    have = {day.year for day in joined.special}
    gaps = [year for year in range(min(have), max(have)) if year not in have]
    if gaps:
        raise ContractError([Problem("calendar.csv", None, _RULE, f"the calendar lacks the year {gaps[0]}.")])
    return joined


def read_calendar(text: str, file: str) -> Calendar:
    """Return the calendar in a CSV text `date,day,name,basis` (day: holiday or workday); ContractError with every problem."""
    special: dict[date, bool] = {}
    notes: dict[date, tuple[str, str]] = {}
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = next(reader, [])
    if tuple(header) != HEADER:
        hint = f"write {','.join(HEADER)}."
        raise ContractError([Problem(file, 1, _RULE, f"the header is '{','.join(header)}'.", hint)])
    for fields in reader:
        if not fields:
            continue
        found = list(_problems(fields, file, reader.line_num, special))
        problems += found
        if not found:
            day = date.fromisoformat(fields[0])
            special[day], notes[day] = _DAYS[fields[1]], (fields[2], fields[3])
    if not special and not problems:
        problems.append(Problem(file, 1, _RULE, "holds no day."))
    if problems:
        raise ContractError(problems)
    return Calendar(special, notes)


def _problems(fields: list[str], file: str, line: int, known: Mapping[date, bool]) -> Iterator[Problem]:
    if len(fields) != len(HEADER):
        yield Problem(file, line, _RULE, f"has {len(fields)} fields, not {len(HEADER)}.")
        return
    text, day = fields[0], fields[1]
    if day not in _DAYS:
        yield Problem(file, line, _RULE, f"day '{day}' is not known.", f"write {' or '.join(_DAYS)}.")
    try:
        moment = date.fromisoformat(text)
    except ValueError:
        yield Problem(file, line, _RULE, f"'{text}' is not a date.", "write YYYY-MM-DD.")
        return
    if moment in known:
        yield Problem(file, line, _RULE, f"{text} is there twice.")
    if day == "workday" and moment.weekday() < 5:
        yield Problem(file, line, _RULE, f"{text} is a weekday: it is worked anyway.", "remove the line.")
