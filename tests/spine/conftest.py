"""Lakes of small cities, on either catalogue; a process that forks workers from one that has imported everything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.steps import publish
from tests.spine.city import write_city
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, lake_settings
from tests.spine.zygote import Zygote


@pytest.fixture(scope="module")
def second_measure() -> Iterator[None]:
    """Great Expectations stays out, its import costs ten seconds; the tests of both measures override this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "audit", measured_once)
        yield


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RONGTONG_HMAC_KEY", "RONGTONG_LANG", "RONGTONG_CATALOGUE", "RONGTONG_CITY", "RONGTONG_HOME"):
        monkeypatch.delenv(name, raising=False)


def _made(folder: Path, catalogue: str) -> Iterator[Lake]:
    made = Lake(lake_settings(folder, write_city(folder / "city"), catalogue), folder / "files")
    yield made
    made.close()


@pytest.fixture
def lake(tmp_path: Path, catalogue: str, second_measure: None) -> Iterator[Lake]:
    """No lake yet, and a city without contracts: for tests that look at the whole of it."""
    yield from _made(tmp_path, catalogue)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, second_measure: None
) -> Iterator[Lake]:
    """A lake for the tests of one module: each takes datasets of its own (`shared.orders()`)."""
    catalogue = "" if request.param == "sqlite" else str(request.getfixturevalue("new_database")())
    yield from _made(tmp_path_factory.mktemp("shared"), catalogue)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, second_measure: None) -> Iterator[Lake]:
    """The same on the embedded catalogue alone, for what does not depend on the catalogue."""
    yield from _made(tmp_path_factory.mktemp("embedded"), "")


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """A process that forks children cheaply."""
    with Zygote(tmp_path_factory.mktemp("zygote")) as started:
        yield started
