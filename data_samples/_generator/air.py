"""Deliveries of environment.air_quality_hourly: a file a day, and one of late corrections."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from _generator.draws import one
from _generator.tally import Tally

STATIONS = {
    "XMA01": ("滨海大道（虚构）", 0.9),
    "XMA02": ("湖畔公园（虚构）", 0.8),
    "XMA03": ("老城广场（虚构）", 1.0),
    "XMA04": ("北区学校（虚构）", 1.0),
    "XMA05": ("西港码头（虚构）", 1.3),
    "XMA06": ("文教新城（虚构）", 0.9),
    "XMA07": ("北山水厂（虚构）", 0.7),
    "XMA08": ("东湾新区（虚构）", 1.1),
}
HEADINGS = (
    "站点编码", "站点名称", "监测时间", "上报时间",
    "SO2(μg/m³)", "NO2(μg/m³)", "CO(mg/m³)", "O3(μg/m³)", "PM10(μg/m³)", "PM2.5(μg/m³)",
)  # fmt: skip
MISSING = "—"
_TRAFFIC = (5, 4, 4, 4, 5, 6, 8, 11, 12, 11, 9, 8, 8, 8, 8, 8, 9, 11, 12, 11, 9, 8, 7, 6)
_SUN = (1, 1, 1, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 11, 11, 10, 8, 6, 4, 3, 2, 1, 1, 1)
_DAY_WEIGHT = (0.8, 0.9, 1.1, 1.4, 1.9, 1.6, 1.0)
_FIRST_DAY = datetime(2026, 2, 26)
OUTAGE = ("XMA05", datetime(2026, 2, 28), range(3, 10))

Record = list[str]


@dataclass(frozen=True, slots=True)
class AirDay:
    """One daily file: its day and its warts by row number (a rule broken, or '' when the wart is harmless)."""

    day: datetime
    warts: tuple[tuple[int, str, Callable[[Record], Record]], ...] = ()
    slashes: bool = False
    sent_again: tuple[int, ...] = ()


def _reading(station: str, at: datetime) -> list[str]:
    """Six concentrations; in whole units and tenths, so that no rounding mode can change a byte."""
    weight = STATIONS[station][1] * _DAY_WEIGHT[(at - _FIRST_DAY).days % 7]
    row = (at - _FIRST_DAY).days * 24 + at.hour
    noise = [0.8 + 0.4 * one(f"{station}/{kind}", row) for kind in range(6)]
    traffic, sun = _TRAFFIC[at.hour], _SUN[at.hour]
    pm10 = int((24 + 3 * traffic) * weight * noise[4])
    values = [
        str(int(6 * weight * noise[0]) + 2),
        str(int((8 + 3 * traffic) * weight * noise[1])),
        f"0.{min(9, 2 + int(0.5 * traffic * weight * noise[2]))}",
        str(int((30 + 11 * sun) * noise[3])),
        str(pm10),
        str(int(pm10 * (0.45 + 0.25 * noise[5] / 1.2))),
    ]
    return [MISSING if one(f"{station}/gap/{kind}", row) < 0.012 else value for kind, value in enumerate(values)]


def _record(station: str, at: datetime) -> Record:
    reported = at + timedelta(hours=1, minutes=5 + int(10 * one(f"{station}/delay", at.hour)))
    out = station == OUTAGE[0] and at.date() == OUTAGE[1].date() and at.hour in OUTAGE[2]
    values = [MISSING] * 6 if out else _reading(station, at)
    return [station, STATIONS[station][0], f"{at:%Y-%m-%d %H:%M}", f"{reported:%Y-%m-%d %H:%M}", *values]


def _records(day: AirDay) -> Iterator[tuple[Record, str]]:
    """The rows of a day with the rule each breaks ('' for none), hour by hour."""
    warts = {row: (rule, change) for row, rule, change in day.warts}
    for row in range(24 * len(STATIONS)):
        record = _record(list(STATIONS)[row % len(STATIONS)], day.day + timedelta(hours=row // len(STATIONS)))
        rule, change = warts.get(row, ("", list))
        yield change(record), rule
        if row in day.sent_again:
            late = datetime.fromisoformat(record[3]) + timedelta(minutes=30)
            yield [*record[:3], f"{late:%Y-%m-%d %H:%M}", *record[4:]], ""


def _write(path: Path, records: list[tuple[Record, str]]) -> Tally:
    tally = Tally()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for record, rule in records:
            writer.writerow(record)
            tally.delivered += 1
            if rule:
                tally.count_broken(rule)
            else:
                tally.keys.add((record[0], record[2].replace("/", "-")))
    return tally


def write_air_day(path: Path, day: AirDay) -> Tally:
    """Write a day's delivery and return what it holds."""
    records = list(_records(day))
    if day.slashes:
        records = [([*r[:2], r[2].replace("-", "/"), r[3].replace("-", "/"), *r[4:]], rule) for r, rule in records]
    return _write(path, records)


def write_air_corrections(path: Path) -> Tally:
    """Write the late corrections: the outage's hours filled in, and a dozen readings of another station revised."""
    records: list[tuple[Record, str]] = []
    for hour in OUTAGE[2]:
        at = OUTAGE[1] + timedelta(hours=hour)
        filled = [str(v) for v in (8, 30 + hour, "0.6", 60 + hour, 70 + hour, 40 + hour)]
        records.append(([*_record(OUTAGE[0], at)[:3], "2026-03-02 10:00", *filled], ""))
    for hour in range(8, 20):
        record = _record("XMA03", OUTAGE[1] + timedelta(hours=hour))
        particles = [str(90 + hour), MISSING if hour == 13 else str(45 + hour)]
        records.append(([*record[:3], "2026-03-02 10:00", *record[4:8], *particles], ""))
    return _write(path, records)
