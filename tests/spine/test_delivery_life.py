"""What happens to a delivery: published, corrected, replaced, refused, accepted all the same, taken back, read again."""

import json

import pytest

from pipelines.errors import RongtongError, UsageError
from pipelines.steps.ingest import ingest_waiting
from pipelines.steps.replay import replay
from pipelines.steps.retract import retract
from tests.spine.city import BY_NAME, column, write_code_list
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right

HEAD = "id,n,mark\n"


def snapshots(shared: Lake) -> int:
    return int(shared.rows("SELECT max(snapshot_id) FROM city.snapshots()")[0][0])


def test_a_delivery_becomes_one_batch_in_one_snapshot(shared: Lake) -> None:
    described = shared.orders()
    shared.deliver(described, "first.csv", HEAD + "z,1,x\n")
    before = snapshots(shared)
    outcome = shared.deliver(described, "a.csv", HEAD + "a,1,x\nb,22,y\nc,3,z\n", run="run-7")
    assert (outcome.verdict, outcome.batch) == ("published", f"{described.table}-0002")
    assert (outcome.delivered, outcome.valid, outcome.quarantined) == (3, 2, 1)
    assert outcome.snapshot == snapshots(shared) == before + 1
    assert shared.dwd(described) == [("a", 1, "x"), ("c", 3, "z"), ("z", 1, "x")]
    told = shared.rows("SELECT commit_extra_info FROM city.snapshots() WHERE snapshot_id = ?", [outcome.snapshot])
    extra = json.loads(told[0][0])
    assert extra["batch"] == outcome.batch
    assert extra["run"] == "run-7"
    assert (extra["delivered"], extra["valid"], extra["quarantined"]) == (3, 2, 1)
    assert_dwd_is_right(shared, described)


def test_the_same_bytes_again_change_nothing_and_say_so(shared: Lake) -> None:
    described = shared.orders()
    shared.deliver(described, "a.csv", HEAD + "a,1,x\n")
    before = snapshots(shared)
    for name in ("a.csv", "renamed.csv"):
        again = shared.deliver(described, name, HEAD + "a,1,x\n")
        assert again.verdict == "already_published"
        assert f"{described.table}-0001" in again.message
    assert snapshots(shared) == before
    assert shared.dwd(described) == [("a", 1, "x")]
    assert_dwd_is_right(shared, described)


def test_the_same_bytes_for_another_period_are_another_delivery(shared: Lake) -> None:
    described = shared.orders(mode="replace_period", period=BY_NAME, columns=[column("id"), column("n", "integer")])
    for name in ("orders_202601.csv", "orders_202602.csv"):
        assert shared.deliver(described, name, "id,n\na,1\n").verdict == "published"
    assert shared.dwd(described) == [("a", 1), ("a", 1)]
    assert_dwd_is_right(shared, described)


def test_a_corrected_period_replaces_it_and_no_other(shared: Lake) -> None:
    described = shared.orders(mode="replace_period", period=BY_NAME)
    shared.deliver(described, "orders_202601.csv", HEAD + "a,1,x\nb,2,x\n")
    shared.deliver(described, "orders_202602.csv", HEAD + "c,3,x\n")
    shared.deliver(described, "orders_202601_corrected.csv", HEAD + "a,5,x\n")
    assert shared.dwd(described) == [("a", 5, "x"), ("c", 3, "x")]
    assert_dwd_is_right(shared, described)


def test_a_mended_code_list_supersedes_and_never_adds(shared: Lake) -> None:
    write_code_list(shared.city, "marks", "x,甲,,")
    described = shared.contract([column("id", key=True), column("mark", codeList="marks")])
    first = shared.deliver(described, "a.csv", "id,mark\na,x\nb,y\n")
    assert (first.valid, first.quarantined) == (1, 1)
    write_code_list(shared.city, "marks", "x,甲,,", "y,乙,,")
    again = shared.deliver(described, "a.csv", "id,mark\na,x\nb,y\n")
    assert (again.verdict, again.valid, again.quarantined) == ("published", 2, 0)
    assert shared.dwd(described) == [("a", "x"), ("b", "y")]
    assert shared.deliver(described, "a.csv", "id,mark\na,x\nb,y\n").verdict == "already_published"
    assert_dwd_is_right(shared, described)


def test_replay_reads_what_todays_plan_would_read_otherwise(shared: Lake) -> None:
    described = shared.orders()
    shared.deliver(described, "a.csv", HEAD + "a,1,x\nb,22,y\n")
    shared.deliver(described, "b.csv", HEAD + "c,3,x\n")
    assert replay(shared.where, described) == []
    columns = [column("id", key=True), column("n", "integer", options={"minimum": 0, "maximum": 99}), column("mark")]
    mended = shared.contract(columns, dataset=described.id, version="1.1.0")
    outcomes = replay(shared.where, mended)
    assert [(o.verdict, o.valid) for o in outcomes] == [("published", 2), ("published", 1)]
    assert shared.dwd(mended) == [("a", 1, "x"), ("b", 22, "y"), ("c", 3, "x")]
    assert replay(shared.where, mended) == []
    assert_dwd_is_right(shared, mended)


def test_taking_back_a_correction_makes_the_earlier_delivery_stand_again(shared: Lake) -> None:
    described = shared.orders(mode="replace_period", period=BY_NAME)
    shared.deliver(described, "orders_202601.csv", HEAD + "a,1,x\n")
    wrong = shared.deliver(described, "orders_202601_wrong.csv", HEAD + "b,9,x\n")
    told = retract(shared.where, described, wrong.batch, reason="wrong file", by="Li")
    assert told["stands_again"] == [f"{described.table}-0001"]
    assert shared.dwd(described) == [("a", 1, "x")]
    with pytest.raises(UsageError, match="already taken back"):
        retract(shared.where, described, wrong.batch, reason="again")
    assert_dwd_is_right(shared, described)


def test_bytes_that_were_taken_back_say_so_and_replay_publishes_them(shared: Lake) -> None:
    described = shared.orders()
    first = shared.deliver(described, "a.csv", HEAD + "a,1,x\n")
    retract(shared.where, described, None, reason="sent by mistake", last=True)
    assert shared.dwd(described) == []
    again = shared.deliver(described, "a.csv", HEAD + "a,1,x\n")
    assert again.verdict == "already_published"
    assert "sent by mistake" in again.message
    assert f"rongtong replay {described.id} {first.batch}" in again.message
    assert shared.dwd(described) == []
    assert [o.verdict for o in replay(shared.where, described, first.batch)] == ["published"]
    assert shared.dwd(described) == [("a", 1, "x")]
    assert_dwd_is_right(shared, described)


def test_a_refused_first_delivery_leaves_no_table_and_is_in_the_ledger(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=10)
    outcome = shared.deliver(described, "a.csv", HEAD + "a,x,x\nb,1,y\n")
    assert outcome.verdict == "refused"
    assert (outcome.delivered, outcome.valid, outcome.quarantined) == (2, 1, 1)
    assert outcome.message
    assert any(line.startswith("2: ") for line in outcome.examples), outcome.examples
    assert_dwd_is_right(shared, described)
    assert shared.verdicts(described) == [(outcome.batch, "refused")]
    found = shared.rows(
        "SELECT rule, b, unexpected, verdict FROM quality.check_results WHERE batch_id = ?", [outcome.batch]
    )
    assert ("n.type", 2, 1, "fail") in found
    assert shared.rows("SELECT file_name FROM quality.deliveries WHERE dataset = ?", [described.id]) == [("a.csv",)]


def test_a_refusal_leaves_what_is_published_alone(shared: Lake) -> None:
    described = shared.orders(mode="replace", max_invalid_pct=10)
    shared.deliver(described, "a.csv", HEAD + "a,1,x\n")
    outcome = shared.deliver(described, "b.csv", HEAD + "b,x,x\n")
    assert outcome.verdict == "refused"
    assert shared.dwd(described) == [("a", 1, "x")]
    assert shared.verdicts(described) == [(f"{described.table}-0001", "published"), (outcome.batch, "refused")]
    assert_dwd_is_right(shared, described)
    with pytest.raises(UsageError, match="refused"):
        retract(shared.where, described, outcome.batch, reason="?")


def test_a_refused_delivery_is_tried_again_when_it_comes_again(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=10)
    for _ in range(2):
        assert shared.deliver(described, "a.csv", HEAD + "a,x,x\n").verdict == "refused"
    columns = [column("id", key=True), column("n"), column("mark")]
    mended = shared.orders(dataset=described.id, max_invalid_pct=10, columns=columns)
    assert shared.deliver(mended, "a.csv", HEAD + "a,x,x\n").verdict == "published"
    assert shared.dwd(mended) == [("a", "x", "x")]


def test_a_concession_publishes_the_good_rows_by_name(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=10)
    content = HEAD + "a,x,x\nb,1,y\n"
    with pytest.raises(UsageError, match="--by"):
        shared.deliver(described, "a.csv", content, accept="needed today")
    outcome = shared.deliver(described, "a.csv", content, accept="needed today", by="Wang")
    assert (outcome.verdict, outcome.valid, outcome.quarantined) == ("conceded", 1, 1)
    assert shared.dwd(described) == [("b", 1, "y")]
    told = shared.rows("SELECT accepted_by, accepted_reason FROM quality.batches WHERE dataset = ?", [described.id])
    assert told == [("Wang", "needed today")]
    assert_dwd_is_right(shared, described)


def test_a_concession_that_was_not_needed_is_none(shared: Lake) -> None:
    described = shared.orders()
    outcome = shared.deliver(described, "a.csv", HEAD + "a,1,x\n", accept="whatever", by="Wang")
    assert outcome.verdict == "published"
    assert shared.rows("SELECT accepted_by FROM quality.batches WHERE dataset = ?", [described.id]) == [(None,)]


def test_nobody_can_concede_a_missing_required_column(shared: Lake) -> None:
    described = shared.orders()
    outcome = shared.deliver(described, "a.csv", "n,mark\n1,x\n", accept="please", by="Wang")
    assert outcome.verdict == "refused"
    assert "cannot be accepted" in outcome.message
    assert_dwd_is_right(shared, described)


def test_append_keeps_every_delivery(shared: Lake) -> None:
    described = shared.orders(columns=[column("id"), column("n", "integer")])
    for number in range(3):
        shared.deliver(described, f"{number}.csv", f"id,n\na,1\nb,{number}\n")
    assert shared.dwd(described) == sorted([("a", 1)] * 3 + [("b", number) for number in range(3)])
    assert_dwd_is_right(shared, described)


def test_append_flags_a_key_that_stands_already(shared: Lake) -> None:
    described = shared.orders()
    shared.deliver(described, "a.csv", HEAD + "a,1,x\n")
    outcome = shared.deliver(described, "b.csv", HEAD + "a,2,y\nb,3,z\n")
    assert [(r.rule, r.rows) for r in outcome.reasons if r.rule == "id.history"] == [("id.history", 1)]
    assert shared.dwd(described) == [("a", 1, "x"), ("b", 3, "z")]
    assert_dwd_is_right(shared, described)


def test_every_member_of_a_duplicate_group_is_flagged(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=80)
    outcome = shared.deliver(described, "a.csv", HEAD + "a,1,x\na,2,y\na,3,z\nb,1,x\n")
    assert [(r.rule, r.rows) for r in outcome.reasons if r.rule == "id.unique"] == [("id.unique", 3)]
    assert shared.dwd(described) == [("b", 1, "x")]
    assert_dwd_is_right(shared, described)


def test_replace_shows_the_latest_full_delivery(shared: Lake) -> None:
    described = shared.orders(mode="replace")
    shared.deliver(described, "a.csv", HEAD + "a,1,x\nb,2,x\n")
    latest = shared.deliver(described, "b.csv", HEAD + "a,7,x\n")
    assert shared.dwd(described) == [("a", 7, "x")]
    retract(shared.where, described, latest.batch, reason="wrong")
    assert shared.dwd(described) == [("a", 1, "x"), ("b", 2, "x")]
    assert_dwd_is_right(shared, described)


def test_upsert_lets_the_latest_delivery_win_and_in_it_the_later_row(shared: Lake) -> None:
    described = shared.orders(mode="upsert")
    shared.deliver(described, "a.csv", HEAD + "a,1,x\nb,1,x\nb,2,later\n")
    assert shared.dwd(described) == [("a", 1, "x"), ("b", 2, "later")]
    shared.deliver(described, "b.csv", HEAD + "a,5,y\nc,1,x\n")
    assert shared.dwd(described) == [("a", 5, "y"), ("b", 2, "later"), ("c", 1, "x")]
    assert_dwd_is_right(shared, described)


def test_upsert_never_lets_an_older_version_overwrite_a_newer_one(shared: Lake) -> None:
    described = shared.orders(mode="upsert", orderBy="n")
    shared.deliver(described, "a.csv", HEAD + "a,5,new\nb,3,x\n")
    shared.deliver(described, "b.csv", HEAD + "a,4,old\nb,3,tie\nc,2,x\nc,1,older\nd,,unknown\n")
    wanted = [("a", 5, "new"), ("b", 3, "tie"), ("c", 2, "x"), ("d", None, "unknown")]
    assert shared.dwd(described) == wanted
    assert_dwd_is_right(shared, described)


def test_upsert_honours_delete_markers_until_they_are_taken_back(shared: Lake) -> None:
    described = shared.orders(mode="upsert", deleteWhen="mark = 'gone'")
    shared.deliver(described, "a.csv", HEAD + "a,1,x\nb,1,x\n")
    gone = shared.deliver(described, "b.csv", HEAD + "a,,gone\n")
    assert shared.dwd(described) == [("b", 1, "x")]
    assert_dwd_is_right(shared, described, lambda row: row["mark"] == "gone")
    retract(shared.where, described, gone.batch, reason="it is there")
    assert shared.dwd(described) == [("a", 1, "x"), ("b", 1, "x")]
    assert_dwd_is_right(shared, described, lambda row: row["mark"] == "gone")


def test_upsert_takes_back_a_delivery_in_the_middle(shared: Lake) -> None:
    described = shared.orders(mode="upsert")
    shared.deliver(described, "a.csv", HEAD + "a,1,x\n")
    middle = shared.deliver(described, "b.csv", HEAD + "a,2,y\nb,2,y\n")
    shared.deliver(described, "c.csv", HEAD + "c,3,z\n")
    retract(shared.where, described, middle.batch, reason="wrong")
    assert shared.dwd(described) == [("a", 1, "x"), ("c", 3, "z")]
    assert [o.verdict for o in replay(shared.where, described, middle.batch)] == ["published"]
    assert shared.dwd(described) == [("a", 2, "y"), ("b", 2, "y"), ("c", 3, "z")]
    assert_dwd_is_right(shared, described)


def test_a_replayed_delivery_keeps_its_place_among_the_deliveries(shared: Lake) -> None:
    described = shared.orders(mode="upsert")
    first = shared.deliver(described, "a.csv", HEAD + "a,1,first\n")
    shared.deliver(described, "b.csv", HEAD + "a,2,second\n")
    replay(shared.where, described, first.batch)
    assert shared.dwd(described) == [("a", 2, "second")]
    assert_dwd_is_right(shared, described)


@pytest.mark.parametrize("mode", ["append", "replace_period"])
def test_no_key_stands_twice_whatever_is_taken_back(shared: Lake, mode: str) -> None:
    described = shared.orders(mode=mode, period=BY_NAME)
    first = shared.deliver(described, "orders_202601.csv", HEAD + "a,1,x\nb,1,x\n")
    if mode == "append":
        correction = first
        retract(shared.where, described, first.batch, reason="wrong")
    else:
        correction = shared.deliver(described, "orders_202601_corrected.csv", HEAD + "b,2,x\n")
    shared.deliver(described, "orders_202602.csv", HEAD + "a,3,x\n")
    if mode == "append":
        replay(shared.where, described, correction.batch)
    else:
        try:
            retract(shared.where, described, correction.batch, reason="the first was right")
        except RongtongError as error:
            assert "key" in str(error)  # noqa: PT017  (saying no is as good as choosing which row stands)
    assert_dwd_is_right(shared, described)


def test_a_late_delivery_of_an_old_period_stands_where_it_belongs(shared: Lake) -> None:
    described = shared.orders(mode="replace_period", period={"from": "parameter", "unit": "month"})
    shared.deliver(described, "b.csv", HEAD + "b,2,x\n", period="2026-02")
    shared.deliver(described, "a.csv", HEAD + "a,1,x\n", period="2026-01")
    assert shared.dwd(described) == [("a", 1, "x"), ("b", 2, "x")]
    with pytest.raises(UsageError, match="period"):
        shared.deliver(described, "c.csv", HEAD + "c,1,x\n")
    with pytest.raises(UsageError, match="2026-13"):
        shared.deliver(described, "c.csv", HEAD + "c,1,x\n", period="2026-13")
    assert_dwd_is_right(shared, described)


def test_waiting_deliveries_are_published_in_the_order_of_their_periods(shared: Lake) -> None:
    described = shared.orders(mode="upsert", period=BY_NAME)
    inbox = shared.where.inbox / "test" / described.table
    inbox.mkdir(parents=True)
    for month, content in (("202603", "a,3,x\n"), ("202601", "a,1,x\nb,1,x\n"), ("202602", "a,2,x,y,z\n")):
        (inbox / f"orders_{month}.csv").write_text(HEAD + content)
    outcomes = ingest_waiting(shared.where, described, settle=0)
    assert [(o.period, o.verdict) for o in outcomes] == [
        ("2026-01", "published"), ("2026-02", "refused"), ("2026-03", "published"),
    ]  # fmt: skip
    assert ingest_waiting(shared.where, described, settle=0) == []
    assert shared.dwd(described) == [("a", 3, "x"), ("b", 1, "x")]
    assert_dwd_is_right(shared, described)
