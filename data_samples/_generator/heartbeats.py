"""Deliveries of environment.device_heartbeats: what the platform's interface gives for a day, records deep inside a document."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from _generator.devices import CADENCE_MIN
from _generator.draws import one
from _generator.shared_world import Alarm, Device, alarms, devices
from _generator.tally import Tally
from _generator.water import BEIJING, level_cm

Beat = dict[str, Any]
# Sensors that send nothing from a moment on (Beijing's clock); none of them has an alarm then.
SILENT_FROM: Mapping[str, datetime] = {
    "IOT00020": datetime(2026, 6, 1), "IOT00035": datetime(2026, 6, 1), "IOT00047": datetime(2026, 6, 1),
    "IOT00066": datetime(2026, 6, 1), "IOT00058": datetime(2026, 6, 2, 12),
}  # fmt: skip
LOW_BATTERY = ("IOT00028", "IOT00041")


@dataclass(frozen=True, slots=True)
class BeatWart:
    """A change to beat number `row` of the day; `rule` is the one it breaks ('' : it stays valid), by how many rows."""

    row: int
    change: Callable[[Beat], list[Beat]]
    rule: str = ""
    breaks: int = 1


@dataclass(frozen=True, slots=True)
class BeatDay:
    """One day's document. `utc`: moments end in Z instead of +08:00."""

    day: datetime
    warts: tuple[BeatWart, ...] = ()
    utc: bool = False


def put(*path: str, value: Any) -> Callable[[Beat], list[Beat]]:
    """The beat with another value at a key, or at a key inside a key."""

    def change(beat: Beat) -> list[Beat]:
        if len(path) == 1:
            return [beat | {path[0]: value}]
        return [beat | {path[0]: beat[path[0]] | {path[1]: value}}]

    return change


def twice(beat: Beat) -> list[Beat]:
    """The beat, and itself again."""
    return [beat, beat]


def battery_as_text(beat: Beat) -> list[Beat]:
    """The beat with its battery, if it has one, in quotes."""
    left = beat["status"]["battery"]
    return put("status", "battery", value=None if left is None else str(left))(beat)


def _is_silent(device: Device, at: datetime) -> bool:
    return device.device_id in SILENT_FROM and at >= SILENT_FROM[device.device_id]


def _moments(device: Device, day: datetime) -> list[datetime]:
    """When a sensor sends on a day: a minute of its own past its hours, the gauges two minutes past all of them."""
    number, cadence = int(device.device_id[3:]), timedelta(minutes=CADENCE_MIN[device.kind])
    first = day + timedelta(minutes=2 if device.station_code else 3 + number % 50)
    return [first + step * cadence for step in range(timedelta(days=1) // cadence)]


def _beat(device: Device, at: datetime, alarm: Alarm | None, utc: bool) -> Beat:
    number, hour = int(device.device_id[3:]), (at - datetime(2026, 1, 1)) // timedelta(hours=1)
    left = 12 if device.device_id in LOW_BATTERY else 55 + int(45 * one("beat/battery", number))
    moment = at.replace(tzinfo=BEIJING)
    told: Beat = {
        "deviceId": device.device_id,
        "at": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if utc else moment.isoformat(),
        "status": {
            "battery": None if device.station_code else left,
            "signal": -61 - int(40 * one(f"beat/{number}/signal", hour)),
        },
    }
    if alarm:
        value = level_cm(device.station_code, at.replace(minute=0)) / 100 if alarm.value is None else alarm.value
        told["alarm"] = {"kind": alarm.kind, "value": value}
    return told


def beats(day: BeatDay) -> list[Beat]:
    """The day's beats in order of time, none of which breaks a rule."""
    raised = {(a.device_id, a.at): a for a in alarms() if a.at.date() == day.day.date()}
    known = {device.device_id: device for device in devices()}
    due = {(d.device_id, at) for d in devices() for at in _moments(d, day.day) if not _is_silent(d, at)}
    order = sorted(due | set(raised), key=lambda entry: (entry[1], entry[0]))
    return [_beat(known[device], at, raised.get((device, at)), day.utc) for device, at in order]


def write_beat_day(path: Path, day: BeatDay) -> Tally:
    """Write a day's document and return what it holds."""
    tally, lines = Tally(), []
    of_row = {wart.row: wart for wart in day.warts}
    for row, beat in enumerate(beats(day)):
        wart = of_row.get(row)
        told = wart.change(beat) if wart else [beat]
        if wart and wart.rule:
            tally.count_broken(wart.rule, wart.breaks)
        tally.delivered += len(told)
        lines += [json.dumps(one_of, ensure_ascii=False, separators=(",", ":")) for one_of in told]
    head = f'{{"code":0,"message":"ok","result":{{"day":"{day.day:%Y-%m-%d}","total":{len(lines)},"records":[\n'
    path.write_text(head + ",\n".join(lines) + "\n]}}\n", encoding="utf-8", newline="")
    return tally
