"""The features of a GeoJSON document: where each begins, its properties as text, its geometry as GeoJSON text."""

import json
from dataclasses import dataclass, field

from pipelines.sources.json_text import skip_blank, value_at, walk_array, walk_object
from pipelines.sources.rings import geometry_problem

GEOMETRY = "geometry"
SURPLUS = "nothing may follow the document"


@dataclass(slots=True)
class Feature:
    """One feature: scalars as their text, nested values as JSON text, both spelled as delivered; null is None.

    `problem` says what is wrong with it; a geometry with a problem is None.
    """

    end: int
    values: dict[str, str | None] = field(default_factory=dict)
    problem: str | None = None


@dataclass(slots=True)
class Document:
    """What a whole document holds: its type, where its features begin (None: it has no list of them), all their keys."""

    kind: object = None
    starts: list[int] | None = None
    keys: dict[str, None] = field(default_factory=dict)


def survey(text: str) -> Document:
    """Return what a document holds, having read all of it; json.JSONDecodeError where it is no JSON."""
    document = Document()
    starts: list[int] = []

    def member(key: str, at: int) -> int:
        if key == "features" and text[at : at + 1] == "[":
            document.starts = starts
            return walk_array(text, at, feature)
        value, end = value_at(text, at)
        document.kind = value if key == "type" else document.kind
        return end

    def feature(at: int) -> int:
        found = feature_at(text, at)
        starts.append(at)
        document.keys.update(dict.fromkeys(found.values))
        return found.end

    at = skip_blank(text, walk_object(text, skip_blank(text, 0), member))
    if at != len(text):
        raise json.JSONDecodeError(SURPLUS, text, at)
    return document


def feature_at(text: str, at: int) -> Feature:
    """Return the feature that begins at `at`."""
    if text[at : at + 1] != "{":
        return Feature(value_at(text, at)[1], problem="the feature is no object")
    found = Feature(at)
    kinds: list[object] = []

    def member(key: str, at: int) -> int:
        if key == "properties" and text[at : at + 1] == "{":
            return walk_object(text, at, value)
        if key == GEOMETRY:
            return _take_geometry(text, at, found)
        content, end = value_at(text, at)
        if key == "type":
            kinds.append(content)
        elif key == "id":
            found.values.setdefault("id", _spelled(text, at, end, content))
        return end

    def value(key: str, at: int) -> int:
        content, end = value_at(text, at)
        found.values[key] = _spelled(text, at, end, content)
        return end

    found.end = walk_object(text, at, member)
    if kinds != ["Feature"]:
        found.problem = "the feature's type is not 'Feature'"
    return found


def _take_geometry(text: str, at: int, found: Feature) -> int:
    content, end = value_at(text, at)
    problem = None if content is None else geometry_problem(content)
    found.values[GEOMETRY] = None if content is None or problem else text[at:end]
    found.problem = problem
    return end


def _spelled(text: str, at: int, end: int, content: object) -> str | None:
    if content is None:
        return None
    return content if isinstance(content, str) else text[at:end]
