"""GeoJSON deliveries: one row per feature, spelled as delivered; what is no GeoJSON is told by its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import SourceError
from pipelines.sources.features import survey
from pipelines.sources.json_text import walk_array, walk_object
from pipelines.sources.rings import geometry_problem
from tests.sources.conftest import Read

ReadBytes = Callable[..., Read]
RING = [[118.0, 24.0], [118.1, 24.0], [118.1, 24.1], [118.0, 24.0]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def collection(*features: str) -> bytes:
    return ('{"type": "FeatureCollection",\n "features": [\n' + ",\n".join(features) + "\n]}").encode()


def feature(properties: str = "{}", geometry: object = None) -> str:
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {json.dumps(geometry)}}}'


def test_properties_keep_their_spelling(read: ReadBytes) -> None:
    got = read(
        collection(
            feature(
                '{"code": "350203", "area": 84.10, "n": 1E5, "open": true, "tags": ["a", {"b": 1.0}], "note": null}'
            ),
            feature('{"name": "思明\\u533a", "code": "350206"}', SQUARE),
        ),
        format="geojson",
    )
    assert got.reading.headings == ("code", "area", "n", "open", "tags", "note", "name", "geometry")
    assert got.rows[0] == ("350203", "84.10", "1E5", "true", '["a", {"b": 1.0}]', None, None, None)
    assert got.rows[1][0] == "350206"
    assert got.rows[1][6] == "思明区"
    assert json.loads(str(got.rows[1][7])) == SQUARE
    assert (got.missing, got.reading.first_line, set(got.reading.types.values())) == (0, 3, {"VARCHAR"})


def test_features_know_their_line_and_can_be_scanned_often(con: Any, read: ReadBytes) -> None:
    reading = read(collection(feature('{"a": 1}'), feature('{"a": 2}')), format="geojson").reading
    for _ in range(2):
        assert con.execute(f"SELECT a, _line FROM {reading.relation}").fetchall() == [("1", 3), ("2", 4)]
    assert reading.unaccounted(1, lambda: 0) == 1
    assert reading.exactly() is reading
    reading.close()


def test_features_come_in_batches(read: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.formats.geojson._BATCH_CHARS", 100)
    got = read(collection(*(feature(f'{{"a": {number}}}') for number in range(50))), format="geojson")
    assert [row[0] for row in got.rows] == [str(number) for number in range(50)]


def test_an_id_beside_the_properties_is_a_column(read: ReadBytes) -> None:
    got = read(collection('{"type": "Feature", "id": 7, "properties": null, "geometry": null}'), format="geojson")
    assert (got.reading.headings, got.rows) == (("id", "geometry"), [("7", None)])
    got = read(
        collection('{"type": "Feature", "id": 7, "properties": {"id": "x"}, "geometry": null}'), format="geojson"
    )
    assert got.rows == [("x", None)]


def test_a_mark_or_another_encoding_does_not_matter(read: ReadBytes) -> None:
    data = collection(feature('{"name": "集美区受理办理时间"}')).decode()
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        assert read(data.encode(encoding), format="geojson").rows == [("集美区受理办理时间", None)]


def test_a_collection_without_features_can_be_opened(read: ReadBytes) -> None:
    got = read(b'{"features": [], "type": "FeatureCollection"}', format="geojson")
    assert (got.reading.headings, got.rows, got.missing) == (("geometry",), [], 0)


def test_what_is_no_feature_is_a_rejected_row(read: ReadBytes) -> None:
    got = read(collection(feature('{"a": 1}'), "null", '{"type": "Point", "coordinates": [1, 2]}'), format="geojson")
    assert got.rows == [("1", None)]
    assert got.rejects == [(4, "the feature is no object"), (5, "the feature's type is not 'Feature'")]


def test_a_broken_geometry_is_told_and_the_properties_stay(con: Any, read: ReadBytes) -> None:
    open_ring = {"type": "Polygon", "coordinates": [[*RING[:3], [0.0, 0.0]]]}
    reading = read(collection(feature('{"a": 1}', open_ring)), format="geojson").reading
    found = con.execute(f"SELECT a, geometry, _structure FROM {reading.relation}").fetchall()
    assert found == [("1", None, "ring 1 of polygon 1 is not closed")]


@pytest.mark.parametrize(
    "data", [b"[1, 2]", b'{"type": "Feature", "properties": {}}', b'{"type": "FeatureCollection"}']
)
def test_another_document_is_no_feature_collection(read: ReadBytes, data: bytes) -> None:
    with pytest.raises(SourceError, match="no FeatureCollection"):
        read(data, format="geojson")


def test_a_truncated_document_says_where(read: ReadBytes) -> None:
    data = collection(feature('{"a": 1}', SQUARE), feature('{"a": 2}', SQUARE))
    for cut in range(40, len(data) - 1, 7):
        with pytest.raises(
            SourceError, match=r"trips\.csv:\d: \[json\] the document is cut off at line \d, column \d+"
        ):
            read(data[:cut], format="geojson")


@pytest.mark.parametrize(
    "data", [b'{"type" "x"}', b'{"type": "FeatureCollection", "features": [}', b"{1: 2}", b'{"a": 1} x']
)
def test_what_is_no_json_says_where(read: ReadBytes, data: bytes) -> None:
    with pytest.raises(SourceError, match=r"\[json\] this is no JSON: .* at line 1, column \d+"):
        read(data, format="geojson")


def test_json_nested_too_deeply_is_refused(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="nested too deeply"):
        read(b'{"a": ' + b"[" * 200_000, format="geojson")


def test_a_document_beyond_the_bound_is_refused_with_a_hint(read: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_MAX_DOCUMENT", "0")
    with pytest.raises(SourceError, match="RONGTONG_MAX_DOCUMENT"):
        read(collection(feature()), format="geojson")


@pytest.mark.parametrize("properties", ['{"Name": 1, "name": 2}', '{"Geometry": 1}', '{"_line": 1}'])
def test_properties_that_cannot_be_columns_are_named(read: ReadBytes, properties: str) -> None:
    with pytest.raises(SourceError, match="differ in case alone or are reserved"):
        read(collection(feature(properties)), format="geojson")


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        ({"type": "Point", "coordinates": [118, 24.5]}, None),
        ({"type": "LineString", "coordinates": [[118, 24], [119, 24, 3.5]]}, None),
        (SQUARE, None),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING, RING]]}, None),
        ({"type": "GeometryCollection", "geometries": [SQUARE]}, None),
        ({"type": "GeometryCollection"}, "holds no geometries"),
        ({"type": "GeometryCollection", "geometries": [SQUARE, {"type": "Point"}]}, "not those of a Point"),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING, RING[:3]]]}, "ring 2 of polygon 2 is not closed"),
        ({"type": "Polygon", "coordinates": [[RING[0], RING[1], RING[0]]]}, "fewer than 4 positions"),
        ({"type": "Polygon", "coordinates": RING}, "not those of a Polygon"),
        ({"type": "Polygon", "coordinates": []}, "not those of a Polygon"),
        ({"type": "Point", "coordinates": ["118", "24"]}, "not those of a Point"),
        ({"type": "Point", "coordinates": [float("nan"), 24]}, "not those of a Point"),
        ({"type": "Point", "coordinates": [True, 24]}, "not those of a Point"),
        ({"type": "Circle", "coordinates": [1, 2]}, "none of GeoJSON's"),
        ([1, 2], "no object"),
    ],
)
def test_geometries_are_judged(geometry: Any, problem: str | None) -> None:
    found = geometry_problem(geometry)
    assert (found is None) if problem is None else (found is not None and problem in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(document=st.dictionaries(st.text(max_size=3), JSON, max_size=4), indent=st.sampled_from([None, 1]))
def test_walking_an_object_meets_its_members(document: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    met: dict[str, Any] = {}

    def take(key: str, at: int) -> int:
        met[key], end = json.JSONDecoder().raw_decode(text, at)
        return end

    assert walk_object(text, 0, take) == len(text)
    assert met == document
    found: list[Any] = []

    def element(at: int) -> int:
        value, end = json.JSONDecoder().raw_decode(listed, at)
        found.append(value)
        return end

    listed = json.dumps([*document.values()], indent=indent)
    assert walk_array(listed, 0, element) == len(listed)
    assert found == [*document.values()]


@given(values=st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=3), max_size=4))
def test_the_survey_finds_every_feature_and_key(values: list[dict[str, Any]]) -> None:
    features = [{"type": "Feature", "properties": value, "geometry": None} for value in values]
    document = survey(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))
    assert len(document.starts or ()) == len(values)
    assert set(document.keys) >= {key for value in values for key in value}
