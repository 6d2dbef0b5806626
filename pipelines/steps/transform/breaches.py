"""SQL's measure of a model's rules: of its whole table, or of the rows made anew where that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts.model_order import Made
from pipelines.derive.model_suite import count_breaches
from pipelines.derive.model_tables import model_table
from pipelines.derive.rules import Rule
from pipelines.lake.connection import Connection

# What a row breaks whatever the day, the code lists and the other tables say.
_OF_THE_ROW = frozenset({"required", "range", "multiple_of", "length", "pattern", "enum", "row"})


@dataclass(frozen=True, slots=True)
class Fresh:
    """The relation of the rows made anew, and the name of the audit that the table's other rows passed."""

    relation: str
    audited: str


@dataclass(frozen=True, slots=True)
class Breaches:
    """The relation that was measured, how many rows it has, and how many of them break each rule."""

    relation: str
    rows: int
    broken: dict[str, int]


def measure_breaches(con: Connection, one: Made, rules: Sequence[Rule], fresh: Fresh | None) -> Breaches:
    """Count the rows that break each rule: in the rows made anew where no other row can break one, else in all of the table.

    No other row breaks a rule when none did at the last audit, each rule is about a row alone or about rows of one part, and
    no new row breaks any: a tolerance is a share of the table, and so is what it holds against.
    """
    if fresh and _by_parts(one, rules) and _was_kept(con, one, rules, fresh.audited):
        counted = _count(con, fresh.relation, rules)
        if not any(counted.broken.values()):
            return counted
    return _count(con, model_table(one.contract), rules)


def _by_parts(one: Made, rules: Sequence[Rule]) -> bool:
    by = one.model.incremental
    if by is None or one.contract.batch_checks:
        return False
    return all(rule.kind in _OF_THE_ROW or (rule.kind == "unique" and by.column in rule.columns) for rule in rules)


def _was_kept(con: Connection, one: Made, rules: Sequence[Rule], audited: str) -> bool:
    kept = con.execute(
        "SELECT rule FROM city.quality.check_results WHERE dataset = ? AND batch_id = ? AND unexpected = 0",
        [one.contract.id, audited],
    ).fetchall()
    return {rule.id for rule in rules} <= {str(row[0]) for row in kept}


def _count(con: Connection, relation: str, rules: Sequence[Rule]) -> Breaches:
    counted = con.execute(count_breaches(relation, tuple(rules))).fetchone()
    assert counted is not None
    broken = {rule.id: int(n or 0) for rule, n in zip(rules, counted[1:], strict=True)}
    return Breaches(relation, int(counted[0]), broken)
