"""The air quality index: the vectors of both standards, and SQL equal to the Python reference over any concentration."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipelines.standards import air_quality
from pipelines.standards.air_quality import DAILY, NEW, NEW_SINCE, OLD

BEFORE = date(2026, 2, 28)
VECTORS = [
    ("pm25_24h", "75", 100, 114), ("pm25_24h", "60.5", 82, 100), ("pm25_24h", "35.5", 52, 52), ("pm10_24h", "150", 100, 112),
    ("so2_24h", "100", 75, 75), ("so2_1h", "900", None, 200), ("no2_24h", "63", 79, 79), ("o3_8h", "200", 137, 137),
    ("o3_1h", "260", 130, 130), ("co_24h", "2.2", 55, 55), ("co_1h", "65.4", 218, 218), ("o3_8h", "900", None, 300),
    ("pm25_1h", "75", None, 114), ("so2_24h", "150", 100, 100), ("so2_24h", "475", 150, 150), ("co_24h", "2.14", 53, 53),
]  # fmt: skip
VALUES = "item VARCHAR, value DECIMAL(18, 6), day DATE"
DAY = ", ".join(f"{item} DOUBLE" for item in DAILY[OLD])
NAMED = ", ".join(f"{item} := {item}" for item in DAILY[OLD])


@pytest.mark.parametrize(("item", "value", "old", "new"), VECTORS)
def test_vectors_of_both_standards(item: str, value: str, old: int | None, new: int | None, over: Any) -> None:
    rows = [(item, Decimal(value), BEFORE), (item, Decimal(value), NEW_SINCE)]
    assert over("iaqi(item, value, day)", VALUES, rows) == [old, new]
    assert over("iaqi(item, CAST(value AS DOUBLE), day)", VALUES, rows) == [old, new]
    assert [air_quality.iaqi(*row) for row in rows] == [old, new]


def test_sql_says_what_python_says_of_any_concentration(over: Any) -> None:
    draw = random.Random(5)
    rows: list[tuple[Any, ...]] = [(None, 1, BEFORE), ("o3_8h", None, BEFORE), ("o3_8h", 1, None)]
    for item in air_quality.items():
        for day in (BEFORE, NEW_SINCE, BEFORE - timedelta(days=2000)):
            bounds = air_quality.breakpoints().get((item, air_quality.aqi_standard(day)), (0, 100))
            near = [Decimal(bound) + Decimal(step) / 10 for bound in bounds for step in (-5, -1, 0, 1, 5) if bound > 0]
            anywhere = [Decimal(draw.randrange(0, bounds[-1] * 1300)) / 1000 for _ in range(60)]
            halves = [Decimal(draw.randrange(0, bounds[-1] * 20)) / 20 for _ in range(60)]
            rows += [(item, value, day) for value in [*near, *anywhere, *halves]]
    expected = [air_quality.iaqi(*row) for row in rows]
    assert over("iaqi(item, value, day)", VALUES, rows) == expected
    assert over("iaqi(item, CAST(value AS DOUBLE), day)", VALUES, rows) == expected


def test_the_index_of_a_day_and_what_made_it_are_python_s(over: Any) -> None:
    draw = random.Random(11)
    rows: list[tuple[Any, ...]] = []
    for _ in range(400):
        day = NEW_SINCE + timedelta(days=draw.randrange(-3, 3))
        full = [draw.choice([0, 35, 60.5, 75, 110, draw.uniform(0, 300)]) for _ in DAILY[OLD]]
        full[DAILY[OLD].index("co_24h")] = draw.choice([0.6, 2.2, 5.0])
        rows.append((day, *(None if draw.random() < 0.04 else round(value, 3) for value in full)))
    rows.append((None, *[1] * 7))
    rows.append((NEW_SINCE, *[None] * 7))
    columns = f"day DATE, {DAY}"
    given = [(day, dict(zip(DAILY[OLD], values, strict=True))) for day, *values in rows]
    assert over(f"aqi(day, {NAMED})", columns, rows) == [air_quality.aqi(*each) for each in given]
    found = over(f"primary_pollutants(day, {NAMED})", columns, rows)
    assert found == [air_quality.primary_pollutants(*each) for each in given]


def test_two_that_tie_are_named_together(over: Any) -> None:
    rows = [(NEW_SINCE, 60.0, 120.0)]
    asked = (
        "primary_pollutants(day, pm25_24h := p, pm10_24h := q, so2_24h := 1, no2_24h := 1, co_24h := 1, o3_8h := 160)"
    )
    assert over(asked, "day DATE, p DOUBLE, q DOUBLE", rows) == [["pm10_24h", "o3_8h", "pm25_24h"]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("iaqi('pm2.5', 1, DATE '2026-03-01')", "no item 'pm2.5'"),
        ("iaqi('pm25_24h', -1, DATE '2026-03-01')", "below zero"),
        ("iaqi('pm25_24h', CAST('nan' AS DOUBLE), DATE '2026-03-01')", "not a number"),
        ("iaqi('pm25_24h', CAST('inf' AS DOUBLE), DATE '2026-03-01')", "not a number"),
    ],
)
def test_an_unknown_item_and_a_negative_concentration_are_errors(
    call: str, message: str, con: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=message):
        con.execute(f"SELECT {call}")


@pytest.mark.parametrize("name", ["aqi_level", "aqi_category", "aqi_colour"])
def test_levels_are_python_s(name: str, over: Any) -> None:
    reference: Callable[[int | None], object] = getattr(air_quality, name)
    given = [None, 0, 1, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500]
    assert over(f"{name}(i)", "i INTEGER", [(i,) for i in given]) == [reference(i) for i in given]


def test_every_item_of_a_daily_report_has_breakpoints_of_its_standard() -> None:
    for standard in (OLD, NEW):
        for item in DAILY[standard]:
            bounds = air_quality.breakpoints()[item, standard]
            assert list(bounds) == sorted(set(bounds))
