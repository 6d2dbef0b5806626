"""The sample city's pack as tables of a session: typed, whole, and by the days on which each value holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.city import load_city
from pipelines.contracts.models import all_models
from pipelines.lake.connection import Connection, bare_connection
from pipelines.lake.pack import create_pack
from pipelines.settings import Settings, settings

CITY = Path(__file__).parents[2]
TODAY = date(2026, 6, 1)
IN_FORCE = "valid_from <= $day AND (valid_to IS NULL OR $day < valid_to)"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return replace(settings(), city=CITY, home=tmp_path_factory.mktemp("home"), catalogue="")


@pytest.fixture(scope="module")
def con(here: Settings) -> Iterator[Connection]:
    opened = bare_connection(here)
    create_pack(opened, here, today=TODAY)
    yield opened
    opened.close()


def rows(con: Connection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return con.execute(query, values or None).fetchall()


def test_columns_have_the_types_that_models_rely_on(con: Connection) -> None:
    found = rows(
        con,
        "SELECT table_name, string_agg(column_name || ' ' || data_type, ', ' ORDER BY column_index) FROM duckdb_columns() "
        "WHERE database_name = 'memory' AND schema_name = 'pack' GROUP BY ALL ORDER BY ALL",
    )
    assert dict(found) == {
        "calendar": "day DATE, is_working_day BOOLEAN, name VARCHAR, basis_kind VARCHAR, basis_ref VARCHAR",
        "code_lists": "list VARCHAR, list_title VARCHAR, code VARCHAR, name VARCHAR, valid_from DATE, valid_to DATE",
        "columns": "dataset VARCHAR, column_name VARCHAR, title VARCHAR, type VARCHAR, unit VARCHAR, is_key BOOLEAN, reference VARCHAR",
        "datasets": "dataset VARCHAR, layer VARCHAR, table_name VARCHAR, title VARCHAR, domain VARCHAR, provider VARCHAR, "
        "owner VARCHAR, stage VARCHAR, sharing_type VARCHAR, frequency_value INTEGER, frequency_unit VARCHAR, "
        "latency_value INTEGER, latency_unit VARCHAR, personal BOOLEAN, grade INTEGER",
        "divisions": "code VARCHAR, name VARCHAR, level VARCHAR, parent_code VARCHAR, valid_from DATE, valid_to DATE, successor_code VARCHAR",
        "policies": "policy VARCHAR, item VARCHAR, value DOUBLE, text VARCHAR, unit VARCHAR, valid_from DATE, valid_to DATE, "
        "basis_kind VARCHAR, basis_ref VARCHAR",
        "reads": "model VARCHAR, relation VARCHAR",
        "today": "day DATE",
    }


@pytest.mark.parametrize(
    ("day", "limit", "kind"),
    [
        (date(2026, 2, 28), 75.0, "example"),
        (date(2026, 3, 1), 60.0, "standard"),
        (date(2030, 12, 31), 60.0, "standard"),
        (date(2031, 1, 1), 50.0, "standard"),
    ],
)
def test_limit_is_the_one_of_the_day(con: Connection, day: date, limit: float, kind: str) -> None:
    asked = f"SELECT value, basis_kind FROM memory.pack.policies WHERE policy = 'air_limits' AND item = 'pm25_24h' AND {IN_FORCE}"
    assert rows(con, asked, day=day) == [(limit, kind)]


def test_one_value_may_rest_on_another_basis_than_its_neighbours(con: Connection) -> None:
    asked = f"SELECT item, value, unit, basis_kind FROM memory.pack.policies WHERE policy = 'hotline_sla' AND {IN_FORCE} ORDER BY item"
    found = {item: told for item, *told in rows(con, asked, day=TODAY)}
    assert found == {
        "咨询": [2.0, "wd", "local practice"],
        **{item: [5.0, "wd", "example"] for item in ("建议", "投诉", "求助", "信访")},
    }


def test_a_text_is_a_text_and_no_number(con: Connection) -> None:
    asked = "SELECT value, text, unit FROM memory.pack.policies WHERE policy = 'hotline_rates' AND item = 'base'"
    assert rows(con, asked) == [(None, "有效回访", None)]


def test_every_policy_of_the_sample_city_says_what_it_rests_on_and_only_texts_are_law_or_standard() -> None:
    kinds: dict[str, set[str]] = {}
    for policy in load_city(CITY).policies:
        for version in policy.versions:
            for item in version.items:
                kinds.setdefault(item.basis.kind, set()).add(policy.name)
    assert kinds["law"] == {"sharing_sla", "targets_2027"}
    assert kinds["standard"] == {"air_limits", "air_completeness"}
    assert kinds["local practice"] == {"hotline_sla"}


def test_a_code_that_passed_on_has_two_rows_and_a_successor(con: Connection) -> None:
    asked = "SELECT name, level, parent_code, valid_from, valid_to, successor_code FROM memory.pack.divisions WHERE code = '350205' ORDER BY valid_from"
    assert rows(con, asked) == [
        ("杏林区", "county", "350200", date(1983, 1, 1), date(2003, 1, 1), "350205"),
        ("海沧区", "county", "350200", date(2003, 1, 1), None, None),
    ]
    above = "SELECT code, parent_code FROM memory.pack.divisions WHERE code IN ('350200', '350203001') ORDER BY code"
    assert rows(con, above) == [("350200", "350000"), ("350203001", "350203")]


def test_every_day_of_the_announced_years_is_there_with_its_notice(con: Connection) -> None:
    days = rows(con, "SELECT day, is_working_day, name, basis_kind, basis_ref FROM memory.pack.calendar ORDER BY day")
    assert (days[0][0], days[-1][0], len(days)) == (date(2025, 1, 1), date(2026, 12, 31), 730)
    assert {kind for *_, kind, _ in days} == {"law"}
    by_day = {day: told for day, *told in days}
    assert by_day[date(2026, 10, 10)][:2] == [True, "国庆节"]
    assert by_day[date(2026, 10, 12)][:2] == [True, None]
    working = [day for day, works, *_ in days if works]
    agreed = rows(con, "SELECT day FROM memory.pack.calendar WHERE is_working_day(day) ORDER BY day")
    assert [day for (day,) in agreed] == working
    assert all(after - before == timedelta(days=1) for (before, *_), (after, *_) in pairwise(days))


def test_code_lists_have_their_titles(con: Connection) -> None:
    asked = "SELECT list, list_title, count(*) FROM memory.pack.code_lists WHERE list IN ('divisions', 'industries') GROUP BY ALL ORDER BY ALL"
    assert [row[:2] for row in rows(con, asked)] == [
        ("divisions", "行政区划与街道"),
        ("industries", "国民经济行业门类"),
    ]
    assert rows(con, "SELECT name FROM memory.pack.code_lists WHERE list = 'industries' AND code = 'C'") == [
        ("制造业",)
    ]


def test_datasets_and_columns_are_those_of_the_contracts(con: Connection, here: Settings) -> None:
    contracts = [*all_contracts(here)[0], *all_models(here)]
    grade = max(column.level for column in _contract(contracts).columns)
    told = "table_name, layer, domain, frequency_value, frequency_unit, latency_value, personal, grade, stage"
    asked = f"SELECT {told} FROM memory.pack.datasets WHERE dataset = $id"
    assert rows(con, asked, id="governance.hotline_orders") == [
        ("hotline_orders", "dwd", "governance", 1, "month", 5, True, grade, "管理")
    ]
    counts = "SELECT count(*), count(DISTINCT dataset) FROM memory.pack.columns"
    assert rows(con, counts) == [(sum(len(contract.columns) for contract in contracts), len(contracts))]
    refers = "SELECT reference FROM memory.pack.columns WHERE dataset = 'governance.hotline_orders' AND column_name = 'subdistrict_code'"
    assert rows(con, refers) == [("subdistricts.subdistrict_code",)]


def test_a_digest_changes_with_its_own_rows_and_no_other(con: Connection, here: Settings) -> None:
    before = create_pack(con, here, [], today=TODAY)
    after = create_pack(con, here, [], today=date(2026, 6, 2))
    assert {name for name in before if before[name] != after[name]} == {"pack.today"}
    assert rows(con, "SELECT day FROM memory.pack.today") == [(date(2026, 6, 2),)]
    assert rows(con, "SELECT count(*) FROM memory.pack.datasets") == [(0,)]
    create_pack(con, here, today=TODAY)


def _contract(contracts: Any) -> Any:
    return next(contract for contract in contracts if contract.id == "governance.hotline_orders")
