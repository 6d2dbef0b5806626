"""Several processes at once on one lake: nothing fails, nothing is lost, nothing is published twice."""

import time
from dataclasses import replace
from typing import Any

import pytest

from pipelines.contracts.model import Contract
from pipelines.errors import LockHeld
from pipelines.steps.maintain import maintain
from pipelines.steps.outcome import Outcome
from tests.spine import jobs
from tests.spine.city import orders
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right
from tests.spine.zygote import Child, Zygote

SECONDS = 30
HEAD = "id,n,mark\n"


def test_four_writers_and_four_readers_at_once(shared: Lake, zygote: Zygote) -> None:
    append, upsert = shared.orders(), shared.orders(mode="upsert")
    first = "".join(f"first-{row},1,first\n" for row in range(jobs.ROWS))
    for described in (append, upsert):
        shared.deliver(described, "first.csv", HEAD + first)
    shared.close()
    writers = [
        zygote.start(jobs.write_for, SECONDS, shared.where, (append, upsert)[n % 2], shared.folder, f"w{n}")
        for n in range(4)
    ]
    readers = [zygote.start(jobs.read_for, SECONDS, shared.where, append.table, upsert.table) for _ in range(4)]
    for child in (*writers, *readers):
        assert child.told() == "paused"
    for child in (*writers, *readers):
        child.say()
    written = [child.result(SECONDS + 120) for child in writers]
    read = [child.result(SECONDS + 120) for child in readers]
    assert [wrong for _, wrong in (*written, *read) if wrong] == []
    assert all(number for number, _ in (*written, *read)), "somebody got nothing done"
    for place, described in enumerate((append, upsert)):
        committed = 1 + sum(number for number, _ in written[place::2])
        assert [verdict for _, verdict in shared.verdicts(described)] == ["published"] * committed
        assert len(shared.dwd(described)) == committed * jobs.ROWS
        assert_dwd_is_right(shared, described)


def held(zygote: Zygote, lake: Lake, described: Contract, name: str, content: str, text: str = "COMMIT") -> Child:
    """Start publishing in a process that stops before a statement, its transaction open and its lock held."""
    path = lake.file(name, content)
    child = zygote.start(jobs.publish_watched, lake.where, described, path, jobs.pause, {"text": text})
    assert child.told() == "paused"
    return child


def both(zygote: Zygote, lake: Lake, described: Contract, second: tuple[str, str]) -> tuple[Outcome, Outcome]:
    """Publish first.csv and, while its transaction is open, another file; return both outcomes."""
    first = held(zygote, lake, described, "first.csv", HEAD + "a,1,x\nb,1,x\n")
    other = zygote.start(jobs.publish_when_told, lake.where, described, lake.file(*second))
    other.told()
    other.say()
    time.sleep(0.3)  # it now waits for the lock
    first.say()
    return first.result()[0], other.result()[0]


@pytest.mark.parametrize("published_before", [False, True], ids=["first publish", "table is there"])
def test_two_publishers_of_the_same_delivery_publish_it_once(
    shared: Lake, zygote: Zygote, published_before: bool
) -> None:
    described = shared.orders()
    if published_before:
        shared.deliver(described, "before.csv", HEAD + "z,1,x\n")
    first, second = both(zygote, shared, described, ("copy.csv", HEAD + "a,1,x\nb,1,x\n"))
    assert (first.verdict, second.verdict) == ("published", "already_published")
    assert second.batch == first.batch
    assert shared.dwd(described, "id")[:2] == [("a",), ("b",)]
    assert len(shared.verdicts(described)) == 1 + published_before
    assert_dwd_is_right(shared, described)


@pytest.mark.parametrize("published_before", [False, True], ids=["first publish", "table is there"])
def test_two_publishers_of_the_same_new_key_publish_it_once(
    shared: Lake, zygote: Zygote, published_before: bool
) -> None:
    described = shared.orders()
    if published_before:
        shared.deliver(described, "before.csv", HEAD + "z,1,x\n")
    first, second = both(zygote, shared, described, ("second.csv", HEAD + "a,2,y\nc,2,y\n"))
    assert (first.verdict, second.verdict) == ("published", "published")
    assert [(r.rule, r.rows) for r in second.reasons if r.rule == "id.history"] == [("id.history", 1)]
    assert [row for row in shared.dwd(described) if row[0] == "a"] == [("a", 1, "x")]
    assert_dwd_is_right(shared, described)


def test_two_publishers_of_the_same_new_key_in_upsert_leave_one_row(shared: Lake, zygote: Zygote) -> None:
    described = shared.orders(mode="upsert")
    _, second = both(zygote, shared, described, ("second.csv", HEAD + "a,2,y\nc,2,y\n"))
    assert second.verdict == "published"
    assert shared.dwd(described) == [("a", 2, "y"), ("b", 1, "x"), ("c", 2, "y")]
    assert_dwd_is_right(shared, described)


def test_two_publishers_race_from_the_start(shared: Lake, zygote: Zygote) -> None:
    for number in range(3):
        described = shared.orders(mode="upsert")
        path = shared.file(f"race-{number}.csv", HEAD + f"a,{number},x\n")
        children = [zygote.start(jobs.publish_when_told, shared.where, described, path) for _ in range(2)]
        for child in children:
            child.told()
        for child in children:
            child.say()
        assert sorted(child.result()[0].verdict for child in children) == ["already_published", "published"]
        assert_dwd_is_right(shared, described)


def test_two_processes_make_the_lake_at_once(lake: Lake, zygote: Zygote) -> None:
    described = orders(lake.city)
    paths = [lake.file(f"{name}.csv", f"{HEAD}{name},1,x\n") for name in "abc"]
    children = [zygote.start(jobs.publish, lake.where, described, path) for path in paths]
    assert [child.result().verdict for child in children] == ["published"] * 3
    assert lake.dwd(described, "id") == [("a",), ("b",), ("c",)]
    assert_dwd_is_right(lake, described)


def test_readers_do_not_wait_for_an_open_publish_and_see_nothing_of_it(shared: Lake, zygote: Zygote) -> None:
    described = shared.orders()
    shared.deliver(described, "before.csv", HEAD + "z,1,x\n")
    child = held(zygote, shared, described, "first.csv", HEAD + "a,1,x\n")
    assert shared.dwd(described) == [("z", 1, "x")]
    assert len(shared.verdicts(described)) == 1
    child.say()
    child.result()
    assert len(shared.dwd(described)) == 2


def test_maintenance_beside_an_open_publish_gives_up_or_waits_and_the_table_stays_readable(
    shared: Lake, zygote: Zygote
) -> None:
    described = shared.orders()
    rows = "".join(f"k{row},1,x\n" for row in range(50))
    shared.deliver(described, "before.csv", HEAD + rows)
    child = held(zygote, shared, described, "first.csv", HEAD + rows.replace("k", "m"))
    with pytest.raises(LockHeld):
        maintain(replace(shared.where, lock_seconds=0.3), keep_days=0)
    patient = zygote.start(jobs.step_watched, "maintain", jobs.pause, {}, shared.where, keep_days=0)
    time.sleep(0.3)
    child.say()
    assert child.result()[0].verdict == "published"
    report: dict[str, Any] = patient.result()
    assert report["backup"]
    assert len(shared.dwd(described)) == 100
    assert_dwd_is_right(shared, described)
    assert shared.deliver(described, "after.csv", HEAD + "z,1,x\n").verdict == "published"
    assert_dwd_is_right(shared, described)


def test_a_publish_beside_maintenance_waits_for_it(shared: Lake, zygote: Zygote) -> None:
    described = shared.orders()
    shared.deliver(described, "before.csv", HEAD + "".join(f"k{row},1,x\n" for row in range(50)))
    keeper = zygote.start(
        jobs.step_watched, "maintain", jobs.pause, {"text": "ducklake_merge"}, shared.where, keep_days=0
    )
    assert keeper.told() == "paused"
    child = zygote.start(jobs.publish, shared.where, described, shared.file("a.csv", HEAD + "a,1,x\n"))
    time.sleep(0.3)
    keeper.say()
    keeper.result()
    assert child.result().verdict == "published"
    assert len(shared.dwd(described)) == 51
    assert_dwd_is_right(shared, described)


def test_a_lock_held_too_long_names_its_holder(shared: Lake, zygote: Zygote) -> None:
    described = shared.orders()
    shared.deliver(described, "before.csv", HEAD + "z,1,x\n")
    child = held(zygote, shared, described, "first.csv", HEAD + "a,1,x\n")
    other = Lake(replace(shared.where, lock_seconds=0.3), shared.folder)
    with pytest.raises(LockHeld) as told:
        other.deliver(described, "second.csv", HEAD + "b,1,x\n")
    other.close()
    child.say()
    child.result()
    assert str(child.pid) in str(told.value), "whom should one ask?"
    assert "RONGTONG_LOCK_SECONDS" in str(told.value)
    assert told.value.exit_code == 3
    assert shared.deliver(described, "second.csv", HEAD + "b,1,x\n").verdict == "published"
    assert_dwd_is_right(shared, described)


def test_on_postgres_two_datasets_publish_side_by_side(shared: Lake, zygote: Zygote) -> None:
    if not shared.where.catalogue:
        pytest.skip("the embedded catalogue has one writer at a time")
    described, other = shared.orders(), shared.orders()
    for one in (described, other):
        shared.deliver(one, "before.csv", HEAD + "z,1,x\n")
    child = held(zygote, shared, described, "first.csv", HEAD + "a,1,x\n")
    assert shared.deliver(other, "second.csv", HEAD + "b,1,x\n").verdict == "published"
    child.say()
    assert child.result()[0].verdict == "published"
    for one in (described, other):
        assert_dwd_is_right(shared, one)
