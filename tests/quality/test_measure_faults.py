"""A rule that cannot be measured is our mistake: it is named, alone, and nobody's value is told."""

import duckdb
import pytest

from pipelines.derive.expectation import Expectation
from pipelines.errors import RongtongError
from pipelines.quality.faults import named, without_values
from pipelines.quality.measure import QualityFault, measure
from tests.quality.conftest import BATCH, SUITE, breaking, in_set, matches, required

Connection = duckdb.DuckDBPyConnection

FAULTS = {
    "an unknown column": (required("nope"), "[nope.required]", "nope"),
    "an unknown column in a condition": (breaking("row.x", "nope > 3"), "[row.x]", '"nope" not found'),
    "SQL that does not parse": (breaking("row.x", "days > > 3"), "[row.x]", "syntax error"),
    "a pattern RE2 does not know": (matches("id", "(?<=G)D"), "[id.pattern]", "invalid perl operator"),
    "a pattern on a number": (matches("part", "1"), "[part.pattern]", "No function matches"),
    "a range of words": (
        Expectation("id.range", "expect_column_values_to_be_between", {"column": "id", "min_value": 3}),
        "[id.range]",
        "VARCHAR",
    ),
    "an expectation that does not exist": (Expectation("id.x", "expect_wonders", {}), "[id.x]", "expect_wonders"),
    "an argument that does not exist": (
        Expectation("id.y", "expect_column_values_to_not_be_null", {"column": "id", "colour": 1}),
        "[id.y]",
        "colour",
    ),
    "a condition without a word": (breaking("row.empty", " "), "[row.empty]", "unexpected_rows_query"),
}


@pytest.mark.parametrize(("wrong", "rule", "said"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("before", [True, False], ids=["last of many", "first of many"])
def test_the_fault_names_the_rule_and_says_what_was_wrong(
    lake: Connection, wrong: Expectation, rule: str, said: str, before: bool
) -> None:
    suite = [*SUITE, wrong] if before else [wrong, *SUITE]
    with pytest.raises(QualityFault) as fault:
        measure(lake, BATCH, suite, name="orders", personal=False)
    assert str(fault.value).startswith(rule)
    assert said in str(fault.value)
    assert "Traceback" not in str(fault.value)
    assert "SELECT" not in str(fault.value)


def test_an_error_that_values_cause_is_told_first_and_alone(lake: Connection) -> None:
    suite = [required("id"), breaking("row.cast", "contact::INTEGER > 3"), in_set("category", "咨询")]
    with pytest.raises(QualityFault, match="Could not convert string 'a@x'") as fault:
        measure(lake, BATCH, suite, name="orders", personal=False)
    assert "row.cast" in str(fault.value)
    assert "aborted" not in str(fault.value)


def test_of_a_personal_dataset_the_fault_tells_no_value(lake: Connection) -> None:
    with pytest.raises(QualityFault, match="Could not convert") as fault:
        measure(lake, BATCH, [*SUITE, breaking("row.cast", "contact::INTEGER > 3")], name="orders", personal=True)
    assert not [value for value in ("a@x", "13800001111", "g%x") if value in str(fault.value)]


def test_after_a_fault_and_a_rollback_the_connection_measures_again(lake: Connection) -> None:
    with pytest.raises(QualityFault):
        measure(lake, BATCH, [*SUITE, matches("id", "(")], name="orders", personal=False)
    lake.execute("ROLLBACK")
    lake.execute("BEGIN")
    batch = "SELECT * FROM city.ods.orders"
    assert measure(lake, batch, SUITE, name="orders", personal=False).rows == 1


def test_a_fault_that_leaves_the_transaction_alive_leaves_it_alone(lake: Connection) -> None:
    with pytest.raises(QualityFault):
        measure(lake, BATCH, [*SUITE, breaking("row.x", "nope > 3")], name="orders", personal=False)
    assert lake.execute("SELECT count(*) FROM city.ods.orders").fetchone() == (8,)


def test_a_batch_that_cannot_be_read_is_a_fault_too(lake: Connection) -> None:
    with pytest.raises(QualityFault, match="no_such_table"):
        measure(lake, "SELECT * FROM city.ods.no_such_table", SUITE, name="orders", personal=False)


def test_a_fault_is_an_error_for_the_user() -> None:
    assert issubclass(QualityFault, RongtongError)


def test_values_are_taken_out_of_messages_and_plans_are_not() -> None:
    assert without_values("Conversion Error: invalid date \"2026-13\", '1'") == "Conversion Error: invalid date …, …"
    assert without_values('Binder Error: column "days" not found') == 'Binder Error: column "days" not found'


def test_few_guilty_rules_are_named_and_many_are_counted() -> None:
    assert (named(["a"]), named(["a", "b"]), named(list("abcd"))) == ("a", "a or b", "one of 4 rules")
