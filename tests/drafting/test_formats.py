"""Files that bring their types along: GeoJSON and Parquet."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.drafting.conftest import DECIDED, Desk


def geojson(desk: Desk, *rows: dict[str, Any], at: tuple[float, float] = (118.1, 24.5), **document: Any) -> Path:
    features = [
        {"type": "Feature", "properties": row, "geometry": {"type": "Point", "coordinates": list(at)}} for row in rows
    ]
    file = desk.files / "设施_2026.geojson"
    file.write_text(
        json.dumps({"type": "FeatureCollection", "features": features} | document, ensure_ascii=False), "utf-8"
    )
    return file


def test_geojson_properties_keep_their_json_types(desk: Desk) -> None:
    rows = [
        {
            "代码": "1001",
            "名称": "甲",
            "面积": 1.5,
            "层数": 3,
            "开放": True,
            "建成日期": "2020-05-01",
            "中心": [1, 2],
            "备注": None,
        },
        {
            "代码": "1002",
            "名称": "乙",
            "面积": 2,
            "层数": 4,
            "开放": False,
            "建成日期": "2021-05-01",
            "中心": [3, 4],
            "备注": None,
        },
    ]
    file = geojson(desk, *rows)
    contract = desk.contract(file)
    assert [column.type for column in contract.columns] == [
        "string", "string", "number", "integer", "boolean", "date", "string", "string", "object",
    ]  # fmt: skip
    geometry = contract.column("geometry")
    assert (geometry.physical_type, geometry.required) == ("GEOMETRY", True)
    outcome = desk.check(file)
    assert (outcome.delivered, outcome.quarantined) == (2, 0)


def test_division_codes_that_are_json_numbers_become_codes(desk: Desk) -> None:
    file = geojson(desk, {"adcode": 350203}, {"adcode": 350205})
    assert (desk.contract(file).columns[0].type, desk.contract(file).columns[0].code_list) == ("string", "divisions")


def test_the_system_of_coordinates_is_what_the_document_or_a_person_says(desk: Desk) -> None:
    named = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}}
    assert desk.contract(geojson(desk, {"a": 1}, **named)).ingest.crs == "EPSG:4490"
    assert desk.contract(geojson(desk, {"a": 1}), crs="GCJ-02").ingest.crs == "GCJ-02"
    assert desk.contract(geojson(desk, {"a": 1})).ingest.crs == "EPSG:4326"
    assert "GCJ-02 as if it were" in desk.draft(geojson(desk, {"a": 1}), force=True).text


def test_coordinates_that_are_no_degrees_are_asked_about(desk: Desk) -> None:
    result = desk.draft(geojson(desk, {"a": 1}, at=(391234.5, 2712345.6)), **DECIDED)
    assert any(todo.startswith("crs:") for todo in result.todos)


def test_a_broken_feature_is_counted_not_fatal(desk: Desk) -> None:
    file = geojson(desk, {"a": 1}, {"a": 2})
    text = file.read_text("utf-8").replace('"coordinates": [118.1, 24.5]', '"coordinates": ["x"]', 1)
    file.write_text(text, "utf-8")
    assert "1 records could not be read" in desk.draft(file).text


def test_parquet_keeps_its_types(desk: Desk) -> None:
    moment = datetime(2026, 6, 1, 8, tzinfo=UTC)
    table = pa.table(
        {
            "编号": [1, 2],
            "name": ["甲", "乙"],
            "amount": pa.array([Decimal("1.50"), Decimal("2.25")], pa.decimal128(10, 2)),
            "ratio": [0.1, None],
            "seen_at": pa.array([moment, moment], pa.timestamp("us", "UTC")),
            "local_at": pa.array([moment.replace(tzinfo=None)] * 2, pa.timestamp("us")),
            "day": pa.array([date(2026, 6, 1)] * 2),
            "ok": [True, False],
            "tags": [["a"], ["b"]],
        }
    )
    file = desk.files / "data.parquet"
    pq.write_table(table, file)
    contract = desk.contract(file)
    assert [(c.type, c.physical_type, c.required) for c in contract.columns] == [
        ("integer", "", True), ("string", "", True), ("number", "DECIMAL(10,2)", True), ("number", "", False),
        ("timestamp", "", True), ("timestamp", "", True), ("date", "", True), ("boolean", "", True), ("string", "", True),
    ]  # fmt: skip
    assert contract.ingest.format == "parquet"
    assert desk.check(file).quarantined == 0


def test_phones_in_a_parquet_file_are_masked(desk: Desk) -> None:
    file = desk.files / "data.parquet"
    pq.write_table(pa.table({"phone": pa.array([13800000001, 13800000002]), "n": ["a", "b"]}), file)
    desk.draft(file)
    assert "personal: true" in desk.draft(file, force=True).text
    assert desk.check(file).quarantined == 0
