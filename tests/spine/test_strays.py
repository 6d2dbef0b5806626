"""A personal value in a column that is not personal: masked where the row breaks a rule, and nothing else is touched."""

from typing import Any

import pytest

from pipelines.contracts.model import Contract
from pipelines.steps.quarantine import rows as quarantined
from tests.spine.city import column
from tests.spine.lake import Lake, broken
from tests.spine.privacy import planted_in_text

PHONE, OTHER, ORDER = "13912340001", "13912340002", "20260701123456789"
PERSONAL: dict[str, Any] = {"personal": True, "level": "3", "mask": "hmac"}


def described(lake: Lake, **said: Any) -> Contract:
    """Return a dataset whose orders have as many digits as a card, whose remarks may be anything, with callers."""
    columns = [
        column("order_no", key=True, options={"pattern": r"^\d{17}$"}),
        column("phone", **(said or PERSONAL)),
        column("unit", enum=["甲处", "乙处"]),
        column("remark", options={"maxLength": 12}),
        column("amount", "integer", options={"maximum": 9}),
    ]
    return lake.contract(columns, max_invalid_pct=100)


def delivered(*rows: str) -> str:
    """Return a delivery of these rows."""
    return "\n".join(["order_no,phone,unit,remark,amount", *rows, ""])


def kept(lake: Lake, contract: Contract) -> list[tuple[Any, ...]]:
    """Return what `ods` holds of every row, and the texts of its violations."""
    raws = "list_transform(_violations, lambda _v: _v.raw)"
    return lake.rows(f"SELECT order_no, unit, remark, {raws} FROM ods.{contract.table} ORDER BY ALL")


def test_what_strayed_is_masked_in_a_row_that_breaks_a_rule(embedded: Lake) -> None:
    people = described(embedded)
    embedded.deliver(
        people, "a.csv", delivered(f"{ORDER},{PHONE},甲处,回{PHONE},99", f"{ORDER[:-1]}0,{PHONE},{PHONE},,1")
    )
    assert kept(embedded, people) == [
        (f"{ORDER[:-1]}0", "〔电话〕", None, ["〔电话〕"]),
        (ORDER, "甲处", "回〔电话〕", ["99"]),
    ]


def test_what_the_contract_vouches_for_stays_and_is_found_corrected(embedded: Lake) -> None:
    people = described(embedded)
    first = embedded.deliver(people, "a.csv", delivered(f"{ORDER},{PHONE},甲处,,99"))
    assert first.quarantined == 1
    embedded.deliver(people, "b.csv", delivered(f"{ORDER},{PHONE},甲处,,9"))
    states = embedded.rows(f"SELECT order_no, _state FROM quality.quarantine__{people.table}")
    assert states == [(ORDER, "corrected")]


def test_a_row_that_breaks_no_rule_is_published_as_it_came(embedded: Lake) -> None:
    people = described(embedded)
    embedded.deliver(people, "a.csv", delivered(f"{ORDER},{PHONE},甲处,{OTHER},1"))
    assert embedded.dwd(people, "order_no, remark") == [(ORDER, OTHER)]


def test_two_strays_in_a_key_are_still_two(embedded: Lake) -> None:
    people = described(embedded)
    outcome = embedded.deliver(
        people, "a.csv", delivered(f"{PHONE},{PHONE},甲处,,1", f"{OTHER},{PHONE},甲处,,1", f"{ORDER},,,,1")
    )
    assert broken(outcome)["order_no.pattern"] == 2
    keys = [key for key, *_ in kept(embedded, people)]
    assert len(set(keys)) == 3
    assert "order_no.unique" not in str(kept(embedded, people))
    assert planted_in_text(str(kept(embedded, people)), (PHONE, OTHER)) == []


def test_a_dataset_without_persons_keeps_what_was_delivered(embedded: Lake) -> None:
    plain = described(embedded, level="1")
    embedded.deliver(plain, "a.csv", delivered(f"{ORDER},{PHONE},{PHONE},回{PHONE},99"))
    assert kept(embedded, plain) == [(ORDER, PHONE, f"回{PHONE}", [PHONE, "99"])]


@pytest.mark.parametrize("row", [f"{ORDER},{PHONE},甲处,回{PHONE},99", f"{PHONE},{PHONE},{PHONE},{PHONE},x"])
def test_a_row_with_strays_is_found_in_its_file_again(embedded: Lake, row: str) -> None:
    people = described(embedded)
    embedded.deliver(people, "a.csv", delivered(f"{ORDER[:-1]}1,,,,1", row))
    found = quarantined(embedded.where, people, con=embedded.con)
    assert {entry["line"] for entry in found} == {3}
    assert planted_in_text(str(found), (PHONE,)) == []
