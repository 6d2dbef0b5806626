"""A contract changes: compatible ones alter the tables in the next publish, breaking ones need a version and a rebuild."""

from typing import Any

import pytest

from pipelines.contracts.model import Contract
from pipelines.errors import BatchRefused, ContractError, UsageError
from pipelines.steps.check import check
from pipelines.steps.rebuild import rebuild
from pipelines.steps.retract import retract
from tests.spine.city import BY_NAME, column
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right, fetched

HEAD = "id,n,mark\n"
KEY, NUMBER, MARK = column("id", key=True), column("n", "integer"), column("mark")


def everything(lake: Lake, described: Contract) -> dict[str, Any]:
    """Return all there is of a dataset."""
    return {
        "dwd": lake.dwd(described),
        "ods": lake.rows(f"SELECT * FROM ods.{described.table} ORDER BY ALL"),
        "batches": lake.verdicts(described),
        "versions": lake.rows("SELECT version FROM quality.contract_versions WHERE dataset = ?", [described.id]),
        "snapshots": lake.rows("SELECT max(snapshot_id) FROM city.snapshots()"),
    }


@pytest.mark.parametrize("mode", ["append", "upsert"])
def test_a_compatible_change_alters_the_tables_within_the_next_publish(shared: Lake, mode: str) -> None:
    first = shared.orders(mode=mode)
    shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    before = shared.rows("SELECT max(snapshot_id) FROM city.snapshots()")[0][0]
    columns = [KEY, column("n", "integer", options={"minimum": 0, "maximum": 9}), MARK, column("more", "number")]
    grown = shared.contract(columns, dataset=first.id, version="1.1.0", mode=mode)
    outcome = shared.deliver(grown, "b.csv", "id,n,mark,more\nb,2,y,2.5\n")
    assert outcome.verdict == "published"
    assert outcome.snapshot == before + 1, "the tables were altered in a transaction of their own"
    assert shared.dwd(grown, "id, n, mark, more") == [("a", 1, "x", None), ("b", 2, "y", 2.5)]
    assert fetched(shared, f"SELECT * FROM quality.quarantine__{grown.table}") == []
    assert_dwd_is_right(shared, grown)


def test_a_refused_batch_alters_no_table(shared: Lake) -> None:
    first = shared.orders(max_invalid_pct=10)
    shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    grown = shared.contract([KEY, NUMBER, MARK, column("more")], dataset=first.id, version="1.1.0", max_invalid_pct=10)
    assert shared.deliver(grown, "b.csv", "id,n,mark,more\nb,x,y,z\n").verdict == "refused"
    assert shared.dwd(first) == [("a", 1, "x")]
    back = shared.orders(dataset=first.id, version="1.1.1", max_invalid_pct=10)
    assert shared.deliver(back, "c.csv", HEAD + "c,3,z\n").verdict == "published", (
        "nothing was ever published with 'more'"
    )
    assert_dwd_is_right(shared, back)


def test_a_breaking_change_without_a_major_version_is_refused(shared: Lake) -> None:
    first = shared.orders()
    shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    before = everything(shared, first)
    broken = shared.contract([KEY, column("n"), MARK], dataset=first.id, version="1.1.0")
    for attempt in (lambda: shared.deliver(broken, "b.csv", HEAD + "b,2,y\n"), lambda: rebuild(shared.where, broken)):
        with pytest.raises(ContractError, match=r"2\.0\.0") as told:
            attempt()
        assert "'n'" in str(told.value)
    assert everything(shared, first) == before


def test_a_breaking_change_with_a_major_version_asks_for_the_rebuild_and_gets_it(shared: Lake) -> None:
    first = shared.orders()
    shared.deliver(first, "a.csv", HEAD + "a,1,x\nb,77,y\n")
    shared.deliver(first, "b.csv", HEAD + "c,3,z\n")
    before = everything(shared, first)
    second = shared.contract([KEY, column("n")], dataset=first.id, version="2.0.0")
    with pytest.raises(ContractError, match="rebuild"):
        shared.deliver(second, "c.csv", HEAD + "d,4,z\n")
    assert everything(shared, first) == before
    outcomes = rebuild(shared.where, second)
    assert [(o.verdict, o.delivered, o.valid) for o in outcomes] == [("published", 2, 2), ("published", 1, 1)]
    assert shared.dwd(second) == [("a", "1"), ("b", "77"), ("c", "3")]
    assert shared.deliver(second, "c.csv", HEAD + "d,4,z\n").verdict == "published"
    assert_dwd_is_right(shared, second)


def test_a_rebuild_is_one_snapshot_and_the_old_tables_stay_readable_behind_it(shared: Lake) -> None:
    first = shared.orders()
    last = shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    rebuild(shared.where, shared.contract([KEY, column("n"), MARK], dataset=first.id, version="2.0.0"))
    assert shared.rows("SELECT max(snapshot_id) FROM city.snapshots()")[0][0] == int(last.snapshot or 0) + 1
    then = shared.rows(f"SELECT n FROM ods.{first.table} AT (VERSION => {last.snapshot})")
    assert then == [(1,)]


@pytest.mark.parametrize(("was", "becomes"), [("append", "upsert"), ("upsert", "append"), ("append", "replace")])
def test_a_rebuild_can_change_the_mode(shared: Lake, was: str, becomes: str) -> None:
    first = shared.orders(mode=was)
    shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    shared.deliver(first, "b.csv", HEAD + "b,2,x\n")
    second = shared.orders(dataset=first.id, version="2.0.0", mode=becomes)
    rebuild(shared.where, second)
    assert shared.dwd(second) == ([("b", 2, "x")] if becomes == "replace" else [("a", 1, "x"), ("b", 2, "x")])
    assert_dwd_is_right(shared, second)


def test_a_rebuild_keeps_periods_corrections_concessions_and_what_was_taken_back(shared: Lake) -> None:
    said: dict[str, Any] = {"mode": "replace_period", "period": BY_NAME, "max_invalid_pct": 10}
    first = shared.orders(**said)
    shared.deliver(first, "o_202601.csv", HEAD + "a,1,x\n")
    shared.deliver(first, "o_202601_b.csv", HEAD + "a,2,x\n")
    shared.deliver(first, "o_202602.csv", HEAD + "b,1,x\nc,?,x\n", accept="needed", by="Wang")
    wrong = shared.deliver(first, "o_202603.csv", HEAD + "d,1,x\n")
    retract(shared.where, first, wrong.batch, reason="wrong")
    second = shared.contract([KEY, NUMBER], dataset=first.id, version="2.0.0", **said)
    outcomes = rebuild(shared.where, second)
    assert [(o.period, o.verdict) for o in outcomes] == [
        ("2026-01", "published"), ("2026-01", "published"), ("2026-02", "conceded"),
    ]  # fmt: skip
    assert shared.dwd(second) == [("a", 2), ("b", 1)]
    assert_dwd_is_right(shared, second)


def test_a_rebuild_that_fails_changes_nothing(shared: Lake) -> None:
    first = shared.orders()
    shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    shared.deliver(first, "b.csv", HEAD + "b,2,\n")
    before = everything(shared, first)
    strict = shared.contract(
        [KEY, NUMBER, column("mark", required=True)], dataset=first.id, version="2.0.0", max_invalid_pct=0
    )
    with pytest.raises(BatchRefused, match=r"b\.csv") as told:
        rebuild(shared.where, strict)
    assert f"{first.table}-0002" in str(told.value)
    assert everything(shared, first) == before
    assert_dwd_is_right(shared, first)


def test_a_dataset_whose_deliveries_were_all_taken_back_can_be_rebuilt_and_used(shared: Lake) -> None:
    first = shared.orders()
    only = shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    retract(shared.where, first, only.batch, reason="wrong file")
    second = shared.contract([KEY, column("n"), MARK], dataset=first.id, version="2.0.0")
    assert rebuild(shared.where, second) == []
    assert shared.deliver(second, "b.csv", HEAD + "b,two,y\n").verdict == "published"
    assert shared.dwd(second) == [("b", "two", "y")]
    assert_dwd_is_right(shared, second)


def test_a_column_that_goes_needs_a_rebuild_too(shared: Lake) -> None:
    first = shared.orders()
    shared.deliver(first, "a.csv", HEAD + "a,1,x\n")
    with pytest.raises(ContractError, match="mark"):
        shared.deliver(shared.contract([KEY, NUMBER], dataset=first.id, version="1.1.0"), "b.csv", HEAD + "b,2,y\n")


def test_a_draft_can_be_checked_and_not_published(shared: Lake) -> None:
    draft = shared.orders(status="draft")
    path = shared.file("a.csv", HEAD + "a,1,x\nb,22,y\n")
    outcome = check(shared.where, draft, path)
    assert (outcome.verdict, outcome.delivered, outcome.valid, outcome.quarantined) == ("published", 2, 1, 1)
    with pytest.raises(UsageError, match="status: active"):
        shared.ingest(draft, path)
    assert shared.verdicts(draft) == []
