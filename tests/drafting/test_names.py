"""What columns are called: as the city calls them already, else by the glossary, else by their own letters."""

import pytest

from tests.drafting.conftest import Desk


def names(desk: Desk, headings: str, row: str, dataset: str = "governance.light_faults") -> list[str]:
    return [column.name for column in desk.contract(f"{headings}\n{row}\n{row}\n", dataset).columns]


def test_chinese_headings_are_read_part_by_part(desk: Desk) -> None:
    found = names(
        desk, "编号,名称,区划代码,报修时间,办结日期,状态,经度,纬度,维修金额,设施数量",
        "LD01,灯,350203,2026-06-01 08:00,2026-06-02,已修复,118.1,24.5,3.5,2",
    )  # fmt: skip
    assert found == [
        "fault_id", "fault_name", "district_code", "reported_at", "closed_date", "status", "longitude", "latitude",
        "repaired_amount", "facility_count",
    ]  # fmt: skip


def test_latin_headings_are_snake_cased(desk: Desk) -> None:
    assert names(desk, "PULocationID,Created Date,PM2.5,x%,2019", "1,2,3,4,5") == [
        "pu_location_id", "created_date", "pm25", "x", "col_2019",
    ]  # fmt: skip


def test_years_letters_and_digits_inside_a_chinese_heading_are_kept(desk: Desk) -> None:
    assert names(desk, "2019年人口,PM10浓度(μg/m³),12345工单编号", "1,2,A") == [
        "year_2019_population", "pm10_concentration_ug_m3", "hotline_order_id",
    ]  # fmt: skip


def test_units_in_brackets_end_the_name(desk: Desk) -> None:
    contract = desk.contract("面积（km²）,PM2.5(μg/m³),金额(万元),高度(米),备注(可空)\n1.5,2,3,4,无\n")
    assert [(column.name, column.unit) for column in contract.columns] == [
        ("area_km2", "km2"), ("pm25_ug_m3", "ug/m3"), ("amount_yuan_10k", "万元"), ("height_m", "m"), ("col_05", ""),
    ]  # fmt: skip


def test_what_no_glossary_knows_is_numbered_and_asked(desk: Desk) -> None:
    result = desk.draft("编号,龙头老大\n1,x\n")
    assert "- name: col_02" in result.text
    assert any("col_02" in todo and "龙头老大" in todo for todo in result.todos)


def test_names_that_the_lake_uses_itself_are_not_taken(desk: Desk) -> None:
    headings = [
        "rowid",
        "row_id",
        "begin_snapshot",
        "end_snapshot",
        "snapshot_id",
        "filename",
        "file_row_number",
        "file_index",
    ]
    found = names(desk, ",".join(headings), ",".join("12345678"))
    assert found == [f"fault_{heading}" for heading in headings]


def test_the_heading_stays_as_business_name(desk: Desk) -> None:
    assert [column.title for column in desk.contract("编号,报修时间\n1,2026-06-01\n").columns] == ["编号", "报修时间"]


def test_no_two_columns_share_a_name(desk: Desk) -> None:
    found = names(desk, "电话,联系电话,电话号码,phone", "1,2,3,4")
    assert len(set(found)) == 4


def test_the_city_s_own_names_come_first(desk: Desk) -> None:
    desk.contract("站点,读数\nA,1.5\n", "environment.first")
    file = desk.files.parent / "city/schemas/environment/first.odcs.yaml"
    file.write_text(
        file.read_text("utf-8").replace("name: col_02", "name: reading").replace("name: station_name", "name: site"),
        "utf-8",
    )
    assert names(desk, "站点,读数", "B,2") == ["site", "reading"]


def test_a_name_that_means_something_else_in_the_city_is_not_taken(desk: Desk) -> None:
    desk.contract(desk.write("状态\n1\n2\n", "first.csv"), "environment.first")
    contract = desk.contract("状态\n好\n坏\n", "governance.light_faults")
    assert contract.columns[0].name == "fault_status"
    assert desk.problems("governance.light_faults") == []


@pytest.mark.parametrize("heading", ["是否解决", "is resolved"])
def test_questions_are_called_is(desk: Desk, heading: str) -> None:
    assert names(desk, f"n,{heading}", "1,是")[1] == "is_resolved"
