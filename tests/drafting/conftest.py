"""A city of its own for every test: the sample city's pack and code lists, no contracts."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.lint import lint
from pipelines.contracts.model import Column, Contract
from pipelines.derive.macros import create_macros
from pipelines.lake.connection import Connection, bare_connection
from pipelines.settings import settings
from pipelines.sources.reading import Reading
from pipelines.steps.check import check
from pipelines.steps.draft.drafting import draft
from pipelines.steps.draft.options import DraftOptions, DraftResult
from pipelines.steps.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
DECIDED: dict[str, Any] = {
    "key": ("none",), "period": "none", "mode": "append", "provider": "市政园林局", "personal": (),
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """Where a data engineer drafts: `files` holds what departments sent."""

    files: Path

    def write(self, text: str, name: str = "data.csv", encoding: str = "utf-8", newline: str = "\n") -> Path:
        path = self.files / name
        path.write_bytes(text.replace("\n", newline).encode(encoding))
        return path

    def draft(self, source: str | Path, dataset: str = "governance.things", **options: Any) -> DraftResult:
        file = source if isinstance(source, Path) else self.write(source)
        return draft(settings(), dataset, file, DraftOptions(**options))

    def contract(self, source: str | Path, dataset: str = "governance.things", **options: Any) -> Contract:
        """The drafted contract as it loads; everything is decided unless the options say otherwise."""
        self.draft(source, dataset, **(DECIDED | {"force": True} | options))
        return find_contract(settings(), dataset)

    def column(self, heading: str, values: list[str], **options: Any) -> Column:
        """The column drafted from one heading and its values, beside a running number that keeps blank cells records."""
        lines = [f"n,{heading}", *(f"{number},{quoted(value)}" for number, value in enumerate(values, start=1))]
        return self.contract("\n".join(lines) + "\n", **options).columns[1]

    def check(self, source: str | Path, dataset: str = "governance.things", period: str | None = None) -> Outcome:
        file = source if isinstance(source, Path) else self.write(source)
        return check(settings(), find_contract(settings(), dataset), file, period=period)

    def problems(self, dataset: str = "governance.things") -> list[str]:
        return [str(problem) for problem in lint(settings(), (dataset,))]


def quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if any(char in value for char in ',"\n') else value


class Given(Reading):
    """A column of texts as if delivered."""

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return 0


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RONGTONG_HOME", str(tmp_path_factory.mktemp("lake")))
        connection = bare_connection(settings())
    for statement in create_macros():
        connection.execute(statement)
    yield connection
    connection.close()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    city = tmp_path / "city"
    (city / "schemas").mkdir(parents=True)
    shutil.copy(ROOT / "schemas" / "_city.yaml", city / "schemas")
    shutil.copytree(ROOT / "schemas" / "_shared", city / "schemas" / "_shared")
    monkeypatch.setenv("RONGTONG_CITY", str(city))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path / "lake"))
    monkeypatch.delenv("RONGTONG_CATALOGUE", raising=False)
    files = tmp_path / "files"
    files.mkdir()
    return Desk(files)
