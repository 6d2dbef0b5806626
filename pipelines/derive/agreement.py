"""Which count of Great Expectations must equal which sum of SQL's flags. Disagreement is our bug, never the department's."""

from pipelines.contracts.model import Contract
from pipelines.derive.rules import Rule
from pipelines.derive.suite import is_native


def flags_that_equal(contract: Contract, rules: tuple[Rule, ...]) -> dict[str, tuple[str, ...]]:
    """Return, by rule whose expectation GX counts, the rules whose flags add up to the same number.

    not-null (native): nothing delivered plus badly typed, both are NULL in `ods`; everything else: the rule's own flags
    (unique: all members of each duplicate group; range, set, pattern, length: over non-null typed values).
    Rows of the wrong width are in neither measure.
    """
    ids = {rule.id for rule in rules}
    table: dict[str, tuple[str, ...]] = {}
    for rule in rules:
        if rule.kind == "structure":
            continue
        badly_typed = f"{rule.columns[0]}.type" if rule.columns else ""
        both = rule.kind == "required" and is_native(contract, rule) and badly_typed in ids
        table[rule.id] = (rule.id, badly_typed) if both else (rule.id,)
    return table


def disagreements(table: dict[str, tuple[str, ...]], by_gx: dict[str, int], by_sql: dict[str, int]) -> list[str]:
    """Return one sentence per rule on which the two measures differ; empty when they agree.

    >>> disagreements({"a.required": ("a.required", "a.type")}, {"a.required": 3}, {"a.required": 1, "a.type": 1})
    ['a.required: Great Expectations counts 3, SQL flags 2 (a.required + a.type)']
    """
    found = []
    for rule, flags in table.items():
        counted = by_gx.get(rule)
        flagged = sum(by_sql.get(flag, 0) for flag in flags)
        if counted is not None and counted != flagged:
            found.append(f"{rule}: Great Expectations counts {counted}, SQL flags {flagged} ({' + '.join(flags)})")
    return found
