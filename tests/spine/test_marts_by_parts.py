"""The city's own marts that are made by parts equal their SELECT, whatever was delivered, corrected, refused or taken back."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.contracts import models
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model_order import Made
from pipelines.derive.model_query import bound
from pipelines.lake.connection import Connection
from pipelines.steps import publish, retract
from pipelines.steps.transform import run
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, lake_settings
from tests.spine.models import counted_once

_NUMBERS = count(1)
ROOT = Path(__file__).parents[2]
MARTS = sorted(path for path in models.PACKAGED.rglob("*.odcs.yaml") if "incremental:" in path.read_text("utf-8"))

# A row as drawn: its number, the day of the month, the minute of the day, the minutes it took, and what is left to chance.
ROW = st.tuples(st.integers(1, 40), st.integers(1, 28), st.integers(0, 1439), st.integers(0, 400), st.integers(0, 9999))
ROWS = st.lists(ROW, min_size=1, max_size=9, unique_by=lambda row: row[0])
DELIVERY = st.tuples(st.integers(1, 2), ROWS)
# A delivery of a period (the second one is its correction) three times as often as the taking back of one.
STEPS = st.lists(st.one_of(DELIVERY, DELIVERY, DELIVERY, st.integers(0, 9)), min_size=3, max_size=4)


def _orders(folder: Path, month: int, rows: list[Any]) -> Path:
    """A month of hotline orders. One of an unknown category is too much for so small a file: it is refused."""

    def order(number: int, day: int, minute: int, took: int, chance: int) -> dict[str, str]:
        at = datetime(2026, month, day) + timedelta(minutes=minute)
        called, closed = ["是", "否", ""][chance % 3], chance % 4 > 0
        return {
            "工单编号": f"GD26{month:02d}{number:08d}",
            "受理时间": str(at),
            "派单时间": "",
            "办结时间": str(at + timedelta(minutes=took)) if closed else "",
            "街道代码": ["350203001", "350206002", "350212107"][chance // 7 % 3],
            "诉求类型": "闲聊" if chance % 60 == 1 else ["咨询", "投诉", "求助"][chance // 5 % 3],
            "是否有效回访": called,
            "是否联系": called and "是",
            "是否解决": called and ["是", "否"][chance % 2],
            "是否满意": called and ["满意", "基本满意", "不满意"][chance // 11 % 3],
            "办理时长": str(chance % 90 / 2) if closed else "",
        }

    lines = [order(*row) for row in rows]
    text = "\n".join(",".join(line) for line in [list(lines[0]), *(list(line.values()) for line in lines)])
    path = folder / f"hotline_2026{month:02d}.csv"
    path.write_bytes(f"{text}\n".encode("gb18030"))
    return path


def _trips(folder: Path, day: int, rows: list[Any]) -> Path:
    """A day of card trips; the late ones end after midnight, in an hour of the next day."""

    def trip(number: int, _: int, minute: int, took: int, chance: int) -> dict[str, Any]:
        at = datetime(2026, 6, day) + timedelta(minutes=minute)
        return {
            "trip_id": f"202606{day:02d}{number:09d}",
            "card_no": f"3610{chance:012d}",
            "card_kind": "普通卡",
            "entry_station_id": f"ST{chance % 3}",
            "exit_station_id": f"ST{chance // 3 % 3}",
            "boarded_at": at,
            "alighted_at": at + timedelta(minutes=took),
            "fare_yuan": float(99 if chance % 60 == 1 else chance % 100 / 2),
        }

    path = folder / f"card_trips_202606{day:02d}.parquet"
    pyarrow.parquet.write_table(pa.Table.from_pylist([trip(*row) for row in rows]), path)
    return path


FILES: dict[str, Callable[[Path, int, list[Any]], Path]] = {"hotline_orders": _orders, "card_trips": _trips}


@dataclass
class _Kept:
    """The lake's own connection: opening one for every step would be most of the test's time."""

    con: Connection

    def close(self) -> None:
        """Stay open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The city's pack with these models and their datasets alone: reading all forty takes seconds."""
    folder = tmp_path_factory.mktemp("parts") / "city"
    shutil.copytree(ROOT / "schemas" / "_shared", folder / "schemas" / "_shared")
    shutil.copy(ROOT / "schemas" / "_city.yaml", folder / "schemas")
    for path in (file for name in FILES for file in (ROOT / "schemas").rglob(f"{name}.odcs.yaml")):
        (folder / "schemas" / path.parent.name).mkdir()
        shutil.copy(path, folder / "schemas" / path.parent.name)
    for path in (file for mart in MARTS for file in (mart, mart.with_name(mart.name.replace(".odcs.yaml", ".sql")))):
        (folder / "models" / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "models" / path.parent.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "PACKAGED", folder / "none")
        patch.setattr(run, "create_pack", lambda *_: {})  # these models read nothing of it
        patch.setattr(publish, "audit", measured_once)
        patch.setattr(run, "audit_model", counted_once)
        yield folder


@contextmanager
def _new_lake(city: Path, catalogue: str) -> Iterator[Lake]:
    folder = city.parent / f"lake{next(_NUMBERS)}"
    folder.mkdir()
    lake = Lake(lake_settings(folder, city, catalogue), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "open_for_writing", lambda *_, **__: _Kept(lake.con))
        patch.setattr(retract, "writer", lambda _: _Kept(lake.con))
        yield lake
    lake.close()


def _walk(lake: Lake, mart: Path, steps: list[Any]) -> list[str]:
    """Do the steps, hold the mart against its SELECT after each, and return how it was made each time."""
    name = mart.name.removesuffix(".odcs.yaml")
    [one] = [one for one in models.city_models(lake.where).made if one.contract.table == name]
    assert one.model.incremental
    source = find_contract(lake.where, one.model.incremental.source.partition(".")[2])
    how = []
    for step in steps:
        standing = lake.rows("SELECT batch_id FROM quality.standing WHERE dataset = ? ORDER BY seq", [source.id])
        if isinstance(step, tuple):
            lake.ingest(source, FILES[source.table](lake.folder, *step))
        elif standing:
            retract.retract(lake.where, source, str(standing[step % len(standing)][0]), reason="for a test")
        how.append(_made(lake, one))
    return how


def _made(lake: Lake, one: Made) -> str:
    [outcome] = run.transform(lake.where, [one.contract.domain])
    columns = ", ".join(column.name for column in one.contract.columns)
    whole = lake.rows(f"SELECT {columns} FROM ({bound(one.model.sql)}) ORDER BY ALL")
    assert lake.rows(f"SELECT * FROM {one.name} ORDER BY ALL") == whole
    return outcome.models[0].made


@pytest.mark.parametrize("mart", MARTS, ids=lambda path: path.name.partition(".")[0])
@settings(
    max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(steps=STEPS)
def test_a_mart_made_by_parts_is_its_select_after_every_step(city: Path, mart: Path, steps: list[Any]) -> None:
    with _new_lake(city, "") as lake:
        assert _walk(lake, mart, steps)[0] == "full"


def test_on_either_catalogue_only_the_parts_of_changed_rows_are_made(city: Path, catalogue: str) -> None:
    first = [(1, 3, 5, 60, 20), (2, 4, 1439, 30, 40), (3, 28, 0, 400, 99)]
    steps = [(1, first), (2, [(4, 7, 700, 10, 8)]), (1, first[1:]), 1]
    with _new_lake(city, catalogue) as lake:
        for mart in MARTS:
            assert _walk(lake, mart, steps) == ["full", *["incremental"] * 3]
