"""A process is killed while it publishes: nothing is visible half-way, and the rerun gives the same tables."""

import random
import time
from statistics import median
from typing import Any

import pytest

from pipelines.contracts.model import Contract
from pipelines.steps.maintain import maintain
from pipelines.steps.rebuild import rebuild
from pipelines.steps.retract import retract
from tests.spine import jobs
from tests.spine.city import column, orders
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right
from tests.spine.zygote import Killed, Zygote

KILLS = 20
ROWS = 30  # more than the catalogue holds inline: files are written, and left behind by the killed


def delivery(number: int) -> str:
    """A delivery that changes one key and adds others."""
    rows = "".join(f"k{number}-{row},{row % 10},d{number}\n" for row in range(ROWS - 1))
    return f"id,n,mark\nshared,{number % 10},d{number}\n{rows}"


def seen(lake: Lake, described: Contract) -> tuple[int, str]:
    """Return how many rows analysts see, and which delivery they see last."""
    found = lake.rows(f"SELECT count(*), max(mark) FILTER (id = 'shared') FROM dwd.{described.table}")[0]
    return int(found[0]), str(found[1])


def expect(number: int) -> tuple[int, str]:
    """What analysts see after deliveries 0 … number."""
    return 1 + (ROWS - 1) * (number + 1), f"d{number}"


def rerun(lake: Lake, described: Contract, number: int) -> str:
    """Look at what a kill left, deliver the same again, look again; return the verdict of the rerun."""
    assert seen(lake, described) in (expect(number - 1), expect(number)), "half of a delivery is visible"
    committed = seen(lake, described) == expect(number)
    assert_dwd_is_right(lake, described)
    outcome = lake.deliver(described, f"{number}.csv", delivery(number))
    assert outcome.verdict == ("already_published" if committed else "published")
    assert seen(lake, described) == expect(number)
    assert_dwd_is_right(lake, described)
    return outcome.verdict


def test_publishing_killed_at_random_moments_publishes_all_or_nothing(shared: Lake, zygote: Zygote) -> None:
    described = shared.orders(mode="upsert")
    chance = random.Random(2026)
    seconds = []
    for number in range(3):
        child = zygote.start(
            jobs.publish_when_told, shared.where, described, shared.file(f"{number}.csv", delivery(number))
        )
        child.told()
        child.say()
        seconds.append(child.result()[1])
    verdicts = []
    for number in range(3, 3 + KILLS):
        child = zygote.start(
            jobs.publish_when_told, shared.where, described, shared.file(f"{number}.csv", delivery(number))
        )
        child.told()
        child.say()
        time.sleep(chance.uniform(0, 1.2 * median(seconds)))
        child.kill()
        verdicts.append(rerun(shared, described, number))
    assert "published" in verdicts, "no kill came in time"


POINTS = [
    pytest.param({"text": "BEGIN TRANSACTION"}, False, id="before the transaction"),
    pytest.param({"text": "INSERT INTO city.ods"}, False, id="before the rows"),
    pytest.param({"text": "INSERT INTO city.ods", "after": True}, False, id="after the rows"),
    pytest.param({"text": "quality.deliveries (", "after": True}, False, id="after the delivery's record"),
    pytest.param({"text": "quality.batches (", "after": True}, False, id="after the batch's record"),
    pytest.param({"text": "quality.check_results (", "after": True}, False, id="after the results"),
    pytest.param({"text": "DELETE FROM city.dwd", "after": True}, False, id="after the old keys went"),
    pytest.param({"text": "INSERT INTO city.dwd", "after": True}, False, id="after the new keys came"),
    pytest.param({"text": "COMMIT"}, False, id="before the commit"),
    pytest.param({"text": "COMMIT", "after": True}, True, id="after the commit"),
]


@pytest.mark.parametrize(("watch", "committed"), POINTS)
def test_publishing_killed_at_a_point(shared: Lake, zygote: Zygote, watch: dict[str, object], committed: bool) -> None:
    described = shared.orders(mode="upsert")
    shared.deliver(described, "0.csv", delivery(0))
    path = shared.file("1.csv", delivery(1))
    with pytest.raises(Killed):
        zygote.run(jobs.publish_watched, shared.where, described, path, jobs.die, watch)
    assert (seen(shared, described) == expect(1)) == committed
    rerun(shared, described, 1)


@pytest.mark.parametrize("text", ["INSERT INTO city.ods", "CREATE", "COMMENT", "COMMIT"])
def test_the_first_publish_of_a_dataset_killed_leaves_no_table(shared: Lake, zygote: Zygote, text: str) -> None:
    described = shared.orders(mode="upsert")
    path = shared.file("0.csv", delivery(0))
    with pytest.raises(Killed):
        zygote.run(jobs.publish_watched, shared.where, described, path, jobs.die, {"text": f"{text}"})
    assert_dwd_is_right(shared, described)
    assert shared.ingest(described, path).verdict == "published"
    assert seen(shared, described) == expect(0)
    assert_dwd_is_right(shared, described)


def test_the_making_of_a_lake_killed_at_random_moments_can_be_done_again(lake: Lake, zygote: Zygote) -> None:
    described = orders(lake.city, mode="upsert")
    path = lake.file("0.csv", delivery(0))
    chance = random.Random(7)
    for _ in range(5):
        child = zygote.start(jobs.publish, lake.where, described, path)
        time.sleep(chance.uniform(0.05, 1.0))
        child.kill()
    assert lake.ingest(described, path).verdict in ("published", "already_published")
    assert seen(lake, described) == expect(0)
    assert_dwd_is_right(lake, described)


def test_a_kill_between_a_refusal_and_its_record_leaves_nothing_and_the_rerun_refuses_again(
    shared: Lake, zygote: Zygote
) -> None:
    described = shared.orders(max_invalid_pct=10)
    shared.deliver(described, "a.csv", "id,n,mark\na,1,x\n")
    path = shared.file("bad.csv", "id,n,mark\nb,?,x\n")
    with pytest.raises(Killed):
        zygote.run(
            jobs.publish_watched, shared.where, described, path, jobs.die, {"text": "BEGIN TRANSACTION", "skip": 1}
        )
    assert shared.verdicts(described) == [(f"{described.table}-0001", "published")]
    assert_dwd_is_right(shared, described)
    assert shared.ingest(described, path).verdict == "refused"
    assert [verdict for _, verdict in shared.verdicts(described)] == ["published", "refused"]
    assert_dwd_is_right(shared, described)


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("step", ["retract", "replay", "rebuild"])
def test_other_steps_killed_do_all_or_nothing(shared: Lake, zygote: Zygote, step: str, after: bool) -> None:
    described = shared.orders(mode="upsert")
    shared.deliver(described, "0.csv", delivery(0))
    last = shared.deliver(described, "1.csv", delivery(1)).batch
    arguments: tuple[Any, ...] = (shared.where, described, last)
    named = {"reason": "for a test"} if step == "retract" else {}
    if step == "rebuild":
        columns = [column("id", key=True), column("n"), column("mark")]
        described = shared.contract(columns, dataset=described.id, version="2.0.0", mode="upsert")
        arguments = (shared.where, described)
    with pytest.raises(Killed):
        zygote.run(jobs.step_watched, step, jobs.die, {"text": "COMMIT", "after": after}, *arguments, **named)
    assert seen(shared, described) == expect(0 if step == "retract" and after else 1)
    assert_dwd_is_right(shared, described)
    if step == "retract" and not after:
        retract(shared.where, described, last, reason="for a test")
    elif step == "rebuild":
        rebuild(shared.where, described)
    assert seen(shared, described) == expect(0 if step == "retract" else 1)
    assert_dwd_is_right(shared, described)


def test_maintenance_killed_at_any_of_its_commits_leaves_the_lake_whole(lake: Lake, zygote: Zygote) -> None:
    described = orders(lake.city, mode="upsert")
    for number in range(4):
        lake.deliver(described, f"{number}.csv", delivery(number))
    lake.close()
    for skip in range(0, 7, 2):
        with pytest.raises(Killed):
            zygote.run(
                jobs.step_watched, "maintain", jobs.die, {"text": "COMMIT", "skip": skip}, lake.where, keep_days=0
            )
        assert seen(lake, described) == expect(3)
        assert_dwd_is_right(lake, described)
        lake.close()
    maintain(lake.where, keep_days=0)
    assert lake.deliver(described, "4.csv", delivery(4)).verdict == "published"
    assert seen(lake, described) == expect(4)
    assert_dwd_is_right(lake, described)
