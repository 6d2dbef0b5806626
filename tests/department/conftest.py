"""A lake of one city for the tests of a module, and a workbook read back as rows."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.steps import publish
from tests.spine.city import write_city, write_code_list
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, lake_settings


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """An embedded lake; Great Expectations stays out, its import costs ten seconds."""
    folder = tmp_path_factory.mktemp("department")
    write_code_list(write_city(folder / "city"), "areas", "A1,东区,,", "A2,西区,,", "A9,旧区,,2020-01-01")
    made = Lake(lake_settings(folder, folder / "city", ""), folder / "files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "audit", measured_once)
        yield made
    made.close()


@pytest.fixture(params=["zh", "en"])
def lang(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RONGTONG_LANG", request.param)
    return str(request.param)


def sheets(path: Path) -> list[list[tuple[Any, ...]]]:
    """Return the rows of every sheet."""
    return [list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path).worksheets]


def text_of(path: Path) -> str:
    """Return every value of a workbook in one text."""
    return "\n".join(str(value) for rows in sheets(path) for row in rows for value in row if value is not None)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
