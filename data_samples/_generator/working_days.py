"""Deliveries of base.working_calendar: every day of a year, holidays and shifted working days from the office's notice."""

import csv
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from _generator.tally import Tally

HEADINGS = ("日期", "类别", "是否工作日", "节日", "依据")
_NOTICES = Path(__file__).parents[2] / "pipelines" / "standards" / "calendar.csv"
_KINDS = {"holiday": "节假日", "workday": "调休上班"}


@cache
def _told() -> dict[date, tuple[str, str, str]]:
    """Kind, occasion and number of the notice of each day that a notice names."""
    with _NOTICES.open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {date.fromisoformat(row["date"]): (_KINDS[row["day"]], row["name"], row["basis"]) for row in rows}


def _line(day: date, form: str) -> str:
    usual = "休息日" if day.weekday() >= 5 else "工作日"
    kind, occasion, notice = _told().get(day, (usual, "", ""))
    works = "班" if kind in ("工作日", "调休上班") else "休"
    return ",".join((f"{day:{form}}", kind, works, occasion, notice))


def write_calendar(path: Path, year: int, form: str = "%Y-%m-%d") -> Tally:
    """Write a year's delivery and return what it holds; `form` is how it writes its days."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    days = [day for day in days if day.year == year]
    text = "\n".join([",".join(HEADINGS), *(_line(day, form) for day in days)]) + "\n"
    path.write_text(text, encoding="utf-8-sig", newline="")
    return Tally(delivered=len(days))
