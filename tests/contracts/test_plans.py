"""Compiled plans: what DAGs are made of, light when nothing changed, and never stale."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.contracts import compile as compiler
from pipelines.contracts.plans import plans

TRIPS = "mobility.trips"
HEAVY = ("duckdb", "pyarrow", "pandas", "airflow", "great_expectations", "sqlalchemy")
ONCE = ("yaml", "jsonschema_rs", "pydantic", "open_data_contract_standard")


def by_id(here) -> dict:
    return {plan.id: plan for plan in plans(here())}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often plans are compiled rather than read."""
    runs: list[int] = []
    real = compiler.compile_plans

    def counted(settings):
        runs.append(1)
        return real(settings)

    monkeypatch.setattr(compiler, "compile_plans", counted)
    return runs


def test_plan_says_what_its_dag_needs(here) -> None:
    plan = by_id(here)[TRIPS]
    assert (plan.table, plan.dag_id, plan.title) == ("trips", "ingest__trips", "骑行记录")
    assert (plan.schedule, plan.owner, plan.status) == ("0 6 * * *", "骑行数据员", "active")
    assert plan.tags == ("mobility", "active", "共享单车")
    assert plan.asset_uri == "rongtong://dwd/trips"
    assert plan.problems == ()
    assert by_id(here)["base.places"].schedule is None


def test_page_tells_the_contract_in_chinese_and_english(here) -> None:
    page = by_id(here)[TRIPS].doc_md
    for words in (
        "# 骑行记录",
        "一行一次骑行。",
        "**提供方 provider**: 交通局",
        "upsert",
        "按主键更新",
        "| `trip_id` | 骑行编号 | string | 主键 key · 必填 required ·",
        "→ places.place_code",
        "假名 pseudonym",
        "代码表 divisions",
        "`ends_after_start`",
        "1 – 1,000,000",
        "`mobility/trips/*`",
        "rongtong ingest mobility.trips --file FILE",
    ):
        assert words in page


def test_broken_contract_has_a_plan_with_its_problems_and_harms_no_other(city, here) -> None:
    city.edit(TRIPS, "logicalType: integer", "logicalType: int")
    found = by_id(here)
    plan = found[TRIPS]
    assert plan.dag_id == "ingest__trips"
    assert plan.tags == ("broken contract",)
    assert len(plan.problems) == 1
    assert "trips.odcs.yaml:78: [known-type]" in plan.problems[0]
    assert plan.problems[0] in plan.doc_md
    assert found["base.places"].problems == ()


def test_unreadable_file_has_a_plan_named_after_its_place(city, here) -> None:
    city.write("mobility.工单", "a: [1")
    plan = by_id(here)["mobility.工单"]
    assert plan.dag_id == "ingest__u5de5u5355"
    assert "not YAML" in plan.problems[0]


def test_two_contracts_of_one_table_are_both_red_under_ids_of_their_own(city, here) -> None:
    city.write("tourism.trips", city.text(TRIPS).replace("mobility", "tourism"))
    found = by_id(here)
    assert {plan.dag_id for plan in found.values() if plan.problems} == {
        "ingest__trips__mobility",
        "ingest__trips__tourism",
    }
    assert found["base.places"].problems == ()


def test_reference_that_leads_nowhere_makes_a_plan_red_and_the_glossary_does_not(city, here) -> None:
    city.edit(TRIPS, "to: places.place_code", "to: palaces.place_code")
    city.edit(
        "base.places",
        "      - name: place_name",
        "      - {name: minutes, businessName: 时长, logicalType: number}\n      - name: place_name",
    )
    found = by_id(here)
    assert ["reference-resolves" in problem for problem in found[TRIPS].problems] == [True]
    assert found["base.places"].problems == ()


def test_broken_city_pack_makes_every_plan_red(city, here) -> None:
    (city.schemas / "_city.yaml").write_text("name: x", encoding="utf-8")
    assert all(any("_city.yaml" in problem for problem in plan.problems) for plan in plans(here()))
    (city.schemas / "_city.yaml").unlink()
    assert all(any("there is no city pack" in problem for problem in plan.problems) for plan in plans(here()))


def test_city_without_contracts_has_no_plans(here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_CITY", str(tmp_path / "nowhere"))
    assert plans(here()) == []


def test_plans_are_compiled_once_and_then_read(here, compiled) -> None:
    first = plans(here())
    assert plans(here()) == first
    assert len(compiled) == 1


def test_change_of_a_contract_the_city_pack_or_a_code_list_is_seen(city, here, compiled) -> None:
    plans(here())
    city.edit(TRIPS, "name: 骑行记录", "name: 骑行")
    assert by_id(here)[TRIPS].title == "骑行"
    pack = city.schemas / "_city.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("maxInvalidPct: 4", "maxInvalidPct: 2"), encoding="utf-8")
    assert "2 %" in by_id(here)["base.places"].doc_md
    (city.schemas / "_shared" / "divisions.csv").write_text("code,name,valid_from,valid_to\n", encoding="utf-8")
    assert "holds no code" in by_id(here)[TRIPS].problems[0]
    city.write("base.more", city.text("base.places").replace("places", "more"))
    assert "base.more" in by_id(here)
    city.path("base.more").unlink()
    assert "base.more" not in by_id(here)
    assert len(compiled) == 5


def test_file_that_changes_while_it_is_compiled_is_not_kept_under_its_old_content(city, here, monkeypatch) -> None:
    before = city.text(TRIPS)
    real = compiler.compile_plans

    def overtaken(settings):
        city.edit(TRIPS, "name: 骑行记录", "name: 别的")
        return real(settings)

    monkeypatch.setattr(compiler, "compile_plans", overtaken)
    assert by_id(here)[TRIPS].title == "别的"
    monkeypatch.setattr(compiler, "compile_plans", real)
    city.write(TRIPS, before)
    assert by_id(here)[TRIPS].title == "骑行记录"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]x", b'[{"id": 1}]', b"3"])
def test_damaged_cache_counts_as_lost(here, damage: bytes) -> None:
    first = plans(here())
    for path in here().cache.rglob("*.json"):
        path.write_bytes(damage)
    assert plans(here()) == first


def test_cache_that_cannot_be_written_costs_time_only(here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lake").write_text("a file where the lake should be")
    assert len(plans(here())) == 2


def test_old_answers_are_forgotten(city, here) -> None:
    import os

    plans(here())
    old = list(here().cache.rglob("*.json"))
    for path in old:
        os.utime(path, (0, 0))
    city.edit(TRIPS, "name: 骑行记录", "name: 骑行")
    plans(here())
    assert sum(path.exists() for path in old) == 1  # the contract that did not change
    assert not list(here().cache.rglob("*.tmp"))


def run(here, code: str) -> list[str]:
    """Return what a fresh process prints, one JSON list."""
    import os

    environment = {**os.environ, "RONGTONG_CITY": str(here().city), "RONGTONG_HOME": str(here().home)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def test_parsing_imports_nothing_heavy(here) -> None:
    code = (
        "import json, sys\n"
        "from pipelines.contracts.plans import plans\n"
        "from pipelines.settings import settings\n"
        "plans(settings())\n"
        f"print(json.dumps([name for name in {HEAVY + ONCE!r} if name in sys.modules]))"
    )
    assert set(run(here, code)) <= set(ONCE)
    assert run(here, code) == []
