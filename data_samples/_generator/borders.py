"""Invented borders: every place gets what lies nearer to its seed than to any other, within a round reach.

So they are convex and do not overlap.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]

KM_PER_DEGREE_LAT = 110.77
KM_PER_DEGREE_LON = 101.12  # at 24.65° N
_SQUEEZE = KM_PER_DEGREE_LON / KM_PER_DEGREE_LAT
_CIRCLE = (
    (1.0, 0.0), (0.92388, 0.382683), (0.707107, 0.707107), (0.382683, 0.92388),
    (0.0, 1.0), (-0.382683, 0.92388), (-0.707107, 0.707107), (-0.92388, 0.382683),
    (-1.0, 0.0), (-0.92388, -0.382683), (-0.707107, -0.707107), (-0.382683, -0.92388),
    (0.0, -1.0), (0.382683, -0.92388), (0.707107, -0.707107), (0.92388, -0.382683),
)  # fmt: skip
_SAME = 2e-5


def _nearer_side(ring: Ring, mine: Point, other: Point) -> Ring:
    """The part of a convex ring that lies nearer to `mine` than to `other` (one step of Sutherland and Hodgman)."""
    nx, ny = other[0] - mine[0], other[1] - mine[1]
    limit = nx * (mine[0] + other[0]) / 2 + ny * (mine[1] + other[1]) / 2
    kept: Ring = []
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        da, db = nx * a[0] + ny * a[1] - limit, nx * b[0] + ny * b[1] - limit
        if da <= 0:
            kept.append(a)
        if (da < 0 < db) or (db < 0 < da):
            t = da / (da - db)
            kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
    return kept


def _snapped(point: Point, known: list[Point]) -> Point:
    """The known vertex at this place, else the point itself, remembered: neighbours share their vertices exactly."""
    for other in known:
        if abs(other[0] - point[0]) < _SAME and abs(other[1] - point[1]) < _SAME:
            return other
    rounded = (round(point[0], 6), round(point[1], 6))
    known.append(rounded)
    return rounded


def invent_borders(seeds: Mapping[str, Point], reach_km: Mapping[str, float]) -> dict[str, Ring]:
    """A closed counter-clockwise ring (lon, lat) for each seed; `reach_km` bounds it where no neighbour does."""
    flat = {code: (lon * _SQUEEZE, lat) for code, (lon, lat) in seeds.items()}
    known: list[Point] = []
    rings: dict[str, Ring] = {}
    for code, (x, y) in flat.items():
        reach = reach_km[code] / KM_PER_DEGREE_LAT
        ring: Ring = [(x + reach * cos, y + reach * sin) for cos, sin in _CIRCLE]
        for other, seed in flat.items():
            if other != code:
                ring = _nearer_side(ring, (x, y), seed)
        corners = [_snapped((px / _SQUEEZE, py), known) for px, py in ring]
        corners = [p for p, following in zip(corners, corners[1:] + corners[:1], strict=True) if p != following]
        rings[code] = [*corners, corners[0]]
    return rings


def area_km2(ring: Sequence[Point]) -> float:
    """Area of a closed ring (lon, lat) on a plane tangent at the city, in km²."""
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring))
    return abs(twice) / 2 * KM_PER_DEGREE_LON * KM_PER_DEGREE_LAT
