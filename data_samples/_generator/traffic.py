"""Deliveries of mobility.traffic_flow: a gzipped text a day, every five minutes of a dozen sections in two directions."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from _generator.draws import hashed, one, uniform
from _generator.places import PLACES, Place
from _generator.tally import Tally
from _generator.warts import Record, Wart, wart_of

HEADINGS = (
    "路段编号", "路段名称", "方向", "监测时间", "车辆数（辆）", "平均车速(km/h)", "占有率(%)", "街道代码", "超限车牌",
)  # fmt: skip
SECTIONS = 12
DIRECTIONS = ("上行", "下行")
SLOTS = 288
_STEP = timedelta(minutes=5)
_HOURS = (6, 4, 3, 2, 2, 5, 18, 46, 52, 38, 32, 33, 30, 29, 31, 34, 42, 55, 50, 36, 28, 24, 16, 10)
_ROADS = ("望海路", "榕荫路", "新桥路", "凤山路", "长堤路", "学府路")
_STREETS = tuple(place for place in PLACES if place.is_street)


@dataclass(frozen=True, slots=True)
class Silence:
    """A section that sends nothing from slot `first` up to, not including, slot `last` of the day."""

    section: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class TrafficDay:
    """One day's readings. `slashes`: the moments as 2026/06/02 00:05."""

    day: datetime
    silent: tuple[Silence, ...] = ()
    warts: tuple[Wart, ...] = ()
    slashes: bool = False


def section_id(section: int) -> str:
    """Id of a section, counted from 0."""
    return f"XMR{section + 1:03d}"


def place_of(section: int) -> Place:
    """The street or town in which a section lies."""
    return _STREETS[(section * 5 + 2) % len(_STREETS)]


def _plate(row: int) -> str:
    """A number plate as no vehicle has one: letters I and O are not issued."""
    bits = int(hashed("plate", np.array([row % 97], dtype=np.int64))[0])
    return f"闽DI{bits % 1000:03d}O"


def _day_of(section: int, direction: int, day: TrafficDay) -> list[Record]:
    """The 288 records of one section and direction, none of which breaks a rule."""
    stream = f"traffic/{day.day:%Y%m%d}/{section}/{direction}"
    slots = np.arange(SLOTS, dtype=np.int64)
    draw, slow, heavy = (uniform(f"{stream}/{name}", slots) for name in ("count", "speed", "overloaded"))
    size = 0.5 + 1.2 * one("traffic/size", section * 2 + direction)
    demand = np.interp(slots / 12, np.arange(25), [*_HOURS, _HOURS[0]])
    vehicles = (demand * size * (0.7 + 0.6 * draw)).astype(np.int64)
    speed = np.maximum(9.0, 58 - 0.45 * vehicles - 8 * slow)
    occupied = np.minimum(96.0, 100 * vehicles / (speed * 2.6))
    place, name = place_of(section), f"{_ROADS[section % len(_ROADS)]}{section + 1}段（虚构）"
    form = "%Y/%m/%d %H:%M" if day.slashes else "%Y-%m-%d %H:%M"
    return [
        [
            section_id(section), name, DIRECTIONS[direction], f"{day.day + slot * _STEP:{form}}", int(vehicles[slot]),
            f"{speed[slot]:.1f}" if vehicles[slot] else "-", f"{occupied[slot]:.1f}", place.code,
            _plate(slot * 7 + section) if heavy[slot] < 0.004 else "",
        ]
        for slot in range(SLOTS)
        if not _is_silent(day.silent, section, slot)
    ]  # fmt: skip


def _is_silent(silences: Sequence[Silence], section: int, slot: int) -> bool:
    return any(s.section == section and s.first <= slot < s.last for s in silences)


def write_traffic_day(path: Path, day: TrafficDay) -> Tally:
    """Write a day's delivery and return what it holds."""
    tally, lines = Tally(), [",".join(HEADINGS)]
    whole = (
        record for section in range(SECTIONS) for direction in (0, 1) for record in _day_of(section, direction, day)
    )
    for row, record in enumerate(whole):
        wart = wart_of(day.warts, row)
        if wart and wart.rule:
            tally.count_broken(wart.rule, also=wart.also)
        lines.append(",".join(str(value) for value in (wart.change(record) if wart else record)))
        tally.delivered += 1
    with path.open("wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        packed.write(("\n".join(lines) + "\n").encode())
    return tally
