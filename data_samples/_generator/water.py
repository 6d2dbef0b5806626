"""Deliveries of environment.water_levels: lines of JSON from loggers, out of order, twice, and sometimes cut off."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np

from _generator.draws import hashed, one
from _generator.shared_world import WARNING_M, flood_rise_cm
from _generator.stations import STATIONS
from _generator.tally import Key, Tally
from _generator.warts import Wart, wart_of

BEIJING = timezone(timedelta(hours=8))
NO_READING = -9999

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WaterDay:
    """One day's lines, shuffled. `again` are rows sent twice, `revised` rows sent again with another level.

    `late` are (station, hour) of the day before that arrive only now; `withdrawn` are such rows that are taken away.
    """

    day: datetime
    again: tuple[int, ...] = ()
    revised: tuple[int, ...] = ()
    late: tuple[tuple[str, int], ...] = ()
    withdrawn: tuple[tuple[str, int], ...] = ()
    silent: tuple[tuple[str, int], ...] = ()
    warts: tuple[Wart, ...] = ()


def level_cm(station: str, at: datetime) -> int:
    """Level above the station's own zero in the hour `at` (Beijing's clock, without a zone)."""
    base = STATIONS[station][2]
    tide = abs((at.hour * 2 + 7) % 25 - 12) * (6 if base < 100 else 1)
    return base + tide + int(9 * one(f"{station}/level", _hour(at))) + flood_rise_cm(station, at)


def _hour(at: datetime) -> int:
    return (at - datetime(2026, 1, 1)) // timedelta(hours=1)


def _record(station: str, at: datetime) -> Record:
    name, street, _ = STATIONS[station]
    clock = at.replace(tzinfo=None)
    row = _hour(clock)
    centimetres = level_cm(station, clock)
    missing = one(f"{station}/gap", row) < 0.02 and not flood_rise_cm(station, clock)
    reported = at + timedelta(minutes=2 + int(6 * one(f"{station}/delay", row)))
    return {
        "station": {"code": station, "name": name, "subdistrict": street, "warningM": WARNING_M[station]},
        "observedAt": at.isoformat(),
        "reportedAt": reported.isoformat(),
        "levelM": NO_READING if missing else centimetres / 100,
        "withdrawn": False,
    }


def _good(day: WaterDay) -> list[Record]:
    hours = [day.day.replace(tzinfo=BEIJING) + timedelta(hours=hour) for hour in range(24)]
    records = [
        _record(station, at)
        for at in hours
        for station in STATIONS
        if (station, at.hour) not in day.silent
    ]  # fmt: skip
    before = day.day.replace(tzinfo=BEIJING) - timedelta(days=1)
    later = (day.day.replace(tzinfo=BEIJING) + timedelta(hours=9)).isoformat()
    for station, hour in day.late:
        records.append(_record(station, before + timedelta(hours=hour)) | {"reportedAt": later})
    for station, hour in day.withdrawn:
        records.append(_record(station, before + timedelta(hours=hour)) | {"reportedAt": later, "withdrawn": True})
    for row in day.revised:
        reported = datetime.fromisoformat(records[row]["reportedAt"]) + timedelta(hours=3)
        level = records[row]["levelM"]
        records.append(records[row] | {"reportedAt": reported.isoformat(), "levelM": round(level + 0.1, 2)})
    return [*records, *(records[row] for row in day.again)]


def in_utc(lines: list[str]) -> list[str]:
    """The line with its instants told in UTC: the same instants."""
    record = json.loads(lines[0])
    for name in ("observedAt", "reportedAt"):
        at = datetime.fromisoformat(record[name]).astimezone(UTC)
        record[name] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return [_line(record)]


def level_as_text(lines: list[str]) -> list[str]:
    """The line with its level in quotes."""
    record = json.loads(lines[0])
    return [_line(record | {"levelM": str(record["levelM"])})]


def cut_off(lines: list[str]) -> list[str]:
    """What is left of a line whose logger lost its power."""
    return [lines[0][:61]]


def with_value(*path: str, value: Any) -> Any:
    """A change that puts another value at a key, or a key inside a key."""

    def change(lines: list[str]) -> list[str]:
        record = json.loads(lines[0])
        inner = record
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        return [_line(record)]

    return change


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _key(record: Record) -> Key:
    return record["station"]["code"], datetime.fromisoformat(record["observedAt"]).astimezone(UTC).isoformat()


def write_water_day(path: Path, day: WaterDay) -> Tally:
    """Write a day's delivery and return what it holds."""
    tally, lines = Tally(), []
    for row, record in enumerate(_good(day)):
        wart = wart_of(day.warts, row)
        lines.append(wart.change([_line(record)])[0] if wart else _line(record))
        if wart and wart.rule:
            tally.count_broken(wart.rule, also=wart.also)
        elif record["withdrawn"]:
            tally.withdrawn.add(_key(record))
        else:
            tally.keys.add(_key(record))
    tally.delivered = len(lines)
    order = np.argsort(hashed(f"order/{day.day:%Y%m%d}", np.arange(len(lines), dtype=np.int64)), kind="stable")
    path.write_text("\n".join(lines[place] for place in order) + "\n", encoding="utf-8", newline="")
    return tally
