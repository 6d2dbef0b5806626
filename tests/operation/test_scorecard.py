"""The scorecard for signature: a month's scores, what they rest on, lines to sign, and no blank where nothing can be said."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.contracts.models import all_models
from pipelines.derive.model_tables import create_table
from pipelines.errors import UsageError
from pipelines.lake.create import open_for_writing
from pipelines.lake.reader import connect
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings, settings
from pipelines.sources.sheets import read_sheets
from pipelines.steps.maintain import maintain
from pipelines.steps.scorecard import scorecard

CITY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    here = replace(settings(), city=CITY, home=tmp_path_factory.mktemp("home"), catalogue="")
    con = open_for_writing(here)
    mart = next(one for one in all_models(here) if one.table == "department_scorecard")
    with write_transaction(con, here, dataset=None, who="test"):
        for statement in create_table(mart):
            con.execute(statement)
        con.execute(
            "INSERT INTO city.ads.department_scorecard (provider, month, periods, score, basis) VALUES "
            "('热线中心', '2026-04', 1, 66.67, 'example：示例'), ('水利局', '2026-04', 2, NULL, NULL), ('水利局', '2026-03', 1, 90, 'example：示例')"
        )
    con.close()
    return here


def test_the_last_month_has_a_sheet_to_sign_for_each_provider(
    lake: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "zh")
    told = scorecard(lake, tmp_path / "s.xlsx")
    sheets = {sheet.name: [list(filter(None, row)) for row in sheet.rows] for sheet in read_sheets(tmp_path / "s.xlsx")}
    assert (told.month, sorted(told.providers)) == ("2026-04", ["水利局", "热线中心"])
    assert ["百分制得分", "66.67"] in sheets["热线中心"]
    assert ["百分制得分", "不可判"] in sheets["水利局"]
    assert sum("签字" in row for row in sheets["水利局"]) == 2


def test_a_month_without_scores_writes_nothing(lake: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^\[scorecard\].*2020-01"):
        scorecard(lake, tmp_path / "s.xlsx", month="2020-01")
    assert list(tmp_path.iterdir()) == []


def test_what_is_signed_can_be_read_for_ever(lake: Settings, tmp_path: Path) -> None:
    told = scorecard(lake, tmp_path / "s.xlsx")
    con = open_for_writing(lake)
    with write_transaction(con, lake, dataset=None, who="test"):
        con.execute("DELETE FROM city.ads.department_scorecard WHERE month = '2026-04'")
    con.close()
    maintain(lake, keep_days=0)
    con = connect("scorecard-2026-04", where=lake)
    assert con.execute("SELECT count(*) FROM ads.department_scorecard WHERE month = '2026-04'").fetchone() == (2,)
    con.close()
    [above] = [row for sheet in read_sheets(tmp_path / "s.xlsx")[:1] for row in sheet.rows[1:2]]
    assert f"snapshot {told.snapshot}, pinned as scorecard-2026-04" in " ".join(map(str, above))
