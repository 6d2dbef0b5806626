"""What a GeoJSON document says beside its values: the JSON type of every property, and its coordinates' system."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.sources.landed import Landed

JsonKind = Literal["nested", "string", "scalar"]
_CODE = re.compile(r"(?:EPSG::?|EPSG/0/)(\d{4,6})$")


@dataclass(frozen=True, slots=True)
class GeoFacts:
    """`kinds`: property → what its values are in JSON. `crs` is what the document declares, or ''. `degrees`: whether
    all coordinates can be longitude and latitude."""

    kinds: dict[str, JsonKind]
    crs: str
    degrees: bool


def geo_facts(landed: Landed) -> GeoFacts:
    """Return what a landed FeatureCollection says of itself; its reader has found it sound."""
    document = json.loads(landed.readable.read_bytes()[landed.bom :])
    features = [feature for feature in document["features"] if isinstance(feature, dict)]
    kinds: dict[str, JsonKind] = {}
    for feature in features:
        for key, value in (feature.get("properties") or {}).items():
            if value is not None:
                kinds[key] = _kind(value, kinds.get(key))
    corners = (pair for feature in features for pair in _pairs((feature.get("geometry") or {}).get("coordinates")))
    degrees = all(abs(pair[0]) <= 180 and abs(pair[1]) <= 90 for pair in corners)
    return GeoFacts(kinds, _crs(document.get("crs")), degrees)


def _kind(value: object, before: JsonKind | None) -> JsonKind:
    """Text wins over numbers and anything nested over text: what is met once decides how all of it can be kept."""
    if isinstance(value, dict | list) or before == "nested":
        return "nested"
    return "string" if isinstance(value, str) or before == "string" else "scalar"


def _pairs(coordinates: Any) -> Iterator[list[float]]:
    if isinstance(coordinates, list):
        if len(coordinates) >= 2 and all(isinstance(number, int | float) for number in coordinates):
            yield coordinates
        else:
            for part in coordinates:
                yield from _pairs(part)


def _crs(declared: Any) -> str:
    name = declared.get("properties", {}).get("name", "") if isinstance(declared, dict) else ""
    if str(name).endswith("CRS84"):
        return "EPSG:4326"
    found = _CODE.search(str(name))
    return f"EPSG:{found[1]}" if found else ""
