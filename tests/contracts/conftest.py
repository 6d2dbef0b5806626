"""A small city in a temporary folder: two sound contracts, a city pack and a code list, ready to be spoilt."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.contracts.city import load_city
from pipelines.contracts.inspection import inspect_contract
from pipelines.contracts.model import Contract
from pipelines.errors import Problem
from pipelines.settings import Settings, settings

SAMPLES = Path(__file__).parent / "samples"
CITY_PACK = """\
name: 样例市
division_prefix: "350200"
timezone: Asia/Shanghai
crs: EPSG:4490
quality:
  maxInvalidPct: 4
  basis: {kind: example, ref: tests, effective: 2026-01-01}
calendar: {year: 2026}
"""
DIVISIONS = """\
code,name,valid_from,valid_to
350203,思明区,,
350205,杏林区,1983-01-01,2003-01-01
350205,海沧区,2003-01-01,
"""


@dataclass(frozen=True)
class CityFolder:
    """A city repository that tests write to."""

    root: Path

    @property
    def schemas(self) -> Path:
        return self.root / "schemas"

    def path(self, dataset: str) -> Path:
        return self.schemas / f"{dataset.replace('.', '/')}.odcs.yaml"

    def text(self, dataset: str) -> str:
        return self.path(dataset).read_text(encoding="utf-8")

    def write(self, dataset: str, text: str) -> Path:
        self.path(dataset).parent.mkdir(parents=True, exist_ok=True)
        self.path(dataset).write_text(text, encoding="utf-8")
        return self.path(dataset)

    def edit(self, dataset: str, old: str, new: str) -> str:
        """Replace the first `old` in a contract; return the whole new text."""
        text = self.text(dataset)
        assert old in text, f"{old!r} is not in {dataset}"
        edited = text.replace(old, new, 1)
        self.write(dataset, edited)
        return edited

    def problems(self, dataset: str) -> list[Problem]:
        return list(inspect_contract(self.path(dataset), load_city(self.root)).problems)

    def load(self, dataset: str) -> Contract:
        found = inspect_contract(self.path(dataset), load_city(self.root))
        assert found.contract is not None, "\n".join(str(problem) for problem in found.problems)
        return found.contract


@pytest.fixture
def city(tmp_path: Path) -> CityFolder:
    folder = CityFolder(tmp_path / "city")
    for dataset in ("base.places", "mobility.trips"):
        source = SAMPLES / f"{dataset.partition('.')[2]}.odcs.yaml"
        folder.path(dataset).parent.mkdir(parents=True)
        shutil.copy(source, folder.path(dataset))
    (folder.schemas / "_city.yaml").write_text(CITY_PACK, encoding="utf-8")
    (folder.schemas / "_shared").mkdir()
    (folder.schemas / "_shared" / "divisions.csv").write_text(DIVISIONS, encoding="utf-8")
    return folder


@pytest.fixture
def here(city: CityFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Settings]:
    """Settings of the small city, with its lake beside it."""
    monkeypatch.setenv("RONGTONG_CITY", str(city.root))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path / "lake"))
    return settings
