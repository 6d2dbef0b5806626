"""What a broken pack, boundary, year or measurement gets: a clear error with file, line and rule, and nothing published."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.lint import lint
from pipelines.errors import ContractError
from pipelines.lake.calendar import calendar_problems
from pipelines.lake.connection import bare_connection
from pipelines.lake.pack import create_pack
from pipelines.settings import Settings
from pipelines.steps import publish
from pipelines.steps.quarantine import rows as quarantined
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, lake_settings

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "data_samples"


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """A copy of the sample city's configuration, to be spoilt."""
    shutil.copytree(REPOSITORY / "schemas", tmp_path / "city" / "schemas")
    return lake_settings(tmp_path, tmp_path / "city", "")


def spoil(here: Settings, file: str, old: str, new: str) -> int:
    """Replace the first `old` in a file of the pack; return the line on which the new text stands."""
    path = here.schemas / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def told(here: Settings) -> list[str]:
    return [str(problem) for problem in lint(here)]


def test_weights_that_do_not_sum_to_one(here: Settings) -> None:
    line = spoil(here, "_city.yaml", "resolved_weight: 0.5", "resolved_weight: 0.6") + 6
    (problem,) = told(here)
    assert problem.startswith(
        f"schemas/_city.yaml:{line}: [policy] policy 'hotline_rates': the weights sum to 1.1, not to 1"
    )


def test_a_missing_key_names_the_file_and_stops_everything(here: Settings) -> None:
    spoil(here, "_city.yaml", "timezone: Asia/Shanghai\ncrs", "crs")
    (problem,) = told(here)
    assert problem == "schemas/_city.yaml:3: [city] 'timezone' is missing."
    with pytest.raises(ContractError, match="'timezone' is missing"):
        find_contract(here, "governance.hotline_orders")


def test_a_code_list_with_overlapping_dates_is_told_even_where_no_contract_names_it(here: Settings) -> None:
    place = here.schemas / "_shared" / "parks.csv"
    place.write_text("code,name,valid_from,valid_to\n1,甲,2020-01-01,2021-01-02\n1,乙,2021-01-01,\n", encoding="utf-8")
    assert told(here) == [
        "schemas/_shared/parks.csv:3: [code-list] code '1' is valid at the same time as on line 2. Hint: end the earlier one with valid_to."
    ]
    con = bare_connection(here)
    with pytest.raises(ContractError, match=r"parks\.csv:3: \[code-list\]"):
        create_pack(con, here)
    con.close()


def test_a_successor_that_is_no_division(here: Settings) -> None:
    line = spoil(here, "_shared/division_successors.csv", "350221,1997-01-01,350212", "350221,1997-01-01,350299")
    (problem,) = told(here)
    assert problem.startswith(
        f"schemas/_shared/division_successors.csv:{line}: [division-successor] successor '350299' is no division of 1997-01-01."
    )


def test_a_calendar_with_a_gap_and_a_day_beyond_the_calendar(here: Settings) -> None:
    (here.schemas / "_shared" / "calendar.csv").write_text(
        "date,day,name,basis\n2027-01-01,holiday,元旦,示例\n2027-01-04,workday,元旦,示例\n", encoding="utf-8"
    )
    assert [str(problem) for problem in calendar_problems(here)] == [
        "schemas/_shared/calendar.csv:3: [calendar] 2027-01-04 is a weekday: it is worked anyway. Hint: remove the line."
    ]
    con = bare_connection(here)
    with pytest.raises(
        duckdb.Error, match=r"\[calendar\].* the calendar holds 2025-01-01 to 2026-12-31.*schemas/_shared/calendar\.csv"
    ):
        con.execute("SELECT add_working_days(DATE '2026-12-31', 1)").fetchall()
    con.close()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("bad")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "audit", measured_once)
        made = Lake(lake_settings(folder, REPOSITORY, ""), folder / "files")
        yield made
        made.close()


def test_a_boundary_that_does_not_close_refuses_the_delivery_and_yesterdays_stays(lake: Lake) -> None:
    contract = find_contract(lake.where, "base.subdistricts")
    source = SAMPLES / "base" / "subdistricts" / "subdistricts_2025.geojson"
    assert lake.ingest(contract, source).verdict == "published"
    collection = json.loads(source.read_text(encoding="utf-8"))
    collection["features"][4]["geometry"]["coordinates"][0][-1] = [118.0, 24.0]
    features = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in collection["features"])
    text = f'{{"type": "FeatureCollection", "features": [\n{features}\n]}}\n'
    outcome = lake.deliver(contract, "subdistricts_2026.geojson", text)
    assert outcome.verdict == "refused"
    reason = next(reason for reason in outcome.reasons if reason.rule == "row.structure")
    assert reason.rows == 1
    assert "line 6: ring 1 of polygon 1 is not closed" in reason.text
    assert lake.rows("SELECT count(*) FROM dwd.subdistricts") == [(54,)]


def test_a_negative_concentration_is_quarantined_with_file_line_and_rule(lake: Lake) -> None:
    contract = find_contract(lake.where, "environment.air_quality_hourly")
    source = SAMPLES / "environment" / "air_quality_hourly" / "air_quality_20260226.csv"
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    at = lines[0].split(",").index("PM2.5(μg/m³)")
    fields = lines[7].split(",")
    fields[at] = "-3"
    outcome = lake.deliver(contract, source.name, "\n".join([*lines[:7], ",".join(fields), *lines[8:], ""]))
    assert (outcome.verdict, outcome.quarantined) == ("published", 1)
    (entry,) = quarantined(lake.where, contract, batch=outcome.batch, con=lake.con)
    assert (entry["file"], entry["line"], entry["rule"], entry["raw"]) == (source.name, 8, "pm25_ug_m3.range", "-3")
    (row,) = lake.rows("SELECT count(*) FROM dwd.air_quality_hourly WHERE pm25_ug_m3 < 0")
    assert row == (0,)
    with pytest.raises(duckdb.Error, match="iaqi: a concentration below zero"):
        lake.con.execute("SELECT iaqi('pm25_24h', -3.0, DATE '2026-02-26')").fetchall()


def test_the_pack_of_a_city_without_code_lists_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    pack = {"name": "甲", "division_prefix": "990100", "timezone": "Asia/Shanghai", "crs": "EPSG:4490"}
    (tmp_path / "schemas" / "_city.yaml").write_text(json.dumps(pack), encoding="utf-8")
    here = replace(lake_settings(tmp_path, tmp_path, ""))
    con = bare_connection(here)
    create_pack(con, here, today=date(2026, 1, 1))
    assert con.execute("SELECT count(*) FROM memory.pack.divisions").fetchone() == (0,)
    con.close()
