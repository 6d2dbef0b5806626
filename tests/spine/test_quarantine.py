"""The quarantine: which rows, on which line of which file, in which state."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.contracts.model import Contract
from pipelines.errors import UsageError
from pipelines.steps import quarantine
from pipelines.steps.retract import retract
from tests.spine.city import BY_NAME, column
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right

HEAD = "id,n,mark\n"
WARTS = """某区订单表
id,n,mark
a,1,x
b,99,"two
lines"

c,1
d,77,"q"
e,x,y
f,3,"a

b"
g,55,z
h,1,x,extra
"""
BROKEN = [
    (4, "n.range", "99"), (7, "row.structure", None), (8, "n.range", "77"), (9, "n.type", "x"), (13, "n.range", "55"),
    (14, "row.structure", None),
]  # fmt: skip


def told(lake: Lake, described: Contract, **wanted: Any) -> list[tuple[Any, ...]]:
    """Return (line, rule, raw) of each broken rule, raw only where it is a value."""
    found = quarantine.rows(lake.where, described, con=lake.con, **wanted)
    return [(row["line"], row["rule"], row["raw"] if row["column"] else None) for row in found]


def states(lake: Lake, described: Contract) -> list[tuple[Any, ...]]:
    """Return (batch, line, state, corrected by) of each broken rule, batches by their number."""
    return sorted(
        (row["batch"][-4:], row["line"], row["state"], (row["corrected_by"] or "")[-4:])
        for row in quarantine.rows(lake.where, described, con=lake.con)
    )


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(str.encode, id="lf"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="bom"),
        pytest.param(lambda text: text.encode("gb18030"), id="gb18030"),
        pytest.param(lambda text: gzip.compress(text.encode()), id="gz"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no newline at the end"),
        pytest.param(lambda text: text.replace("d,77", "d,7\x007").encode(), id="a NUL: the exact reader"),
    ],
)
def test_line_numbers_are_those_of_the_delivered_file(shared: Lake, written: Callable[[str], bytes]) -> None:
    described = shared.orders(headerRow=2, max_invalid_pct=90)
    outcome = shared.deliver(described, "a.csv", written(WARTS))
    assert (outcome.delivered, outcome.valid, outcome.quarantined) == (8, 2, 6)
    found = told(shared, described)
    assert list(dict.fromkeys(line for line, _, _ in found)) == [line for line, _, _ in BROKEN]
    if "\x00" not in written(WARTS).decode("latin-1"):
        assert found == BROKEN
    assert shared.dwd(described, "id") == [("a",), ("f",)]
    assert_dwd_is_right(shared, described)


def test_line_numbers_without_any_quote_in_the_file(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=90)
    outcome = shared.deliver(described, "a.csv", HEAD + "a,1,x\n\nb,99,y\nc\nd,1,x,y\n\n\ne,z,x\n")
    assert (outcome.delivered, outcome.quarantined) == (5, 4)
    assert told(shared, described) == [
        (4, "n.range", "99"), (5, "row.structure", None), (6, "row.structure", None), (9, "n.type", "z"),
    ]  # fmt: skip


def test_a_broken_row_is_not_mistaken_for_a_sound_one_that_is_stored_alike(shared: Lake) -> None:
    described = shared.orders(columns=[column("id"), column("n", "integer"), column("mark")])
    shared.deliver(described, "a.csv", HEAD + "a,,x\na,?,x\na,,x\na,!,x\n")
    assert told(shared, described) == [(3, "n.type", "?"), (5, "n.type", "!")]


def test_line_numbers_of_duplicates_and_of_keys_that_stand(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=100)
    shared.deliver(described, "a.csv", HEAD + "k,1,x\n")
    shared.deliver(described, "b.csv", HEAD + "a,1,x\nb,1,x\na,2,y\nk,3,x\nb,55,z\n")
    found = sorted(row for row in told(shared, described) if row[1] != "n.range")
    assert [(line, rule) for line, rule, _ in found] == [
        (2, "id.unique"), (3, "id.unique"), (4, "id.unique"), (5, "id.history"), (6, "id.unique"),
    ]  # fmt: skip


def test_line_numbers_in_upsert_mode(shared: Lake) -> None:
    described = shared.orders(mode="upsert", max_invalid_pct=100)
    shared.deliver(described, "a.csv", HEAD + "a,1,x\nb,99,x\na,98,x\n")
    assert told(shared, described) == [(3, "n.range", "99"), (4, "n.range", "98")]


def test_a_quarantined_row_is_open_until_its_key_comes_right(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=100)
    shared.deliver(described, "a.csv", HEAD + "a,99,x\nb,98,x\n")
    assert states(shared, described) == [("0001", 2, "open", ""), ("0001", 3, "open", "")]
    fix = shared.deliver(described, "b.csv", HEAD + "a,9,x\n")
    assert states(shared, described) == [("0001", 2, "corrected", "0002"), ("0001", 3, "open", "")]
    retract(shared.where, described, fix.batch, reason="not right either")
    assert states(shared, described) == [("0001", 2, "open", ""), ("0001", 3, "open", "")]


def test_a_quarantined_row_is_corrected_by_the_next_delivery_of_its_period(shared: Lake) -> None:
    described = shared.orders(mode="replace_period", period=BY_NAME)
    shared.deliver(described, "o_202601.csv", HEAD + "a,99,x\nb,1,x\n")
    shared.deliver(described, "o_202602.csv", HEAD + "c,99,x\nd,1,x\n")
    shared.deliver(described, "o_202601_b.csv", HEAD + "a,1,x\nb,1,x\n")
    assert states(shared, described) == [("0001", 2, "corrected", "0003"), ("0002", 2, "open", "")]


def test_a_quarantined_row_of_a_batch_that_was_taken_back_is_retracted(shared: Lake) -> None:
    described = shared.orders()
    wrong = shared.deliver(described, "a.csv", HEAD + "a,99,x\nb,1,x\n")
    retract(shared.where, described, wrong.batch, reason="wrong")
    assert states(shared, described) == [("0001", 2, "retracted", "")]


def test_a_quarantined_row_of_a_batch_read_again_is_superseded(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=100)
    shared.deliver(described, "a.csv", HEAD + "a,99,x\nb,?,x\n")
    columns = [column("id", key=True), column("n", "integer", options={"minimum": 0, "maximum": 99}), column("mark")]
    mended = shared.contract(columns, dataset=described.id, version="1.1.0", max_invalid_pct=100)
    shared.deliver(mended, "a.csv", HEAD + "a,99,x\nb,?,x\n")
    found = states(shared, mended)
    assert ("0002", 3, "open", "") in found
    assert {state for batch, _, state, _ in found if batch == "0001"} <= {"superseded", "corrected"}


def test_a_waiver_closes_rows_by_name_and_reason_and_only_those(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=100)
    outcome = shared.deliver(described, "a.csv", HEAD + "a,99,x\nb,?,x\nc,1\n")
    assert quarantine.waive(shared.where, described, outcome.batch, reason="old meter", by="Li", rule="n.range") == 1
    found = quarantine.rows(shared.where, described, con=shared.con)
    assert [(row["rule"], row["state"], row["waived_by"], row["reason"]) for row in found] == [
        ("n.range", "waived", "Li", "old meter"), ("n.type", "open", None, None), ("row.structure", "open", None, None),
    ]  # fmt: skip
    assert quarantine.waive(shared.where, described, outcome.batch, reason="closed year", by="Li") == 2
    assert {row["state"] for row in quarantine.rows(shared.where, described, con=shared.con)} == {"waived"}
    with pytest.raises(UsageError, match="no open"):
        quarantine.waive(shared.where, described, outcome.batch, reason="again", by="Li")


def test_a_row_under_two_waivers_is_still_one_row(shared: Lake) -> None:
    columns = [column("id", key=True), column("n", "integer"), column("m", "integer")]
    described = shared.contract(columns, max_invalid_pct=100)
    outcome = shared.deliver(described, "a.csv", "id,n,m\na,?,!\nb,?,1\nc,1,!\n")
    for rule in ("n.type", "m.type"):
        quarantine.waive(shared.where, described, outcome.batch, reason="known", by="Li", rule=rule)
    assert shared.rows(f"SELECT count(*) FROM quality.quarantine__{described.table}") == [(outcome.quarantined,)]


def test_a_waiver_of_one_rule_leaves_a_row_open_that_breaks_another(shared: Lake) -> None:
    columns = [column("id", key=True), column("n", "integer"), column("m", "integer")]
    described = shared.contract(columns, max_invalid_pct=100)
    outcome = shared.deliver(described, "a.csv", "id,n,m\na,?,!\nb,?,1\n")
    quarantine.waive(shared.where, described, outcome.batch, reason="known", by="Li", rule="n.type")
    found = {(row["line"], row["state"]) for row in quarantine.rows(shared.where, described, con=shared.con)}
    assert found == {(2, "open"), (3, "waived")}


def test_rows_can_be_asked_for_by_state_and_batch(shared: Lake) -> None:
    described = shared.orders(max_invalid_pct=100)
    shared.deliver(described, "a.csv", HEAD + "a,99,x\n")
    second = shared.deliver(described, "b.csv", HEAD + "b,98,x\n")
    assert told(shared, described, batch=second.batch) == [(2, "n.range", "98")]
    assert told(shared, described, state="waived") == []
    with pytest.raises(UsageError, match="closed"):
        told(shared, described, state="closed")


def test_a_quarantine_of_a_dataset_that_was_never_published_is_empty(shared: Lake) -> None:
    assert quarantine.rows(shared.where, shared.orders(), con=shared.con) == []
