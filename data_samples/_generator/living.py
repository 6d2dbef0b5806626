"""Deliveries of life.population_by_subdistrict and life.jobs_and_housing: the same people counted by two offices."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _generator.draws import one
from _generator.places import PLACES, Place
from _generator.tally import Tally
from _generator.warts import Record, Wart, worn

POPULATION_HEADINGS = ("季度", "街道代码", "常住人口", "0—14岁", "15—59岁", "60岁及以上", "户数")
HOUSING_HEADINGS = ("季度", "街道代码", "就业岗位", "居住地就业人口", "住房套数", "住房面积（平方米）", "常住人口")
IMBALANCED, JOBS_PER_WORKER = "350205002", 3.4
_FEW = 500  # below this many people ages are not told
_QUARTERS = ("2025-Q4", "2026-Q1")


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter's sheet. `headings` replaces some of the usual ones."""

    name: str
    headings: tuple[tuple[str, str], ...] = ()
    warts: tuple[Wart, ...] = ()

    def row_of(self, usual: tuple[str, ...]) -> list[str]:
        """The headings as this quarter writes them."""
        return [dict(self.headings).get(heading, heading) for heading in usual]


def residents(place: Place, quarter: str) -> int:
    """People who live in a place at the end of a quarter, as the police count them."""
    base = (
        18_000 + 80_000 * one(f"people/{place.code}", 0)
        if place.is_street
        else 150 + 2600 * one(f"people/{place.code}", 0)
    )
    return int(base * (1 + 0.012 * _QUARTERS.index(quarter) * (one(f"people/{place.code}", 1) - 0.35)))


def residents_again(place: Place, quarter: str) -> int:
    """The same people as the housing office counts them: up to three in a hundred more or fewer, never the same number."""
    counted = residents(place, quarter)
    off = int(counted * 0.06 * (one(f"people again/{place.code}", _QUARTERS.index(quarter)) - 0.5))
    return counted + (off or 1)


def population(quarter: str) -> list[Record]:
    """Every place's people and households, as numbers."""
    made: list[Record] = []
    for place in PLACES:
        people, draw = residents(place, quarter), [one(f"ages/{place.code}", n) for n in range(3)]
        young, old = int(people * (0.13 + 0.06 * draw[0])), int(people * (0.10 + 0.12 * draw[1]))
        ages: list[Any] = [young, people - young - old, old] if people >= _FEW else ["*"] * 3
        made.append([quarter, place.code, people, *ages, int(people / (2.3 + 0.6 * draw[2]))])
    return made


def jobs_and_housing(quarter: str) -> list[Record]:
    """Every place's jobs, workers and homes, as numbers; in one place there are far more jobs than people who could fill them."""
    made: list[Record] = []
    for place in PLACES:
        people, draw = residents_again(place, quarter), [one(f"jobs/{place.code}", n) for n in range(3)]
        workers = int(people * (0.47 + 0.08 * draw[0]))
        jobs = int(workers * (JOBS_PER_WORKER if place.code == IMBALANCED else 0.86 + 0.28 * draw[1]))
        homes = int(people / (2.2 + 0.5 * draw[2]))
        made.append([quarter, place.code, jobs, workers, homes, homes * (78 + int(30 * draw[0])), people])
    return made


def _with_commas(record: Record) -> Record:
    return [f"{value:,}" if isinstance(value, int) else value for value in record]


def write_population(path: Path, quarter: Quarter) -> Tally:
    """Write a quarter's people, with commas in the numbers and 合计 below, and return what the file holds."""
    tally = Tally()
    records = list(worn(population(quarter.name), quarter.warts, tally))
    people, homes = (sum(record[column] for record in records) for column in (2, 6))
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(quarter.row_of(POPULATION_HEADINGS))
        writer.writerows(_with_commas(record) for record in records)
        writer.writerow(["合计", "", people, "", "", "", homes])
    tally.declared = {"rows": len(records), "resident_population": people, "household_count": homes}
    tally.counted = dict(tally.declared)
    return tally


def write_jobs_and_housing(path: Path, quarter: Quarter) -> Tally:
    """Write a quarter's jobs and homes as Excel's "Unicode text" (UTF-16, tabs), and return what the file holds."""
    tally = Tally()
    records = list(worn(jobs_and_housing(quarter.name), quarter.warts, tally))
    lines = ["\t".join(str(value) for value in line) for line in (quarter.row_of(HOUSING_HEADINGS), *records)]
    path.write_bytes(b"\xff\xfe" + ("\r\n".join(lines) + "\r\n").encode("utf-16-le"))
    return tally
