"""The data behind the macros as tables, for who reads a standard beside its functions."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files

from pipelines.names import literal, quoted
from pipelines.standards.working_days import Calendar


def create_tables(calendar: Calendar) -> Iterator[str]:
    """Yield the statements that make `standards.aqi_breakpoints`, `standards.gbt36344` and `standards.working_calendar`."""
    for name in ("aqi_breakpoints", "gbt36344"):
        text = files("pipelines.standards").joinpath(f"{name}.csv").read_text(encoding="utf-8")
        header, *rows = csv.reader(io.StringIO(text))
        kinds = ["INTEGER" if column.startswith("bp_") else "VARCHAR" for column in header]
        yield _table(name, list(zip(header, kinds, strict=True)), rows)
    days = [calendar.first + timedelta(days=n) for n in range((calendar.last - calendar.first).days + 1)]
    worked = [[day.isoformat(), str(calendar.is_working(day)).lower()] for day in days]
    yield _table("working_calendar", [("day", "DATE"), ("is_working", "BOOLEAN")], worked)


def _table(name: str, columns: list[tuple[str, str]], rows: list[list[str]]) -> str:
    values = ", ".join("(" + ", ".join(literal(value) if value else "NULL" for value in row) + ")" for row in rows)
    chosen = ", ".join(f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}" for column, kind in columns)
    named = ", ".join(quoted(column) for column, _ in columns)
    return f"CREATE OR REPLACE TABLE standards.main.{name} AS SELECT {chosen} FROM (VALUES {values}) AS given({named})"
