"""The rules of a model's table, as SQL that counts the rows that break each, and as expectations that measure the same."""

from dataclasses import replace

from pipelines.contracts.model import CodeList, Contract
from pipelines.derive.expectation import Expectation
from pipelines.derive.rules import Rule, Surroundings, row_rules
from pipelines.derive.suite import is_native, native_expectation
from pipelines.names import quoted

_OF_TABLES = frozenset(
    {"required", "range", "multiple_of", "length", "pattern", "enum", "code_list", "reference", "unique", "row"}
)


def model_rules(contract: Contract, code_lists: dict[str, CodeList], zone: str, today: str) -> tuple[Rule, ...]:
    """Return the rules that a model's rows must meet, each with the SQL that is true for a row that does not.

    `unique` has none: it is about rows together.
    """
    references = frozenset(column.name for column in contract.columns if column.reference)
    around = Surroundings(zone, code_lists, today, references=references)
    return tuple(_typed(rule) for rule in row_rules(contract, around) if rule.kind in _OF_TABLES)


def _typed(rule: Rule) -> Rule:
    """A model has no raw text: what is required is the value itself."""
    return replace(rule, breach=f"{quoted(rule.columns[0])} IS NULL") if rule.kind == "required" else rule


def model_expectations(contract: Contract, rules: tuple[Rule, ...]) -> tuple[Expectation, ...]:
    """Return one expectation a rule, and one for the number of rows."""
    found = [
        native_expectation(contract, rule)
        if is_native(contract, rule)
        else Expectation(rule.id, "unexpected_rows_expectation", {"condition": f"coalesce({rule.breach}, false)"})
        for rule in rules
    ]
    return (*found, Expectation("batch.rows", "expect_table_row_count_to_be_between", {"min_value": 0}))


def count_breaches(relation: str, rules: tuple[Rule, ...]) -> str:
    """Return the SELECT of one row: how many rows there are, then how many break each rule.

    A value is unique when it stands alone: every row of a group of several counts, as Great Expectations counts.
    """
    counts = ["count(*)", *(_count(relation, rule) for rule in rules)]
    return f"SELECT {', '.join(counts)}\nFROM {relation}"


def _count(relation: str, rule: Rule) -> str:
    if rule.kind != "unique":
        return f"count(*) FILTER ({rule.breach})"  # count_if is NULL over no rows
    names = ", ".join(quoted(name) for name in rule.columns)
    whole = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in rule.columns)
    # Groups, not a window over every row: of a large table only the keys are held, once each.
    groups = f"SELECT count(*) AS n FROM {relation} WHERE {whole} GROUP BY {names} HAVING count(*) > 1"
    return f"(SELECT coalesce(sum(n), 0) FROM ({groups}))"
