"""What the DAG processor makes of a city: a DAG per contract, cheaply, and no contract can harm another."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts.model_order import domains
from pipelines.contracts.models import city_models
from pipelines.settings import settings
from pipelines.steps.dag_files import DAG_FILES

ROOT = Path(__file__).parents[2]
SOUND = [f"ingest__{path.name.partition('.')[0]}" for path in sorted((ROOT / "schemas").glob("[a-z]*/*.odcs.yaml"))]
TRANSFORMS = [f"transform__{domain}" for domain in domains(city_models(replace(settings(), city=ROOT)).made)]


@pytest.fixture(scope="module")
def parsed(airflow_process: Callable[[str], tuple[Path, dict[str, Any]]]) -> dict[str, Any]:
    return airflow_process("parse_dags.py")[1]


def test_every_contract_and_every_domain_has_its_dag_and_the_lake_has_three(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    assert sorted(parsed["dags"]) == sorted(
        [*SOUND, *TRANSFORMS, "ingest__bike_counts", "maintain_lake", "watch_due_dates", "watch_inboxes"]
    )


def test_parsing_imports_nothing_heavy(parsed: dict[str, Any]) -> None:
    assert parsed["heavy"] == []


@pytest.mark.parametrize("dag_id", SOUND)
def test_a_sound_contract_publishes_then_tells_what_was_refused(parsed: dict[str, Any], dag_id: str) -> None:
    dag = parsed["dags"][dag_id]
    assert dag["tasks"] == ["publish", "refused"]
    assert dag["params"] == ["accept", "by", "file", "period", "replay"]
    assert dag["active"] == 1
    assert dag["owner"]
    assert dag["doc"]


@pytest.mark.parametrize("dag_id", TRANSFORMS)
def test_the_models_of_a_domain_are_one_task_and_their_mirror_another(parsed: dict[str, Any], dag_id: str) -> None:
    dag = parsed["dags"][dag_id]
    assert dag["tasks"] == ["mirror", "transform"]
    assert dag["active"] == 1
    assert "| model |" in dag["doc"]


@pytest.mark.parametrize("dag_id", TRANSFORMS)
def test_a_domain_is_also_made_at_night_for_what_no_delivery_tells(parsed: dict[str, Any], dag_id: str) -> None:
    assert (parsed["dags"][dag_id]["schedule"], parsed["dags"][dag_id]["zone"]) == ("10 4 * * *", "Asia/Shanghai")


def test_a_domain_is_made_when_what_it_reads_is_published(parsed: dict[str, Any]) -> None:
    assert parsed["dags"]["transform__life"]["waits for"] == [
        "rongtong://ads/industry_by_place",
        "rongtong://dim/subdistricts",
        "rongtong://dwd/jobs_and_housing",
        "rongtong://dwd/population_by_subdistrict",
        "rongtong://dwd/public_facilities",
    ]
    assert parsed["dags"]["ingest__hotline_orders"]["waits for"] == []


def test_only_publishing_is_retried(parsed: dict[str, Any]) -> None:
    assert parsed["dags"]["ingest__hotline_orders"]["retries"] == {"publish": 4, "refused": 0}


def test_schedule_and_asset_come_from_the_contract(parsed: dict[str, Any]) -> None:
    dag = parsed["dags"]["ingest__hotline_orders"]
    assert (dag["schedule"], dag["zone"]) == ("0 18 5 * *", "Asia/Shanghai")
    assert dag["inlets"] == ["rongtong://dwd/hotline_orders"]


def test_a_broken_contract_is_a_dag_that_tells_its_problems(parsed: dict[str, Any]) -> None:
    dag = parsed["dags"]["ingest__bike_counts"]
    assert dag["tasks"] == ["contract"]
    assert "broken contract" in dag["tags"]
    assert "float" in dag["doc"]


def test_the_repository_has_the_dag_files_that_a_new_city_gets() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "dags").glob("*.py")} == dict(DAG_FILES)
