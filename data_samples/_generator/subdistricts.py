"""Deliveries of base.subdistricts: a FeatureCollection a year, real codes, invented borders."""

import json
from functools import cache
from pathlib import Path

from _generator.borders import Point, Ring, area_km2, invent_borders
from _generator.draws import one
from _generator.places import PLACES, Place
from _generator.tally import Tally

_REACH_KM = {"350203": 2.4, "350205": 3.6, "350206": 2.4, "350211": 3.6, "350212": 6.5, "350213": 5.2}
_SMALL = {"350203012": 0.9, "350213001": 2.4, "350206406": 1.2, "350205407": 1.6}
_MOVED_IN_2026 = {
    "350203010": (0.004, -0.002),
    "350206005": (-0.003, 0.003),
    "350212002": (0.002, -0.003),
    "350213003": (-0.004, 0.004),
}
_AREA_HEADING = {2025: "面积", 2026: "面积(km²)"}
_NAME_HEADING = {2025: "名称", 2026: "街道名称"}


def _seed(place: Place, year: int) -> tuple[float, float]:
    dx, dy = _MOVED_IN_2026.get(place.code, (0.0, 0.0)) if year >= 2026 else (0.0, 0.0)
    return place.lon + dx, place.lat + dy


@cache
def _rings(year: int) -> dict[str, Ring]:
    return invent_borders(
        {place.code: _seed(place, year) for place in PLACES},
        {place.code: _SMALL.get(place.code, _REACH_KM[place.district]) for place in PLACES},
    )


def point_in(code: str, stream: str, row: int) -> Point:
    """A point (lon, lat) well inside the place's border of 2026, drawn by row number of a named stream."""
    ring = _rings(2026)[code][:-1]
    middle = [sum(corner[axis] for corner in ring) / len(ring) for axis in (0, 1)]
    corner = ring[int(one(f"{stream}/corner", row) * len(ring))]
    far = 0.85 * one(f"{stream}/far", row)
    lon, lat = (round(m + far * (c - m), 6) for m, c in zip(middle, corner, strict=True))
    return lon, lat


def write_subdistricts(path: Path, year: int) -> Tally:
    """Write the year's delivery and return what it holds; the two years head name and area differently."""
    rings = _rings(year)
    lines = []
    for place in PLACES:
        ring = rings[place.code]
        properties = {
            "街道代码": place.code,
            _NAME_HEADING[year]: place.name,
            "区代码": place.district,
            _AREA_HEADING[year]: round(area_km2(ring), 3),
            "border_is_invented": True,
        }
        feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = {"type": "FeatureCollection", "name": f"subdistricts_{year}", "note": "边界为虚构，仅作示例"}
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8", newline="")
    return Tally(delivered=len(PLACES), keys={(place.code,) for place in PLACES})
