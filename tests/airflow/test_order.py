"""What the answers to a trigger form mean, and which of them contradict each other."""

from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.orchestrate.order import Order
from pipelines.settings import Settings, settings


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RONGTONG_CITY", str(tmp_path))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path / "lake"))
    return settings()


def test_an_empty_form_means_everything_that_waits() -> None:
    assert Order.from_params({"file": None, "period": "", "replay": "  "}) == Order()


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"replay": "all", "file": "a.csv"}, "stands alone"),
        ({"replay": "all", "period": "2026-01"}, "stands alone"),
        ({"accept": "urgent", "by": "张三"}, "belongs to one file"),
        ({"file": "a.csv", "accept": "urgent"}, "a reason and a name"),
        ({"file": "a.csv", "by": "张三"}, "a reason and a name"),
    ],
)
def test_contradictions_are_told(params: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Order.from_params(params)


def test_a_file_is_looked_for_in_its_inbox_first(here: Settings) -> None:
    for folder in (here.city, here.inbox / "mobility" / "trips"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.csv").touch()
    assert Order(file="a.csv").path(here, "mobility.trips") == here.inbox / "mobility" / "trips" / "a.csv"


def test_an_absolute_path_is_taken_as_it_is(here: Settings) -> None:
    file = here.city / "b.csv"
    file.touch()
    assert Order(file=str(file)).path(here, "mobility.trips") == file


def test_a_file_that_is_nowhere_is_told_with_the_places(here: Settings) -> None:
    with pytest.raises(UsageError, match=r"no file 'c\.csv'\. Looked for: .*trips/c\.csv.*"):
        Order(file="c.csv").path(here, "mobility.trips")
