"""A model made by parts equals the same model made whole, whatever was delivered, corrected, retracted or rebuilt before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import models
from pipelines.contracts.model import Contract
from pipelines.lake.connection import Connection
from pipelines.steps import publish, rebuild, retract
from pipelines.steps.transform import run
from tests.spine.city import BY_NAME, column, write_city
from tests.spine.jobs import measured_once
from tests.spine.lake import Lake, lake_settings
from tests.spine.models import counted_once, write_model

DAILY = "SELECT o.day, o.mark, count(*) AS orders, CAST(sum(o.n) AS BIGINT) AS total FROM dwd.{} AS o GROUP BY o.day, o.mark"
COLUMNS = (
    column("day", "date", key=True),
    column("mark", key=True),
    column("orders", "integer"),
    column("total", "integer"),
)
# From 10 on n breaks its range: such a row is in quarantine and must not count.
ROWS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 12), st.sampled_from("xy"), st.integers(1, 4)), max_size=5)
DELIVERY = st.tuples(st.just("deliver"), st.integers(1, 2), ROWS)
STEPS = st.lists(
    st.one_of(DELIVERY, DELIVERY, st.tuples(st.just("retract"), st.integers(0, 9), st.none())), min_size=3, max_size=4
)


@dataclass
class _Kept:
    """The lake's own connection: opening one for every transform would be most of the test's time."""

    con: Connection

    def close(self) -> None:
        """Stay open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("incremental")
    lake = Lake(lake_settings(folder, write_city(folder / "city"), ""), folder / "files")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "audit", measured_once)
        patch.setattr(run, "audit_model", counted_once)
        patch.setattr(models, "PACKAGED", folder / "no models")  # reading forty SELECTs takes seconds
        patch.setattr(run, "create_pack", lambda *_: {})  # these models read nothing of it
        patch.setattr(run, "open_for_writing", lambda *_, **__: _Kept(lake.con))
        for step in (retract, rebuild):
            patch.setattr(step, "writer", lambda _: _Kept(lake.con))
        yield lake
    lake.close()


_NUMBERS = count(1)


def _columns(*, version: int = 1) -> list[dict[str, Any]]:
    return [
        column("id", key=True),
        column("n", "integer", options={"minimum": 0, "maximum": 9}),
        column("mark"),
        column("day", "date", required=True, formats=["%Y-%m-%d"] if version == 1 else ["%Y-%d-%m"]),
    ]


def _new(lake: Lake, mode: str) -> Contract:
    """A dataset of its own with a model made by its days."""
    number = next(_NUMBERS)
    dataset = f"d{number}.orders_{number}"
    period = {"period": {**BY_NAME}} if mode == "replace_period" else {}
    contract = lake.contract(_columns(), dataset=dataset, mode=mode, max_invalid_pct=100, **period)
    by = {"source": f"dwd.{contract.table}", "column": "day", "by": "day"}
    write_model(lake.city, f"d{number}.dws.daily_{number}", DAILY.format(contract.table), COLUMNS, incremental=by)
    return contract


def _deliver(lake: Lake, contract: Contract, month: int, rows: list[tuple[int, int, str, int]]) -> None:
    unique = {identity: (n, mark, day) for identity, n, mark, day in rows}
    lines = [f"{identity},{n},{mark},2026-01-0{day}" for identity, (n, mark, day) in unique.items()]
    lake.deliver(contract, f"{next(_NUMBERS)}_20260{month}.csv", "\n".join(["id,n,mark,day", *lines, ""]))


def _retract(lake: Lake, contract: Contract, which: int) -> None:
    standing = lake.rows("SELECT batch_id FROM quality.standing WHERE dataset = ? ORDER BY seq", [contract.id])
    if standing:
        retract.retract(lake.where, contract, str(standing[which % len(standing)][0]), reason="for a test")


def _equal(lake: Lake, contract: Contract) -> str:
    """Make the model, hold it against its SELECT, and return how it was made."""
    [outcome] = run.transform(lake.where, [contract.domain])
    table = f"dws.daily_{contract.table.rpartition('_')[2]}"
    whole = DAILY.format(contract.table)
    assert lake.rows(f"SELECT * FROM {table} ORDER BY ALL") == lake.rows(f"SELECT * FROM ({whole}) ORDER BY ALL")
    return outcome.models[0].made


@pytest.mark.parametrize("mode", ["append", "upsert", "replace_period"])
@settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_incremental_is_full_after_every_step(lake: Lake, mode: str, steps: list[Any]) -> None:
    contract = _new(lake, mode)
    _deliver(lake, contract, 1, [(1, 1, "x", 1), (2, 2, "y", 2)])
    assert _equal(lake, contract) == "full"
    for step, number, rows in steps:
        if step == "deliver":
            _deliver(lake, contract, number, rows)
        else:
            _retract(lake, contract, number)
        assert _equal(lake, contract) in ("incremental", "unchanged", "full")


def test_a_key_that_moves_to_another_part_leaves_the_one_it_was_in(lake: Lake) -> None:
    contract = _new(lake, "upsert")
    _deliver(lake, contract, 1, [(1, 1, "x", 1), (2, 2, "x", 1)])
    _equal(lake, contract)
    _deliver(lake, contract, 1, [(1, 1, "x", 2)])
    assert _equal(lake, contract) == "incremental"
    _retract(lake, contract, 1)
    assert _equal(lake, contract) == "incremental"


def test_after_a_rebuild_the_parts_of_rows_that_are_gone_are_made_anew(lake: Lake) -> None:
    contract = _new(lake, "append")
    _deliver(lake, contract, 1, [(1, 1, "x", 1), (2, 2, "x", 2)])
    _equal(lake, contract)
    turned = lake.contract(
        _columns(version=2), dataset=contract.id, version="2.0.0", mode="append", max_invalid_pct=100
    )
    rebuild.rebuild(lake.where, turned)
    assert _equal(lake, contract) == "full"


def test_only_the_parts_that_changed_are_written(lake: Lake) -> None:
    contract = _new(lake, "append")
    _deliver(lake, contract, 1, [(1, 1, "x", 1), (2, 2, "y", 2), (3, 3, "x", 3)])
    _equal(lake, contract)
    _deliver(lake, contract, 1, [(4, 4, "y", 3)])
    [outcome] = run.transform(lake.where, [contract.domain])
    assert (outcome.models[0].made, outcome.models[0].partitions, outcome.models[0].written) == ("incremental", 1, 2)


def _watched(lake: Lake) -> tuple[Contract, Callable[[int, int, int], tuple[str, int, int]]]:
    """A model whose total may break its range, and how it is after a delivery: how made, rows measured, rows that break it."""
    contract = _new(lake, "append")
    table = f"daily_{contract.table.rpartition('_')[2]}"
    tolerated = {"range": {"severity": "warning", "maxPct": 100}}
    columns = (*COLUMNS[:3], column("total", "integer", options={"maximum": 5}, tolerance=tolerated))
    by = {"source": f"dwd.{contract.table}", "column": "day", "by": "day"}
    write_model(lake.city, f"{contract.domain}.dws.{table}", DAILY.format(contract.table), columns, incremental=by)

    def after(identity: int, n: int, day: int) -> tuple[str, int, int]:
        _deliver(lake, contract, 1, [(identity, n, "x", day)])
        made = _equal(lake, contract)
        query = "SELECT b, unexpected FROM quality.check_results WHERE dataset = ? AND rule = 'total.range' ORDER BY checked_at DESC LIMIT 1"
        [(rows, broken)] = lake.rows(query, [f"{contract.domain}.{table}"])
        return made, int(rows), int(broken)

    return contract, after


def test_only_rows_made_anew_are_measured_while_none_of_the_others_breaks_a_rule(lake: Lake) -> None:
    _, after = _watched(lake)
    assert after(1, 1, 1) == ("full", 1, 0)
    assert after(2, 2, 2) == ("incremental", 1, 0)
    assert after(3, 3, 2) == ("incremental", 1, 0)


def test_a_row_that_breaks_a_rule_is_counted_in_the_whole_table_until_it_is_gone(lake: Lake) -> None:
    contract, after = _watched(lake)
    after(1, 1, 1)
    assert after(2, 9, 2) == ("incremental", 2, 1)
    assert after(3, 3, 3) == ("incremental", 3, 1)
    _retract(lake, contract, 1)
    assert _equal(lake, contract) == "incremental"
    assert after(4, 1, 3) == ("incremental", 1, 0)


def test_a_model_whose_rows_leave_the_part_they_are_made_for_is_made_whole(lake: Lake) -> None:
    contract = _new(lake, "append")
    number = contract.table.rpartition("_")[2]
    later = DAILY.replace("o.day, o.mark, count", "CAST(o.day + 1 AS DATE) AS day, o.mark, count")
    by = {"source": f"dwd.{contract.table}", "column": "day", "by": "day"}
    write_model(
        lake.city, f"{contract.domain}.dws.daily_{number}", later.format(contract.table), COLUMNS, incremental=by
    )
    for identity, day in ((1, 1), (2, 2), (3, 1)):
        _deliver(lake, contract, 1, [(identity, 1, "x", day)])
        [outcome] = run.transform(lake.where, [contract.domain])
        assert outcome.models[0].made == "full"
        whole = lake.rows(f"SELECT * FROM ({later.format(contract.table)}) ORDER BY ALL")
        assert lake.rows(f"SELECT * FROM dws.daily_{number} ORDER BY ALL") == whole
