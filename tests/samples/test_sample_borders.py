"""Invented borders are whole: closed, convex, apart from each other, and marked as invented."""

import json
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "data_samples"
KM2_PER_SQUARE_DEGREE = 101.12 * 110.77

Point = tuple[float, float]


@pytest.fixture(params=[2025, 2026])
def features(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    path = SAMPLES / f"base/subdistricts/subdistricts_{request.param}.geojson"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found


def ring_of(feature: dict[str, Any]) -> list[Point]:
    (ring,) = feature["geometry"]["coordinates"]
    return [(x, y) for x, y in ring]


def turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def area(ring: list[Point]) -> float:
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)) / 2


def common_area(a: list[Point], b: list[Point]) -> float:
    """Area of the intersection of two convex counter-clockwise rings, clipped edge by edge, in square degrees."""
    for p, q in pairwise(b):
        kept: list[Point] = []
        for s, e in pairwise(a):
            ds, de = turn(p, q, s), turn(p, q, e)
            if ds >= 0:
                kept.append(s)
            if ds * de < 0:
                t = ds / (ds - de)
                kept.append((s[0] + t * (e[0] - s[0]), s[1] + t * (e[1] - s[1])))
        if len(kept) < 3:
            return 0.0
        a = [*kept, kept[0]]
    return area(a)


def test_every_ring_is_closed_convex_and_inside_the_city(features: list[dict[str, Any]]) -> None:
    for feature in features:
        ring = ring_of(feature)
        assert ring[0] == ring[-1]
        assert len(set(ring)) == len(ring) - 1 >= 3
        assert all(turn(a, b, c) > -1e-10 for a, b, c in zip(ring, ring[1:], [*ring[2:], ring[1]], strict=False))
        assert all(117.85 < x < 118.42 and 24.40 < y < 24.92 for x, y in ring)


def test_no_two_places_overlap_by_more_than_rounding(features: list[dict[str, Any]]) -> None:
    for a, b in combinations(features, 2):
        assert common_area(ring_of(a), ring_of(b)) * KM2_PER_SQUARE_DEGREE < 0.002, (a["properties"], b["properties"])


def test_stated_area_is_the_area_of_the_border(features: list[dict[str, Any]]) -> None:
    for feature in features:
        (stated,) = (value for name, value in feature["properties"].items() if name.startswith("面积"))
        assert stated == pytest.approx(area(ring_of(feature)) * KM2_PER_SQUARE_DEGREE, abs=0.001)


def test_the_54_units_are_there_once_and_marked_as_invented(features: list[dict[str, Any]]) -> None:
    codes = [feature["properties"]["街道代码"] for feature in features]
    assert len(codes) == len(set(codes)) == 54
    assert {code[:6] for code in codes} == {"350203", "350205", "350206", "350211", "350212", "350213"}
    assert all(feature["properties"]["border_is_invented"] is True for feature in features)
    assert all(feature["properties"]["区代码"] == feature["properties"]["街道代码"][:6] for feature in features)


def test_the_two_years_differ_in_a_few_borders_only() -> None:
    years = []
    for year in (2025, 2026):
        loaded = json.loads((SAMPLES / f"base/subdistricts/subdistricts_{year}.geojson").read_text(encoding="utf-8"))
        years.append({f["properties"]["街道代码"]: f["geometry"]["coordinates"] for f in loaded["features"]})
    moved = sum(years[0][code] != years[1][code] for code in years[0])
    assert 4 <= moved < 30
