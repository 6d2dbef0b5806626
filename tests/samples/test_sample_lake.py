"""The sample city's deliveries published for real, one of every kind, measured twice: what is listed comes of each."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Column
from pipelines.demo import page as page_of
from pipelines.demo.journey import Field
from pipelines.demo.page import write_page
from pipelines.lake.connection import Connection
from pipelines.lake.reader import connect
from pipelines.steps.transform.run import transform
from tests.city.planted_environment import CHECKS as ENVIRONMENT
from tests.city.planted_governance import CHECKS as GOVERNANCE
from tests.city.planted_operation import CHECKS as OPERATION
from tests.samples.recount import AIR, CITY, DELIVERIES, HOTLINE, SAMPLES, named, typed_rows
from tests.spine.lake import Lake, lake_settings
from tests.spine.truth import fetched

pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning")
HOTLINE_FILES = (
    *(
        "hotline_202602.csv",
        "hotline_202603.csv",
        "hotline_202604.csv",
        "hotline_202603_更正.csv",
        "hotline_202605.csv",
    ),
)
CHOSEN = [d for d in DELIVERIES if d["dataset"] not in (AIR, HOTLINE) or named(d) in HOTLINE_FILES]
_RESULTS = """SELECT rule, unexpected, agreed FROM quality.check_results
WHERE batch_id = ? AND unexpected > 0 AND kind <> 'quarantined' AND NOT starts_with(rule, 'batch.')"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("samples")
    made = Lake(replace(lake_settings(folder, CITY, ""), threads=2), folder / "files")
    yield made
    made.close()


@pytest.fixture(scope="module")
def outcomes(lake: Lake) -> dict[str, dict[str, Any]]:
    """What came of each delivery, and how many rows its table then had."""
    found = {}
    for delivery in CHOSEN:
        described = find_contract(lake.where, delivery["dataset"])
        outcome = lake.ingest(described, SAMPLES / delivery["file"])
        results = fetched(lake, _RESULTS, [outcome.batch])
        (rows,) = fetched(lake, f"SELECT count(*) AS rows FROM dwd.{described.table}")
        found[delivery["file"]] = {
            "verdict": outcome.verdict,
            "delivered": outcome.delivered,
            "valid": outcome.valid,
            "quarantined": outcome.quarantined,
            "reasons": {row["rule"]: row["unexpected"] for row in results},
            "disagreed": [row["rule"] for row in results if row["agreed"] is False],
            "rows": rows["rows"],
        }
    return found


@pytest.mark.parametrize("delivery", CHOSEN, ids=named)
def test_what_is_listed_comes_of_a_delivery(outcomes: dict[str, dict[str, Any]], delivery: dict[str, Any]) -> None:
    got = outcomes[delivery["file"]]
    names = ("verdict", "delivered", "valid", "quarantined", "reasons")
    listed = {name: delivery[name] for name in names}
    listed["reasons"] |= delivery.get("warnings", {})
    assert {name: got[name] for name in names} == listed
    assert got["disagreed"] == []
    if delivery["dataset"] != HOTLINE:
        assert got["rows"] == delivery["table_rows"]


def test_card_numbers_are_kept_as_pseudonyms_alone(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> None:
    masked = "SELECT count(*) AS rows, count(DISTINCT card_no) AS cards, bool_and(card_no LIKE 'k1:%') AS masked"
    (found,) = fetched(lake, f"{masked} FROM dwd.card_trips")
    assert (found["rows"], found["masked"]) == (4985, True)
    assert found["cards"] > 4000


def test_people_in_public_decisions_are_pseudonyms_and_their_numbers_are_not_kept(
    lake: Lake, outcomes: dict[str, dict[str, Any]]
) -> None:
    for table in ("admin_permits", "admin_penalties"):
        (found,) = fetched(
            lake, f"SELECT bool_and(counterpart_name LIKE 'k1:%') AS masked, count(*) AS rows FROM dwd.{table}"
        )
        assert (found["masked"], found["rows"] > 70) == (True, True)
        (shape,) = fetched(lake, f"SELECT list(column_name) AS names FROM (DESCRIBE dwd.{table})")
        assert "person_id_no" not in shape["names"]


def test_number_plates_are_kept_as_pseudonyms_alone(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> None:
    seen = "SELECT count(overloaded_plate_no) AS plates, bool_and(overloaded_plate_no LIKE 'k1:%') AS masked"
    (found,) = fetched(lake, f"{seen} FROM dwd.traffic_flow")
    assert found["masked"]
    assert found["plates"] > 10


def test_keys_of_the_datasets_join(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> None:
    joined = """
SELECT count(*) AS rows, count(s.subdistrict_name) AS streets FROM dwd.card_trips t
LEFT JOIN dwd.public_facilities f ON f.facility_id = t.entry_station_id
LEFT JOIN dwd.subdistricts s USING (subdistrict_code)"""
    (found,) = fetched(lake, joined)
    assert found["rows"] == found["streets"] == 4985
    (industries,) = fetched(
        lake, "SELECT count(DISTINCT e.industry_code) AS n FROM dwd.enterprises e JOIN dwd.electricity_by_industry USING (industry_code)"
    )  # fmt: skip
    assert industries["n"] == 20


def test_every_order_is_with_an_office_that_is_known(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> None:
    orphans = "SELECT DISTINCT unit_name FROM dwd.hotline_orders ANTI JOIN dwd.organisations ON org_name = unit_name"
    assert fetched(lake, f"{orphans} WHERE unit_name IS NOT NULL") == []


def test_sensors_are_inside_their_subdistricts(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> None:
    (found,) = fetched(
        lake, """SELECT count(*) AS devices, count(*) FILTER (ST_Contains(s.geometry, ST_Point(d.lon, d.lat))) AS inside
FROM dwd.iot_devices d JOIN dwd.subdistricts s USING (subdistrict_code)"""
    )  # fmt: skip
    assert found["devices"] == found["inside"] == 72


@pytest.fixture(scope="module")
def page(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> str:
    return write_page(lake.where).read_text(encoding="utf-8")


def test_the_demos_page_needs_nothing_from_outside(page: str) -> None:
    assert "http:" not in page
    assert "https:" not in page
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)


def test_the_demos_page_tells_a_complaint_from_its_bytes_to_the_table(page: str) -> None:
    (line,) = re.findall(r"hotline_202602.csv 第 (\d+) 行", page)
    delivered = (SAMPLES / "governance/hotline_orders/hotline_202602.csv").read_bytes().split(b"\r\n")[int(line) - 1]
    order, *_ = delivered.decode("gb18030").split(",")
    assert order.encode().hex(" ").upper() in page
    assert f"order_id = &#x27;{order}&#x27;" in page
    assert "〔电话〕" in page
    assert page.count("k1:") == 2


def test_the_demos_page_shows_refused_files_beside_their_twins(page: str) -> None:
    for refused, repaired in (
        ("hotline_202603", "hotline_202603_更正"),
        ("electricity_202604", "electricity_202604_更正"),
    ):
        assert f"{refused}." in page
        assert f"{repaired}." in page
    assert "350204001" in page
    assert "占 12.0%，超过 5%" in page
    assert "合计与明细不符" in page


def test_the_demos_page_shows_nothing_personal(page: str) -> None:
    told: set[str] = set()
    for name in HOTLINE_FILES:
        rows, _ = typed_rows(HOTLINE, SAMPLES / f"governance/hotline_orders/{name}")
        told |= {row[column] for row in rows for column in ("caller_name", "caller_phone") if row[column]}
        told |= {number for row in rows for number in re.findall(r"\d{11,17}[\dX]?", row["content"] or "")}
    assert len(told) > 1000
    bare = re.sub(r"k1:\w+|[0-9a-f]{64}", "", page)
    assert [value for value in told if value in bare] == []
    assert [value for value in told if value.encode("gb18030").hex(" ").upper() in bare] == []


def test_the_demos_page_escapes_what_it_shows() -> None:
    hostile = "<script>alert(1)</script>"
    column = Column("topic", "string", title=hostile)
    shown = "".join(page_of._field_row(Field(hostile, column, len(hostile), hostile.encode(), hostile, hostile)))
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 3


@pytest.fixture(scope="module")
def marts(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> Iterator[Connection]:
    """The lake with every model made of what came of the deliveries."""
    assert {outcome.verdict for outcome in transform(lake.where)} == {"published"}
    con = connect(where=lake.where)
    yield con
    con.close()


@pytest.mark.parametrize("check", [*ENVIRONMENT, *GOVERNANCE, *OPERATION], ids=lambda check: check.__name__)
def test_the_marts_find_what_was_planted(
    marts: Connection, check: Callable[[Connection, dict[str, Any]], None]
) -> None:
    check(marts, yaml.safe_load((SAMPLES / "planted.yaml").read_text(encoding="utf-8")))


def test_every_measure_of_the_marts_was_taken_twice_and_agrees(marts: Connection) -> None:
    query = (
        "SELECT count(agreed), count(*) FILTER (NOT agreed) FROM quality.check_results WHERE contains(batch_id, '-t')"
    )
    found = marts.execute(query).fetchone()
    assert found is not None
    assert (found[0] > 400, found[1]) == (True, 0)
