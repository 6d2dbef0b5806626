"""Whether a GeoJSON geometry is one (RFC 7946 §3.1): readers accept rings that do not close, and worse."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def geometry_problem(geometry: Any) -> str | None:
    """Return what is wrong with a parsed geometry, as a sentence without coordinates; None when it is sound."""
    if not isinstance(geometry, dict):
        return "the geometry is no object"
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            return "the geometry collection holds no geometries"
        return next((problem for part in parts if (problem := geometry_problem(part))), None)
    if not isinstance(kind, str) or kind not in _DEPTH:
        return "the geometry's type is none of GeoJSON's"
    coordinates = geometry.get("coordinates")
    if not _are_positions(coordinates, _DEPTH[kind]):
        return f"the coordinates are not those of a {kind}"
    return next((problem for ring in _rings(kind, coordinates) if (problem := _ring_problem(ring))), None)


def _are_positions(coordinates: Any, depth: int) -> bool:
    if not isinstance(coordinates, list):
        return False
    if depth:
        return bool(coordinates) and all(_are_positions(part, depth - 1) for part in coordinates)
    return len(coordinates) >= 2 and all(type(n) in (int, float) and isfinite(n) for n in coordinates)


def _rings(kind: str, coordinates: Any) -> Iterator[tuple[int, int, list[list[float]]]]:
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, [])
    for number, polygon in enumerate(polygons, 1):
        for place, ring in enumerate(polygon, 1):
            yield number, place, ring


def _ring_problem(ring: tuple[int, int, list[list[float]]]) -> str | None:
    number, place, positions = ring
    if positions[0] != positions[-1]:
        return f"ring {place} of polygon {number} is not closed"
    if len(positions) < 4:
        return f"ring {place} of polygon {number} has fewer than 4 positions"
    return None
