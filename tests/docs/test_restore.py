"""The ways back from a copy of the catalogue, as operations tells them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.lake.reader import pinned_snapshot
from pipelines.settings import Settings, settings
from pipelines.steps.maintain import maintain
from pipelines.steps.pin import pin
from tests.docs.console import DOCS, ROOT


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RONGTONG_CITY", str(ROOT))
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path / "lake"))
    monkeypatch.delenv("RONGTONG_CATALOGUE", raising=False)
    return settings()


def _script() -> str:
    (script,) = re.findall(r"^```python\n# restore\.py.*?\n(.*?)^```", _page(), re.DOTALL | re.MULTILINE)
    return str(script)


def _page() -> str:
    return (DOCS / "operations.md").read_text(encoding="utf-8")


def test_the_copy_of_an_embedded_catalogue_takes_its_place(where: Settings) -> None:
    pin(where, 1, "before")
    copy = str(maintain(where)["backup"])
    pin(where, 1, "after")
    for command in ("rm -f catalog.sqlite-wal catalog.sqlite-shm", "rm -rf seen"):
        assert command in _page()
    shutil.copyfile(copy, where.home / "catalog.sqlite")
    for name in ("catalog.sqlite-wal", "catalog.sqlite-shm"):
        (where.home / name).unlink(missing_ok=True)
    assert pinned_snapshot(where, "before") == 1
    assert pinned_snapshot(where, "after") is None
    pin(where, 1, "again")
    assert pinned_snapshot(where, "again") == 1


def test_the_script_fills_an_empty_database_with_the_copy(
    where: Settings, new_database: Callable[[], str], tmp_path: Path
) -> None:
    lost, fresh = (replace(where, catalogue=new_database()) for _ in range(2))
    pin(lost, 1, "before")
    copy = str(maintain(lost)["backup"])
    script = tmp_path / "restore.py"
    script.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{_script()}", encoding="utf-8")
    subprocess.run([sys.executable, script, copy, fresh.catalogue], check=True, cwd=tmp_path)
    assert pinned_snapshot(fresh, "before") == 1
    pin(fresh, 1, "again")
    assert pinned_snapshot(fresh, "again") == 1
