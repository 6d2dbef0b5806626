"""The sample city's deliveries published for real, one of every kind, measured twice: what is listed comes of each."""

from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.contracts.catalog import find_contract
from tests.samples.recount import AIR, CITY, DELIVERIES, HOTLINE, SAMPLES, named
from tests.spine.lake import Lake, lake_settings
from tests.spine.truth import fetched

pytestmark = pytest.mark.filterwarnings("ignore:module 'sre_.*' is deprecated:DeprecationWarning")
HOTLINE_FILES = ("hotline_202602.csv", "hotline_202603.csv", "hotline_202603_更正.csv")
CHOSEN = [d for d in DELIVERIES if d["dataset"] not in (AIR, HOTLINE) or named(d) in HOTLINE_FILES]
_RESULTS = """SELECT rule, unexpected, agreed FROM quality.check_results
WHERE batch_id = ? AND unexpected > 0 AND kind <> 'quarantined' AND NOT starts_with(rule, 'batch.')"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("samples")
    made = Lake(lake_settings(folder, CITY, ""), folder / "files")
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
    assert {name: got[name] for name in names} == {name: delivery[name] for name in names}
    assert got["disagreed"] == []
    if delivery["dataset"] != HOTLINE:
        assert got["rows"] == delivery["table_rows"]


def test_card_numbers_are_kept_as_pseudonyms_alone(lake: Lake, outcomes: dict[str, dict[str, Any]]) -> None:
    masked = "SELECT count(*) AS rows, count(DISTINCT card_no) AS cards, bool_and(card_no LIKE 'k1:%') AS masked"
    (found,) = fetched(lake, f"{masked} FROM dwd.card_trips")
    assert (found["rows"], found["masked"]) == (4985, True)
    assert found["cards"] > 4000


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
