"""What the containers run beside Airflow: who may log in, the sample city loaded once, exit codes without tracebacks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines import containers
from pipelines.airflow_api import AirflowApi
from pipelines.contracts.deliveries import load_deliveries
from pipelines.contracts.models import city_models
from pipelines.demo import loading
from pipelines.lake.create import open_for_writing
from pipelines.settings import Settings, settings

ROOT = Path(__file__).parents[2]
LISTED = load_deliveries(ROOT / "data_samples/deliveries.yaml")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The sample city on a lake that is not there."""
    monkeypatch.setenv("RONGTONG_CITY", str(ROOT))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path))
    return settings()


def _send(monkeypatch: pytest.MonkeyPatch, here: Settings, known: Sequence[dict[str, Any]]) -> list[str]:
    """Load the samples into a lake whose ledger knows these batches; the files that were sent."""
    sent: list[str] = []

    class Ready:
        def wait_for_dags(self, dag_ids: Sequence[str], seconds: float) -> None:
            assert list(dag_ids) == sorted(set(dag_ids))

    monkeypatch.setattr(loading, "batch_rows", lambda settings, dataset: list(known))
    monkeypatch.setattr(loading, "surprises_in", lambda settings, expected: [])
    monkeypatch.setattr(loading, "levels", lambda settings: [])
    monkeypatch.setattr(loading, "unmade", lambda settings: [])
    monkeypatch.setattr(
        loading, "send_wave", lambda airflow, settings, console, wave: sent.extend(d.file for d in wave)
    )
    assert loading.load_samples(here, Ready()) == 0  # type: ignore[arg-type]
    return sent


def _row(file: str, dataset: str, state: str) -> dict[str, Any]:
    return {"dataset": dataset, "file": Path(file).name, "state": state}


def test_an_empty_lake_gets_every_delivery_wave_by_wave(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _send(monkeypatch, here, []) == [d.file for d in sorted(LISTED, key=lambda d: d.wave)]


def test_what_was_loaded_is_not_sent_again(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [_row(d.file, d.dataset, "retracted" if d.retract else "standing") for d in LISTED]
    assert _send(monkeypatch, here, known) == []


def test_loading_goes_on_where_it_was_broken_off(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [_row(d.file, d.dataset, "standing") for d in LISTED if d.wave < 3 or d.retract]
    assert set(_send(monkeypatch, here, known)) == {d.file for d in LISTED if d.wave >= 3}


def test_tables_that_were_never_made_are_made_when_all_deliveries_are_there(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    con = open_for_writing(here)
    con.executemany(
        "INSERT INTO city.quality.transforms (domain, model, seq, digest, inputs, \"rows\", verdict) VALUES (?, ?, 1, '', '{}', 1, 'published')",
        [[one.contract.domain, one.name] for one in city_models(here).made if one.contract.domain != "governance"],
    )
    con.close()
    made: list[list[str]] = []

    class Ready:
        def wait_for_dags(self, dag_ids: Sequence[str], seconds: float) -> None:
            assert list(dag_ids) == ["transform__governance"]

    known = [_row(d.file, d.dataset, "retracted" if d.retract else "standing") for d in LISTED]
    monkeypatch.setattr(loading, "batch_rows", lambda settings, dataset: known)
    monkeypatch.setattr(loading, "hold", lambda airflow, groups: None)
    monkeypatch.setattr(loading, "make_models", lambda airflow, console, groups: made.extend(groups) or [])
    assert loading.load_samples(here, Ready()) == 0  # type: ignore[arg-type]
    assert made == [["transform__governance"]]


def test_passwords_that_are_no_json_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_PASSWORDS", "admin:secret")
    monkeypatch.delenv("RONGTONG_SAMPLES", raising=False)
    assert containers.main(["samples"]) == 2
    said = capsys.readouterr().err
    assert "AIRFLOW_PASSWORDS" in said
    assert "secret" not in said


def test_samples_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_SAMPLES", "no")
    assert containers.main(["samples"]) == 0


@pytest.mark.parametrize(("health", "code"), [({"scheduler": "healthy"}, 0), ({"scheduler": "unhealthy"}, 1), ({}, 1)])
def test_health_is_what_the_api_server_says(health: dict[str, str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AirflowApi, "health", lambda self: health)
    assert containers.main(["healthy", "scheduler"]) == code


def test_preparing_writes_the_login_for_its_owner_and_makes_the_lake(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv("AIRFLOW_PASSWORDS", '{"wang": "p"}')
    monkeypatch.setattr(containers, "_airflow", lambda *words: asked.append(" ".join(words[:2])))
    for _ in range(2):
        assert containers.main(["prepare"]) == 0
    assert asked[:2] == ["db migrate", "db clean"]
    login = tmp_path / "airflow/login.json"
    assert login.read_text(encoding="utf-8") == '{"wang": "p"}'
    assert login.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "catalog.sqlite").is_file()
    assert "preload" in (tmp_path / "airflow/config/airflow_local_settings.py").read_text(encoding="utf-8")


def test_nothing_asked_tells_what_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert containers.main([]) == 2
    assert "prepare | samples | healthy" in capsys.readouterr().err
