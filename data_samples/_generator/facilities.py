"""Deliveries of service.public_facilities: points in GCJ-02, the coordinates of the maps that people click on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from _generator.draws import one
from _generator.places import PLACES, Place
from _generator.tally import Tally
from _generator.warts import Wart, wart_of

KINDS = ("公园", "公厕", "图书馆", "社区医院", "停车场", "轨道站")
STATIONS = 42
_NEAR_XIAMEN = (0.00487, -0.00272)  # how far GCJ-02 lies from CGCS2000 here, in degrees
_STREETS = tuple(place for place in PLACES if place.is_street)

Feature = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facilities:
    """A quarter's facilities by number (the first 42 are stations), with warts by position."""

    name: str
    numbers: Sequence[int]
    warts: tuple[Wart, ...] = ()


def facility_id(number: int) -> str:
    """Id of a facility."""
    return f"XMF{number:05d}"


def place_of(number: int) -> Place:
    """The street or town in which a facility lies."""
    return _STREETS[(number * 7) % len(_STREETS)]


def _record(number: int) -> list[Any]:
    """Properties in order, then the geometry."""
    draw = [one(f"facility/{n}", number) for n in range(5)]
    place = place_of(number)
    kind = KINDS[5] if number < STATIONS else KINDS[int(draw[0] * 5)]
    at = (place.lon + _NEAR_XIAMEN[0] + (draw[1] - 0.5) * 0.016, place.lat + _NEAR_XIAMEN[1] + (draw[2] - 0.5) * 0.016)
    opened = date(1995, 1, 1) + timedelta(days=int(draw[3] * 11_000))
    point = {"type": "Point", "coordinates": [round(value, 6) for value in at]}
    return [
        facility_id(number), f"{place.name}{kind}{number}（虚构）", kind, place.code, f"{opened:%Y-%m-%d}",
        "有" if draw[4] < 0.7 else "无", point,
    ]  # fmt: skip


def swapped(record: list[Any]) -> list[Any]:
    """Latitude before longitude."""
    lon, lat = record[6]["coordinates"]
    return [*record[:6], {"type": "Point", "coordinates": [lat, lon]}]


def write_facilities(path: Path, facilities: Facilities) -> Tally:
    """Write a quarter's facilities and return what the file holds."""
    tally, lines = Tally(), []
    headings = ("设施编号", "设施名称", "设施类别", "街道代码", "启用日期", "无障碍设施")
    for position, number in enumerate(facilities.numbers):
        wart = wart_of(facilities.warts, position)
        record = wart.change(_record(number)) if wart else _record(number)
        tally.delivered += 1
        if wart and wart.rule:
            tally.count_broken(wart.rule, also=wart.also)
        feature = {"type": "Feature", "properties": dict(zip(headings, record, strict=False)), "geometry": record[6]}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = {"type": "FeatureCollection", "name": facilities.name, "note": "坐标为GCJ-02；设施与位置均为虚构"}
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="")
    return tally
