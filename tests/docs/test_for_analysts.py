"""The Python of the page for analysts, run as it stands on a lake of its own."""

import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.lake.create import open_for_writing
from pipelines.settings import settings
from tests.docs.console import DOCS

_TABLE = """CREATE TABLE city.dwd.waste_collected AS
SELECT 'QY' || r AS collection_id, ['东部转运站', '西部转运站'][r % 2 + 1] AS transfer_station, ['可回收物', '厨余垃圾'][r % 2 + 1] AS waste_type,
    r / 10 AS weight_t FROM range(100) t(r)"""


@pytest.fixture
def blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path))
    monkeypatch.delenv("RONGTONG_CATALOGUE", raising=False)
    con = open_for_writing(settings())
    con.execute(_TABLE)
    con.close()
    page = (DOCS / "for-analysts.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def test_the_python_of_who_has_the_package_gives_frames_and_tables(blocks: list[str]) -> None:
    found: dict[str, Any] = {}
    (code,) = [code for code in blocks if "pipelines" in code]
    exec(code, found)
    assert len(found["frame"]) == found["table"].num_rows == 100
    assert found["first"] == (9.8,)
    assert found["heavy"]["loads"].sum() == 49
    found["con"].close()
