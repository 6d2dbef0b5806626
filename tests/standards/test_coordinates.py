"""GCJ-02, BD-09 and WGS 84: published vectors, there and back, and SQL equal to the Python reference."""

import random
from typing import Any

import pytest

from pipelines.standards import coordinates

PAIRS = ["wgs84_to_gcj02", "gcj02_to_wgs84", "gcj02_to_bd09", "bd09_to_gcj02", "bd09_to_wgs84", "wgs84_to_bd09"]
VECTORS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
METRE = 1 / 111_000
COLUMNS = "lon DOUBLE, lat DOUBLE"


def points() -> list[tuple[float | None, float | None]]:
    draw = random.Random(3)
    inside = [(draw.uniform(73, 137), draw.uniform(1, 55)) for _ in range(300)]
    xiamen = [(draw.uniform(117.8, 118.5), draw.uniform(24.4, 24.9)) for _ in range(200)]
    return [*inside, *xiamen, (None, 24.5), (118.1, None), (None, None), (-0.12, 51.5), (0.0, 0.0), (180.0, -90.0)]


def test_the_published_vectors_hold(over: Any) -> None:
    for half, place in (("lon", 0), ("lat", 1)):
        there = over(f"wgs84_to_gcj02_{half}(lon, lat)", COLUMNS, [wgs for wgs, _ in VECTORS])
        back = over(f"gcj02_to_wgs84_{half}(lon, lat)", COLUMNS, [gcj for _, gcj in VECTORS])
        assert there == pytest.approx([gcj[place] for _, gcj in VECTORS], abs=1e-10)
        assert back == pytest.approx([wgs[place] for wgs, _ in VECTORS], abs=1e-10)


@pytest.mark.parametrize("name", PAIRS)
def test_sql_says_what_python_says_of_any_point(name: str, over: Any) -> None:
    given = points()
    for half, place in (("lon", 0), ("lat", 1)):
        answers = over(f"{name}_{half}(lon, lat)", COLUMNS, given)
        for (lon, lat), answer in zip(given, answers, strict=True):
            if lon is None or lat is None:
                assert answer is None
            else:
                assert answer == pytest.approx(getattr(coordinates, name)(lon, lat)[place], abs=1e-9)


@pytest.mark.parametrize(("there", "back"), [("wgs84_to_gcj02", "gcj02_to_wgs84"), ("wgs84_to_bd09", "bd09_to_wgs84")])
def test_there_and_back_ends_within_a_tenth_of_a_millimetre(there: str, back: str, over: Any) -> None:
    given = [point for point in points() if None not in point][:500]
    pairs = over(f"{back}({there}(lon, lat).lon, {there}(lon, lat).lat)", COLUMNS, given)
    for (lon, lat), found in zip(given, pairs, strict=True):
        assert abs(found["lon"] - lon) < 1e-4 * METRE
        assert abs(found["lat"] - lat) < 1e-4 * METRE


def test_xiamen_is_shifted_by_some_580_metres_and_london_not_at_all() -> None:
    lon, lat = coordinates.wgs84_to_gcj02(118.09, 24.48)
    metres = (((lon - 118.09) * 0.91) ** 2 + (lat - 24.48) ** 2) ** 0.5 / METRE
    assert 570 < metres < 600
    assert coordinates.wgs84_to_gcj02(-0.12, 51.5) == (-0.12, 51.5)
