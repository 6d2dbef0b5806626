"""The demo's key is for the demo's persons: doctor says whose key a lake has, and refuses the demo's anywhere else."""

from pathlib import Path

import pytest

from pipelines.lake.pseudonym import DEMO_KEY, DEMO_MARK, key_of
from pipelines.settings import Settings
from pipelines.steps import demo_lake
from pipelines.steps.doctor import Finding, _key
from tests.spine.city import column, contract, orders, write_city
from tests.spine.lake import lake_settings


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("RONGTONG_HMAC_KEY", raising=False)
    return lake_settings(tmp_path, write_city(tmp_path / "city"), "")


def _mark(where: Settings) -> None:
    where.home.mkdir(parents=True, exist_ok=True)
    (where.home / DEMO_MARK).touch()


def _found(where: Settings) -> list[tuple[str, str]]:
    return [(one.state, one.told) for one in _key(where)]


def test_a_lake_without_a_key_gets_none_by_being_examined_and_its_own_is_in_order(where: Settings) -> None:
    assert list(_key(where)) == []
    assert not where.home.exists()
    assert key_of(where).id == "k1"
    assert list(_key(where)) == [Finding("key", "ok", "'k1' of this lake")]


def test_the_demo_s_key_is_known_again_in_another_lake(where: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _mark(where)
    assert key_of(where).id == DEMO_KEY
    assert _found(where) == [("ok", "'demo' of the demo")]
    (where.home / DEMO_MARK).unlink()
    assert [state for state, _ in _found(where)] == ["bad"]
    (where.home / "hmac.json").unlink()
    monkeypatch.setenv("RONGTONG_HMAC_KEY", "demo:" + "ab" * 32)
    assert [state for state, _ in _found(where)] == ["bad"]
    monkeypatch.setenv("RONGTONG_HMAC_KEY", "k7:" + "ab" * 32)
    assert _found(where) == [("ok", "'k7' of RONGTONG_HMAC_KEY")]


def test_the_demo_s_lake_holds_no_persons_but_the_demo_s(where: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    orders(where.city, dataset="test.things")
    phone = column("phone", personal=True, mask="hmac", level="3")
    contract(where.city, [column("id", key=True), phone], dataset="test.people")
    _mark(where)
    key_of(where)
    standing = [{"dataset": "test.things", "file": "own.csv"}]
    monkeypatch.setattr(demo_lake, "batch_rows", lambda *_: standing)
    assert [state for state, _ in _found(where)] == ["ok"]
    standing.append({"dataset": "test.people", "file": "real.csv"})
    (finding,) = _key(where)
    assert (finding.check, finding.state) == ("demo key", "bad")
    assert finding.told.endswith("not the demo's: 1")
    listed = where.city / "data_samples" / "deliveries.yaml"
    listed.parent.mkdir()
    fields = "wave: 1, shows: '', period: '', verdict: published, delivered: 1, valid: 1, quarantined: 0"
    listed.write_text(
        f"deliveries:\n- {{file: test/people/real.csv, dataset: test.people, {fields}}}\n", encoding="utf-8"
    )
    assert [state for state, _ in _found(where)] == ["ok"]
