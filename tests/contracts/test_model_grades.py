"""A model's columns are graded by what they are made of, the highest wins; less is said with a name and a reason."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import models
from pipelines.contracts.lint import lint
from pipelines.contracts.models import Models, city_models
from pipelines.derive.pack import datasets_table
from pipelines.errors import ContractError
from pipelines.settings import Settings
from pipelines.steps.model_listing import model_page
from tests.spine.city import column, contract, write_city
from tests.spine.lake import lake_settings
from tests.spine.models import write_model

WHY = {"by": "城市数据局", "reason": "只计人数"}
MASKED: dict[str, Any] = {"personal": True, "mask": "hmac", "level": "3"}


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A city with a dataset of persons: a public key, an internal area, a personal phone."""
    monkeypatch.setattr(models, "PACKAGED", tmp_path / "no models")
    city = write_city(tmp_path / "city")
    contract(
        city,
        [column("id", key=True), column("area", level="2"), column("phone", title="电话", **MASKED)],
        dataset="test.people",
    )
    return lake_settings(tmp_path, city, "")


def _made(where: Settings, select: str, *columns: dict[str, Any], table: str = "test.dws.made") -> Models:
    write_model(where.city, table, f"SELECT {select}", columns)
    return city_models(where)


def _levels(found: Models) -> dict[str, int]:
    assert found.problems == ()
    return {column.name: column.level for column in found.made[-1].contract.columns}


def _told(found: Models) -> list[str]:
    assert {problem.rule for problem in found.problems} <= {"grade"}
    return [problem.message for problem in found.problems]


def test_a_column_that_says_nothing_has_the_highest_grade_of_its_sources_and_the_table_of_its_columns(
    where: Settings,
) -> None:
    found = _made(where, "id, id || area AS place FROM dwd.people", column("id", key=True), column("place"))
    assert _levels(found) == {"id": 1, "place": 2}
    above = _made(
        where,
        "m.place, count(*) AS n FROM dws.made AS m GROUP BY ALL",
        column("place", key=True),
        column("n", "integer"),
        table="test.ads.above",
    )
    assert _levels(above) == {"place": 2, "n": 1}
    assert [row[-1] for row in datasets_table(one.contract for one in above.made).rows] == [2, 2]
    page = model_page(where, above.made[-1])
    assert page["grade"] == 2
    assert [row["level"] for row in page["columns"]] == [2, 1]


def test_less_than_its_sources_demand_is_a_fault_until_somebody_says_why(where: Settings) -> None:
    less = column("place", level="1", key=True)
    found = _made(where, "area AS place FROM dwd.people", less)
    assert _told(found) == ["column 'place' is of level 1, and is made of dwd.people.area, of level 2."]
    assert found.problems[0].line
    assert found.made == ()
    assert [problem.rule for problem in lint(where, ["dws.made"])] == ["grade"]
    found = _made(where, "area AS place FROM dwd.people", column("place", level="1", key=True, regraded=WHY))
    assert _levels(found) == {"place": 1}
    assert model_page(where, found.made[0])["regraded"] == ["place → 1: 只计人数 (城市数据局)"]


@pytest.mark.parametrize(
    "select",
    [
        "phone AS who FROM dwd.people",
        "max(phone) AS who FROM dwd.people",
        "(SELECT any_value(phone) FROM dwd.people) AS who",
        "CAST(p AS VARCHAR) AS who FROM dwd.people AS p",
        "value AS who FROM (UNPIVOT dwd.people ON phone INTO NAME name VALUE value)",
    ],
)
def test_what_is_made_of_personal_data_says_that_it_is_personal(where: Settings, select: str) -> None:
    found = _made(where, select, column("who", key=True))
    assert _told(found) == ["column 'who' is made of dwd.people.phone, which is personal, and does not say that it is."]
    assert _levels(_made(where, select, column("who", key=True, **MASKED))) == {"who": 3}


def test_a_count_of_persons_is_regraded_and_a_row_count_needs_nothing(where: Settings) -> None:
    select = "area AS place, count(*) AS rows, count(DISTINCT phone) AS persons FROM dwd.people GROUP BY ALL"
    columns = [column("place", key=True), column("rows", "integer")]
    assert _told(_made(where, select, *columns, column("persons", "integer")))
    counted = column("persons", "integer", level="1", regraded=WHY)
    assert _levels(_made(where, select, *columns, counted)) == {"place": 2, "rows": 1, "persons": 1}


def test_only_a_model_is_regraded_and_it_says_to_what(where: Settings) -> None:
    with pytest.raises(ContractError, match=r"\[grade\].*delivered, not made"):
        contract(where.city, [column("id", key=True, regraded=WHY)], dataset="test.other")
    (where.city / "schemas" / "test" / "other.odcs.yaml").unlink()
    found = _made(where, "id FROM dwd.people", column("id", key=True, regraded=WHY))
    assert _told(found) == ["column 'id' is regraded, and states no classification."]
