"""A second city, invented: its own divisions, zone, year and rules, from files alone, through the whole chain."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.city import load_city
from pipelines.contracts.lint import lint
from pipelines.contracts.models import city_models
from pipelines.derive.chinese import SCHEMAS
from pipelines.errors import ContractError
from pipelines.lake import connect
from pipelines.lake.binding import binding_problems
from pipelines.lake.calendar import calendar_problems
from pipelines.lake.pack import create_pack
from pipelines.steps import publish
from pipelines.steps.late import lateness
from pipelines.steps.transform.run import transform
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, broken, lake_settings

FILES = Path(__file__).parent / "second_city"
HEAD = "航次,码头所在街道,应到时刻,实到时刻,乘客数"
ZONE = ZoneInfo("Asia/Urumqi")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("second")
    shutil.copytree(FILES, folder / "city")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "audit", measured_once)
        made = Lake(lake_settings(folder, folder / "city", ""), folder / "files")
        for dataset, file in (("base.subdistricts", "街道.csv"), ("mobility.ferry_trips", "航次.csv")):
            outcome = made.ingest(find_contract(made.where, dataset), made.city / "data" / file)
            assert outcome.verdict == "published", outcome.reasons
        yield made
        made.close()


def test_it_is_sound(lake: Lake) -> None:
    assert lint(lake.where) == calendar_problems(lake.where) == []
    contracts = [find_contract(lake.where, name) for name in ("subdistricts", "ferry_trips")]
    assert binding_problems(lake.where, contracts) == []
    assert load_city(lake.city).name == "云屿市（虚构）"


def test_its_deliveries_are_judged_by_its_own_streets_and_bounds(lake: Lake) -> None:
    outcome = lake.ingest(find_contract(lake.where, "ferry_trips"), lake.city / "data" / "航次.csv")
    assert outcome.verdict == "already_published"
    assert lake.rows("SELECT trip_id FROM dwd.ferry_trips ORDER BY ALL") == [("F1",), ("F2",), ("F3",), ("F4",)]
    again = lake.deliver(
        find_contract(lake.where, "ferry_trips"),
        "b.csv",
        f"{HEAD}\nF9,350203001,2027-02-03 09:00,2027-02-03 09:00,1\n",
    )
    assert (again.verdict, broken(again)) == ("refused", {"subdistrict_code.reference": 1})


def test_analysts_read_it_in_chinese_and_in_the_city_s_own_zone(lake: Lake) -> None:
    reader = connect(where=lake.where)
    asked = f"SELECT 航次, CAST(应到时刻 AS DATE), epoch(应到时刻) FROM {SCHEMAS['dwd']}.轮渡航次 WHERE 航次 = 'F4'"
    assert reader.execute(asked).fetchall() == [
        ("F4", date(2027, 2, 1), datetime(2027, 2, 1, 23, tzinfo=ZONE).timestamp())
    ]
    reader.close()


def test_its_own_year_is_in_the_calendar_and_in_what_is_due(lake: Lake) -> None:
    reader = connect(where=lake.where)
    asked = "SELECT add_working_days(DATE '2026-12-31', 1), is_working_day(DATE '2027-01-01')"
    assert reader.execute(asked).fetchall() == [(date(2027, 1, 2), False)]
    reader.close()
    found = lateness(lake.where, datetime(2027, 6, 1, tzinfo=ZONE))
    assert found.untold == ()


def test_the_packaged_models_it_has_the_data_for_and_its_own_are_made_and_read_in_chinese(lake: Lake) -> None:
    models = city_models(lake.where)
    assert models.problems == ()
    assert {"dws.hotline_daily"} <= {name for name, _ in models.left_out}
    lake.close()
    outcomes = {outcome.domain: outcome.verdict for outcome in transform(lake.where)}
    assert set(outcomes) >= {"common", "mobility"}
    assert set(outcomes.values()) == {"published"}
    reader = connect(where=lake.where)
    asked = "SELECT 日期, 区名称, 航次数, 误点航次数, 误点界限, 依据类别 FROM 主题.轮渡准点_日 ORDER BY 日期"
    assert reader.execute(asked).fetchall() == [
        (date(2027, 1, 4), "东屿区", 2, 1, 10.0, "example"),
        (date(2027, 2, 1), "西屿区", 2, 1, 5.0, "local practice"),
    ]
    assert reader.execute("SELECT 街道名称, 区名称, 类别 FROM 公共.现行街道 ORDER BY ALL").fetchall() == [
        ("渔湾镇", "西屿区", "镇"),
        ("灯塔街道", "东屿区", "街道"),
    ]
    assert reader.execute("SELECT 区划名称 FROM 公共.行政区划 WHERE NOT 现行").fetchall() == [("旧港区",)]
    reader.close()
    assert {outcome.verdict for outcome in transform(lake.where)} == {"unchanged"}


def test_what_the_pack_says_anew_makes_the_models_that_read_it_anew_and_no_others(lake: Lake) -> None:
    with (lake.city / "schemas" / "_shared" / "calendar.csv").open("a", encoding="utf-8") as calendar:
        calendar.write("2027-05-03,holiday,劳动节,示例\n")
    made = {one.model: one.made for outcome in transform(lake.where, ("common", "mobility")) for one in outcome.models}
    assert {model for model, how in made.items() if how != "unchanged"} == {"dim.calendar"}


def test_a_policy_that_a_model_needs_and_the_pack_lacks_stops_the_transform_before_anything_is_made(lake: Lake) -> None:
    pack = lake.city / "schemas" / "_city.yaml"
    whole = pack.read_text(encoding="utf-8")
    pack.write_text(whole.replace("late_after: 5", "late_by: 5"), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        transform(lake.where)
    pack.write_text(whole, encoding="utf-8")
    assert str(error.value) == (
        "models/dws/ferry_punctuality_daily.odcs.yaml:27: [model-policy] dws.ferry_punctuality_daily needs the policy "
        "'ferry_punctuality.late_after', which the city pack lacks. "
        "Hint: give 'late_after' a value in every version of ferry_punctuality in schemas/_city.yaml."
    )
    reader = connect(where=lake.where)
    assert reader.execute("SELECT sum(trips) FROM dws.ferry_punctuality_daily").fetchall() == [(4,)]
    reader.close()


def test_its_pack_is_its_own(lake: Lake) -> None:
    create_pack(lake.con, lake.where, today=date(2027, 3, 1))
    assert lake.rows("SELECT code, level, parent_code, successor_code FROM memory.pack.divisions ORDER BY ALL") == [
        ("990100", "city", "990000", None),
        ("990101", "county", "990100", None),
        ("990101001", "township", "990101", None),
        ("990102", "county", "990100", "990103"),
        ("990103", "county", "990100", None),
        ("990103101", "township", "990103", None),
    ]
    assert lake.rows("SELECT DISTINCT policy, basis_kind FROM memory.pack.policies ORDER BY ALL") == [
        ("ferry_punctuality", "example"),
        ("ferry_punctuality", "local practice"),
    ]
    asked = "SELECT year(day), count(*), max(basis_kind) FROM memory.pack.calendar GROUP BY ALL ORDER BY ALL"
    assert lake.rows(asked) == [(2025, 365, "law"), (2026, 365, "law"), (2027, 365, "example")]
