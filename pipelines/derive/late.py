"""Breaches that only the written batch can show: duplicates, keys that stand already, the period of a column.

Each function returns a SELECT of (lake_row, "column", rule): rows of the batch that break a rule.
"""

from pipelines.contracts.model import Contract
from pipelines.derive.periods import outside, period_of_row
from pipelines.derive.rules import Rule
from pipelines.derive.tables import ods_table
from pipelines.names import literal, quoted


def _keys(rule: Rule) -> str:
    return ", ".join(quoted(name) for name in rule.columns)


def _told(rule: Rule) -> str:
    column = rule.columns[0] if len(rule.columns) == 1 else ""
    return f'{literal(column)} AS "column", {literal(rule.id)} AS "rule"'


def key_hash(keys: str) -> str:
    """Return SQL of the hash of a key, 32 bits: whose keys differ but not their hashes is told apart by the keys.

    Of 10 million different keys some 12,000 pairs are alike in it; sorting 64 bits takes 1.6 times the time and twice the memory.
    """
    return f"CAST(hash({keys}) >> 32 AS UINTEGER)"


def key_hashes(contract: Contract, rule: Rule, batch: str) -> str:
    """Return SELECT of the hash `h` of every key of the batch; those that occur more than once are a cheap first look."""
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in rule.columns)
    return f"""
SELECT {key_hash(_keys(rule))} AS h FROM {ods_table(contract)}
WHERE _batch = {literal(batch)} AND {present}"""


def duplicates(contract: Contract, rule: Rule, batch: str) -> str:
    """Return SELECT of every member of each duplicate group (NULL keys are not members); reads temp.duplicate_hashes."""
    keys = _keys(rule)
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in rule.columns)
    return f"""
SELECT lake_row, {_told(rule)} FROM (
    SELECT rowid AS lake_row, count(*) OVER (PARTITION BY {keys}) AS _members FROM {ods_table(contract)}
    WHERE _batch = {literal(batch)} AND {present} AND {key_hash(keys)} IN (SELECT h FROM temp.duplicate_hashes)
) WHERE _members > 1"""


def standing_already(contract: Contract, rule: Rule, batch: str, others: list[str]) -> str:
    """Return SELECT of rows whose key is already valid in another standing batch."""
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in rule.columns)
    named = ", ".join(literal(other) for other in others)
    return f"""
SELECT rowid AS lake_row, {_told(rule)} FROM {ods_table(contract)}
WHERE _batch = {literal(batch)} AND {present} AND ({_keys(rule)}) IN (
    SELECT {_tuple(rule)} FROM {ods_table(contract)} WHERE _batch IN ({named}) AND _violations IS NULL)"""


def _tuple(rule: Rule) -> str:
    return _keys(rule) if len(rule.columns) == 1 else f"({_keys(rule)})"


def standing_twice(contract: Contract, columns: tuple[str, ...], again: list[str], standing: list[str]) -> str:
    """Return SELECT (keys, batches): how many keys of batches that stand again are valid in other standing batches too, and in which."""
    keys = ", ".join(quoted(name) for name in columns)
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in columns)
    table, valid = ods_table(contract), f"_violations IS NULL AND {present}"
    back = ", ".join(literal(batch) for batch in again)
    others = ", ".join(literal(batch) for batch in standing)
    return f"""
WITH back AS (
    SELECT {keys}, any_value(_batch) AS _own FROM {table} WHERE _batch IN ({back}) AND {valid} GROUP BY {keys}
)
SELECT count(DISTINCT ({keys})), list_sort(list(DISTINCT o._batch))
FROM {table} o JOIN back USING ({keys}) WHERE o._batch IN ({others}) AND o._violations IS NULL AND o._batch <> back._own"""


def outside_period(contract: Contract, rule: Rule, batch: str, period: str, zone: str) -> str:
    """Return SELECT of rows whose own date lies outside the batch's period."""
    wrong = outside(contract.column(rule.columns[0]), period, zone)
    return f"""
SELECT rowid AS lake_row, {_told(rule)} FROM {ods_table(contract)}
WHERE _batch = {literal(batch)} AND ({wrong})"""


def apply_breaches(contract: Contract, batch: str) -> str:
    """Return the UPDATE that adds the breaches collected in temp.late_breaches to the rows' violations."""
    return f"""
UPDATE {ods_table(contract)} AS o
SET _violations = list_concat(coalesce(o._violations, []), l.entries)
FROM (
    SELECT lake_row, list({{'column': "column", 'rule': "rule", 'raw': CAST(NULL AS VARCHAR)}} ORDER BY "rule") AS entries
    FROM temp.late_breaches GROUP BY lake_row
) l WHERE o._batch = {literal(batch)} AND o.rowid = l.lake_row"""


def apply_warnings(contract: Contract, batch: str) -> str:
    """Return the UPDATE that adds the breaches collected in temp.late_warnings to the rows' warnings."""
    return f"""
UPDATE {ods_table(contract)} AS o
SET _warnings = list_concat(coalesce(o._warnings, []), l.entries)
FROM (SELECT lake_row, list("rule" ORDER BY "rule") AS entries FROM temp.late_warnings GROUP BY lake_row) l
WHERE o._batch = {literal(batch)} AND o.rowid = l.lake_row"""


def period_counts(contract: Contract, batch: str, zone: str) -> str:
    """Return SELECT of (period, rows) as the batch's own rows tell it, most rows first."""
    period = contract.ingest.period
    told = period_of_row(contract.column(period.column), period.unit, zone)
    return f"""
SELECT {told} AS _period, count(*) AS _n FROM {ods_table(contract)}
WHERE _batch = {literal(batch)} AND {quoted(period.column)} IS NOT NULL
GROUP BY 1 ORDER BY 2 DESC, 1"""
