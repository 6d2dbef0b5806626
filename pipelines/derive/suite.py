"""The same rules for the second measure: the batch as Great Expectations sees it, and one expectation a rule.

Typed rules use native expectations on the columns. Rules on the raw form (a cast that became NULL, a pattern on a value
that became a pseudonym, history, references) are measured on the rows' flags, as a condition.
"""

import re

from pipelines.contracts.model import Column, Contract
from pipelines.derive.expectation import Expectation
from pipelines.derive.reading import stored_columns
from pipelines.derive.rules import Rule, bare_pattern, bound_value
from pipelines.derive.strays import MARKS, guarded
from pipelines.derive.tables import ods_table
from pipelines.derive.types import is_geometry
from pipelines.names import literal, quoted

_NATIVE = ("required", "range", "length", "pattern", "enum", "unique")


def batch_sql(contract: Contract, batch: str, *, all_sound: bool = False) -> str:
    """Return the SELECT of the batch's structurally sound rows, with the names of the rules each row breaks.

    `all_sound`: every row is, which spares the look at each row's violations.
    """
    columns = [quoted(column.name) for column in stored_columns(contract) if not is_geometry(column)]
    columns.append('list_transform(_violations, lambda _v: _v."rule") AS _rules')
    columns.append("_warnings")
    selected = ",\n    ".join(columns)
    sound = "" if all_sound else " AND (_violations IS NULL OR _violations[1].\"rule\" <> 'row.structure')"
    return f"""SELECT
    {selected}
FROM {ods_table(contract)}
WHERE _batch = {literal(batch)}{sound}"""


def expectations(
    contract: Contract, rules: tuple[Rule, ...], strayed: frozenset[str] = frozenset()
) -> tuple[Expectation, ...]:
    """Return the suite: one expectation a rule, named by the rule's id; `strayed` columns hold values that were scrubbed."""
    found = [_expectation(contract, rule, strayed) for rule in rules if rule.kind != "structure"]
    return (*found, Expectation("batch.rows", "expect_table_row_count_to_be_between", {"min_value": 0}))


def strayed(contract: Contract, rules: tuple[Rule, ...], broken: frozenset[str], batch: str) -> tuple[list[str], str]:
    """Return (columns, SELECT): one truth per column, whether a flagged row of the batch holds a value in it that was scrubbed.

    Only the columns are asked for whose scrubbing could change what a broken rule measures: often none.
    """
    flagged = [rule for rule in rules if rule.id in broken]
    names = [c.name for c in guarded(contract) if any(_measured_on(rule, c.name) for rule in flagged)]
    marks = literal("|".join(map(re.escape, MARKS)))
    asked = ", ".join(f"coalesce(bool_or(regexp_matches({quoted(name)}, {marks})), false)" for name in names)
    where = f"_batch = {literal(batch)} AND (_violations IS NOT NULL OR _warnings IS NOT NULL)"
    return names, f"SELECT {asked} FROM {ods_table(contract)} WHERE {where}"


def _measured_on(rule: Rule, column: str) -> bool:
    if rule.kind == "row":
        return re.search(rf"\b{column}\b", rule.breach) is not None
    return rule.columns == (column,) and rule.kind in ("pattern", "enum", "length")


def is_native(contract: Contract, rule: Rule) -> bool:
    """Whether GX measures the rule on the typed values themselves."""
    if rule.kind not in _NATIVE:
        return False
    columns = [contract.column(name) for name in rule.columns]
    if any(column.mask == "drop" or is_geometry(column) for column in columns):
        return False
    return rule.kind in ("required", "unique") or not any(column.mask for column in columns)


def _broken(contract: Contract, rule: Rule, strayed: frozenset[str]) -> dict[str, object]:
    """SQL over the batch that is true for a row that breaks a rule which has no native expectation, and where to look."""
    if rule.kind == "row" and not _mentions_unseen(contract, rule, strayed):
        return {"condition": rule.breach}
    flags = "_warnings" if rule.severity == "warning" else "_rules"
    return {"condition": f"list_contains({flags}, {literal(rule.id)})", "among": f"{flags} IS NOT NULL"}


def _mentions_unseen(contract: Contract, rule: Rule, strayed: frozenset[str]) -> bool:
    """Whether a condition is about a value that the batch holds no more (masked, scrubbed) or does not show (a geometry)."""
    unseen = [c.name for c in contract.columns if c.mask or c.name in strayed or is_geometry(c)]
    return any(re.search(rf"\b{name}\b", rule.breach) for name in unseen)


def _expectation(contract: Contract, rule: Rule, strayed: frozenset[str]) -> Expectation:
    scrubbed = rule.kind not in ("required", "unique") and not strayed.isdisjoint(rule.columns)
    if is_native(contract, rule) and not scrubbed:
        return native_expectation(contract, rule)
    return Expectation(rule.id, "unexpected_rows_expectation", _broken(contract, rule, strayed))


def native_expectation(contract: Contract, rule: Rule) -> Expectation:
    """Return the expectation that measures a rule on the typed values themselves."""
    if len(rule.columns) > 1:
        return Expectation(
            rule.id,
            "expect_compound_columns_to_be_unique",
            {"column_list": list(rule.columns), "ignore_row_if": "any_value_is_missing"},
        )
    column = contract.column(rule.columns[0])
    kind, extra = _native(column, rule.kind)
    return Expectation(rule.id, kind, {"column": column.name, **extra})


def _native(column: Column, kind: str) -> tuple[str, dict[str, object]]:
    match kind:
        case "required":
            return "expect_column_values_to_not_be_null", {}
        case "unique":
            return "expect_column_values_to_be_unique", {}
        case "enum":
            return "expect_column_values_to_be_in_set", {"value_set": list(column.enum)}
        case "pattern":
            return "expect_column_values_to_match_regex", {"regex": f"^(?:{bare_pattern(column.pattern)})$"}
        case "length":
            return "expect_column_value_lengths_to_be_between", {
                "min_value": column.min_length or 0,
                "max_value": column.max_length,
            }
        case _:
            return "expect_column_values_to_be_between", _bounds(column)


def _bounds(column: Column) -> dict[str, object]:
    low = column.minimum if column.minimum is not None else column.exclusive_minimum
    high = column.maximum if column.maximum is not None else column.exclusive_maximum
    bounds: dict[str, object] = {"min_value": _bound(column, low), "max_value": _bound(column, high)}
    if column.minimum is None and low is not None:
        bounds["strict_min"] = True
    if column.maximum is None and high is not None:
        bounds["strict_max"] = True
    return bounds


def _bound(column: Column, bound: object) -> object:
    return (
        bound
        if column.type in ("integer", "number") or bound is None
        else str(bound_value(column, bound)).split("'")[1]
    )
