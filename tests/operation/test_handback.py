"""回流: a district gets its own rows of every table that carries a place, and nobody else's."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.models import all_models
from pipelines.derive.model_tables import create_table
from pipelines.errors import UsageError
from pipelines.lake.create import open_for_writing
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings, settings
from pipelines.steps.handback import hand_back, own_rows
from pipelines.steps.tables import fit_tables

CITY = Path(__file__).parents[2]
DISTRICTS = ("350203", "350206", "350211")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake with water levels of three streets, and a roll-up of streets, districts and the city."""
    here = replace(settings(), city=CITY, home=tmp_path_factory.mktemp("home"), catalogue="")
    con = open_for_writing(here)
    rollup = next(one for one in all_models(here) if one.table == "city_rollup")
    with write_transaction(con, here, dataset=None, who="test"):
        fit_tables(con, find_contract(here, "environment.water_levels"))
        for statement in create_table(rollup):
            con.execute(statement)
        con.execute(
            "INSERT INTO city.dwd.water_levels (station_code, observed_at, subdistrict_code, station_name) SELECT 'XMW0' || n, "
            "TIMESTAMPTZ '2026-06-01 00:00:00+08', c, '水，位' FROM (VALUES (1, '350203001'), (2, '350203099'), (3, '350206001'), (4, NULL)) AS v (n, c)"
        )
        con.execute(
            "INSERT INTO city.ads.city_rollup (measure, period, division_code, level, value, unit) SELECT 'm', '2026-01', c, '区', 1, '件' "
            "FROM (VALUES ('350203001'), ('350203'), ('350206'), ('350200'), ('350000')) AS v (c)"
        )
    con.close()
    return here


def places(folder: Path, table: str, column: str) -> list[str]:
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as lines:
        return [row[column] for row in csv.DictReader(lines)]


def test_no_foreign_row_is_given_and_no_own_row_is_missing(lake: Settings, tmp_path: Path) -> None:
    told = hand_back(lake, "350203", tmp_path / "out")
    assert places(tmp_path / "out", "dwd.water_levels", "subdistrict_code") == ["350203001", "350203099"]
    assert places(tmp_path / "out", "ads.city_rollup", "division_code") == ["350203", "350203001"]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert {one["table"]: one["rows"] for one in manifest["given"]} == {one.table: one.rows for one in told.given}


def test_every_placed_row_goes_to_exactly_one_district(lake: Settings, tmp_path: Path) -> None:
    given = [
        place
        for district in DISTRICTS
        if hand_back(lake, district, tmp_path / district)
        for place in places(tmp_path / district, "dwd.water_levels", "subdistrict_code")
    ]
    assert sorted(given) == ["350203001", "350203099", "350206001"]


def test_files_open_in_excel_and_belong_to_their_owner_alone(lake: Settings, tmp_path: Path) -> None:
    hand_back(lake, "350206", tmp_path / "out")
    file = tmp_path / "out" / "dwd.water_levels.csv"
    assert file.read_bytes()[:3] == b"\xef\xbb\xbf"
    assert (file.stat().st_mode & 0o777, (tmp_path / "out").stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(("division", "form"), [("350209", "csv"), ("3502", "csv"), ("350203", "xlsx")])
def test_what_cannot_be_given_leaves_no_folder(lake: Settings, tmp_path: Path, division: str, form: str) -> None:
    with pytest.raises(UsageError, match=r"^\[(division|format)\]"):
        hand_back(lake, division, tmp_path / "out", form=form)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(lake: Settings, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match=r"^\[out\].*there already"):
        hand_back(lake, "350203", tmp_path / "out")


def test_a_whole_city_is_its_four_digits() -> None:
    assert own_rows("district_code", "350200") == "starts_with(\"district_code\", '3502')"
    assert own_rows("district_code", "350210") == "starts_with(\"district_code\", '350210')"
