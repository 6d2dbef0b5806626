"""The sample city's deliveries, as if nobody had described them yet: drafted, they check."""

from pathlib import Path

import pytest

from tests.drafting.conftest import ROOT, Desk

SAMPLES = ROOT / "data_samples"
ENDS = ("csv", "csv.gz", "geojson", "json", "parquet", "xls")
ALIKE = {  # of the same form as another of their dataset
    *(f"air_quality_202602{day}.csv" for day in (26, 27, 28)), "air_quality_20260302.csv", "air_quality_20260304.csv",
    "computing_centres_20260601.csv", "grid_events_202606.csv", "it_system_use_2026Q1.csv", "常住人口_2025Q4.csv",
    "行政许可_202605.csv", "hotline_202601_更正.csv", "hotline_202603_更正.csv", "hotline_202604_错发.csv",
}  # fmt: skip
FILES = sorted(file for end in ENDS for file in SAMPLES.glob(f"*/*/*.{end}") if file.name not in ALIKE)


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_drafted_sample_delivery_checks(desk: Desk, file: Path) -> None:
    desk.draft(file)
    assert desk.problems() == []
    outcome = desk.check(file)
    assert outcome.verdict == "published"
    assert outcome.quarantined <= 0.005 * outcome.delivered


def test_hotline_orders_are_understood(desk: Desk) -> None:
    contract = desk.contract(
        SAMPLES / "governance/hotline_orders/hotline_202602.csv", "governance.hotline_orders",
        key=("工单编号",), period="file_name:month", mode="replace_period", provider="12345热线中心",
        personal=("来电人", "来电号码", "主要内容"),
    )  # fmt: skip
    assert (contract.status, contract.key, contract.ingest.encoding) == ("active", ("order_id",), "gb18030")
    accepted = contract.column("accepted_at")
    assert (accepted.type, accepted.serial, len(accepted.formats)) == ("timestamp", True, 3)
    assert contract.column("is_resolved").type == "boolean"
    assert contract.column("content").mask == "scrub"
    assert contract.ingest.control.total_markers == ("合计",)
    assert contract.ingest.control.count_column == "accepted_at"


def test_air_quality_is_understood(desk: Desk) -> None:
    contract = desk.contract(
        SAMPLES / "environment/air_quality_hourly/air_quality_20260303.csv", "environment.air_quality_hourly",
        key=("站点编码", "监测时间"), period="file_name:day", mode="upsert", provider="环境监测站",
    )  # fmt: skip
    assert contract.key == ("station_code", "observed_at")
    assert contract.ingest.order_by == "reported_at"
    assert contract.column("co_mg_m3").nulls == ("—",)
    assert contract.column("pm25_ug_m3").unit == "ug/m3"
