"""What broken Parquet and GeoJSON get: a refusal with a hint or a quarantined row, and nothing lost, ever."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.contracts.model import Contract
from tests.spine.city import column
from tests.spine.lake import Lake, broken
from tests.spine.truth import assert_dwd_is_right


def parquet(lake: Lake, **columns: list[Any]) -> bytes:
    path = lake.file("made.parquet", b"")
    pq.write_table(pa.table(columns), path)
    return path.read_bytes()


def test_a_parquet_file_that_is_cut_off_is_refused(shared: Lake) -> None:
    described = shared.orders(format="parquet")
    whole = parquet(shared, id=[f"k{n}" for n in range(500)], n=[1] * 500, mark=["x"] * 500)
    for content in (whole[:-10], whole[: len(whole) // 2], b"PAR1", b"nothing of the kind"):
        outcome = shared.deliver(described, "bad.parquet", content)
        assert outcome.verdict == "refused"
        assert "bad.parquet" in outcome.message
    damaged = whole[:200] + b"\xff" * 60 + whole[260:]
    assert shared.deliver(described, "bad.parquet", damaged).verdict == "refused"
    assert shared.deliver(described, "good.parquet", whole).delivered == 500
    assert_dwd_is_right(shared, described)


def test_parquet_values_beyond_their_range_are_quarantined(shared: Lake) -> None:
    described = shared.orders(format="parquet", max_invalid_pct=100)
    content = parquet(shared, id=["a", "b", "c", None], n=[1.0, 1.5, float("nan"), 3.0], mark=["x", "y", "z", "w"])
    outcome = shared.deliver(described, "a.parquet", content)
    assert broken(outcome) == {"n.type": 2, "id.required": 1}
    assert_dwd_is_right(shared, described)


def geojson(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(key: Any, ring: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"id": key}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


SQUARE = [[118, 24], [118.1, 24], [118.1, 24.1], [118, 24]]


def areas(lake: Lake) -> Contract:
    columns = [column("id", key=True), column("geometry", "object", physical="GEOMETRY", required=True)]
    return lake.contract(columns, format="geojson", mode="replace", max_invalid_pct=60)


def test_a_geojson_that_is_cut_off_is_refused(shared: Lake) -> None:
    described = areas(shared)
    whole = geojson(feature("a", SQUARE), feature("b", SQUARE))
    for content in (whole[:-5], whole[: len(whole) // 2], "[1, 2", '{"type": "Point"}', "nothing of the kind"):
        outcome = shared.deliver(described, "bad.geojson", content)
        assert outcome.verdict == "refused"
        assert "bad.geojson" in outcome.message
    assert shared.deliver(described, "good.geojson", whole).delivered == 2
    assert_dwd_is_right(shared, described)


def test_a_ring_that_is_not_closed_is_quarantined(shared: Lake) -> None:
    described = areas(shared)
    outcome = shared.deliver(described, "a.geojson", geojson(feature("a", SQUARE), feature("b", SQUARE[:-1])))
    assert (outcome.verdict, outcome.delivered, outcome.quarantined) == ("published", 2, 1)
    assert shared.dwd(described, "id") == [("a",)]
