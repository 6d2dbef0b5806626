"""The SQL that reads one delivery: clean, type, check and mask every row in one pass, good and bad rows together."""

from pipelines.contracts.model import Column, Contract
from pipelines.derive.casting import cleaned, typed
from pipelines.derive.mapping import Mapping
from pipelines.derive.rules import Rule, Surroundings, cleaned_name
from pipelines.derive.strays import guarded, without_strays
from pipelines.derive.types import duckdb_type
from pipelines.names import literal, quoted

SYSTEM_COLUMNS = ("_batch", "_record", "_line", "_violations", "_warnings")
VIOLATIONS = 'STRUCT("column" VARCHAR, "rule" VARCHAR, raw VARCHAR)[]'
_RAW_LENGTH = 200


def stored_columns(contract: Contract) -> tuple[Column, ...]:
    """Return the columns that reach the lake: all but those whose mask is `drop`."""
    return tuple(column for column in contract.columns if column.mask != "drop")


def insert_columns(contract: Contract) -> str:
    """Return the column list of an insert into `ods`."""
    return ", ".join([*(quoted(c.name) for c in stored_columns(contract)), *SYSTEM_COLUMNS])


def read_sql(
    contract: Contract,
    mapping: Mapping,
    rules: tuple[Rule, ...],
    around: Surroundings,
    *,
    relation: str,
    types: dict[str, str],
    batch: str,
    exact: bool,
    numbered: bool,
) -> str:
    """Return the SELECT whose rows go into `ods`, columns in the order of `insert_columns`.

    `relation` is the delivered table, `types` its column types by heading. `exact`: the relation also has `_line` and
    `_structure`. `numbered`: rows are numbered in the order of the file (an ordered, slower scan).
    """
    fed = [
        f"{_fed(heading, types[heading], around)} AS {_delivered(name)}" for name, heading in mapping.sources.items()
    ]
    fed.append(f"{'row_number() OVER ()' if numbered else 'CAST(NULL AS BIGINT)'} AS _n")
    fed.append(f"{'_line' if exact else 'CAST(NULL AS BIGINT)'} AS _at_line")
    fed.append(f"{'_structure' if exact else 'CAST(NULL AS VARCHAR)'} AS _reject")
    texts = [f"{_cleaned(c, mapping, types, around)} AS {cleaned_name(c.name)}" for c in contract.columns]
    values = [f"{_typed(c, mapping, types, around.zone)} AS {quoted(c.name)}" for c in contract.columns]
    breaches = [f"{rule.breach} AS {quoted(rule.id)}" for rule in rules if rule.breach]
    outputs = [f"{_masked(contract, column, rules)} AS {quoted(column.name)}" for column in stored_columns(contract)]
    return f"""
WITH delivered AS (
    SELECT {_lines(fed)}
    FROM {relation}
), cleaned AS (  -- without blanks; null markers are NULL
    SELECT *,
        {_lines(texts)}
    FROM delivered
), typed AS (  -- NULL where a text is not of its column's type
    SELECT *,
        {_lines(values)}
    FROM cleaned
), judged AS (  -- true where a row breaks the rule of that name
    SELECT *{"," if breaches else ""}
        {_lines(breaches)}
    FROM typed
), marked AS (  -- with the rules a row breaks, and the texts that break them
    SELECT *,
        {_violations(contract, mapping, rules)} AS _violations,
        {_warnings(rules)} AS _warnings
    FROM judged
)
SELECT
    {_lines(outputs, indent=4)},
    {literal(batch)} AS _batch, _n AS _record, _at_line AS _line, _violations, _warnings
FROM marked""".strip()


def _fed(heading: str, source_type: str, around: Surroundings) -> str:
    """A delivered value; a NUL in it becomes the sign for it, as neither catalogues nor other tools can hold one."""
    shows_nul = around.control_marks and source_type == "VARCHAR"
    return f"replace({quoted(heading)}, chr(0), chr(9216))" if shows_nul else quoted(heading)


def _delivered(column: str) -> str:
    """Name of the delivered value of a column: never the column's own name, which is that of its typed value."""
    return quoted(f"_d_{column}")


def _lines(parts: list[str], indent: int = 8) -> str:
    return (",\n" + " " * indent).join(parts)


def _cleaned(column: Column, mapping: Mapping, types: dict[str, str], around: Surroundings) -> str:
    heading = mapping.sources.get(column.name)
    if heading is None:
        return "CAST(NULL AS VARCHAR)"
    return cleaned(column, _delivered(column.name), types[heading], rare_blanks=around.rare_blanks)


def _typed(column: Column, mapping: Mapping, types: dict[str, str], zone: str) -> str:
    heading = mapping.sources.get(column.name)
    if heading is None:
        return f"CAST(NULL AS {duckdb_type(column)})"
    return typed(column, cleaned_name(column.name), zone, _delivered(column.name), types[heading])


def _masked(contract: Contract, column: Column, rules: tuple[Rule, ...]) -> str:
    if column in guarded(contract):
        return without_strays(contract, column, rules)
    name = quoted(column.name)
    return {"hmac": f"rongtong_hmac(CAST({name} AS VARCHAR))", "scrub": f"rongtong_scrub({name})"}.get(
        column.mask, name
    )


def _violations(contract: Contract, mapping: Mapping, rules: tuple[Rule, ...]) -> str:
    flagged = [rule for rule in rules if rule.breach and rule.severity == "error"]
    branches = [f"WHEN _reject IS NOT NULL THEN [{_entry('', 'row.structure', '_reject')}]"]
    total = _total_branch(contract, mapping)
    if total:
        branches.insert(0, total)
    if flagged:
        any_breach = "\n            OR ".join(quoted(rule.id) for rule in flagged)
        entries = ",\n            ".join(
            f"CASE WHEN {quoted(rule.id)} THEN {_entry_of(contract, mapping, rule)} END" for rule in flagged
        )
        branches.append(
            f"WHEN {any_breach}\n        THEN list_filter([\n            {entries}], lambda _v: _v IS NOT NULL)"
        )
    joined = "\n        ".join(branches)
    return f"CAST(CASE\n        {joined} END AS {VIOLATIONS})"


def _entry(column: str, rule: str, raw: str) -> str:
    return f"{{'column': {literal(column)}, 'rule': {literal(rule)}, 'raw': {raw}}}"


def _entry_of(contract: Contract, mapping: Mapping, rule: Rule) -> str:
    if len(rule.columns) != 1:
        return _entry("", rule.id, "CAST(NULL AS VARCHAR)")
    column = contract.column(rule.columns[0])
    if column.personal or column.name not in mapping.sources:
        return _entry(column.name, rule.id, "CAST(NULL AS VARCHAR)")
    raw = f"CAST({_delivered(column.name)} AS VARCHAR)"
    # Where columns were shifted by one, a phone stands in a column that is none. Half a phone would be known no more.
    whole = f"rongtong_scrub({raw})" if contract.is_personal else raw
    return _entry(column.name, rule.id, f"left({whole}, {_RAW_LENGTH})")


def _total_branch(contract: Contract, mapping: Mapping) -> str:
    control = contract.ingest.control
    if not control.total_column or control.total_column not in mapping.sources:
        return ""
    markers = ", ".join(literal(marker) for marker in control.total_markers)
    wanted = [name for name in (*control.sums, control.count_column) if name and name in mapping.sources]
    fields = ", ".join(f"{literal(name)}: CAST({_delivered(name)} AS VARCHAR)" for name in wanted)
    raw = f"CAST(to_json({{{fields}}}) AS VARCHAR)" if fields else "'{}'"
    return f"WHEN {cleaned_name(control.total_column)} IN ({markers}) THEN [{_entry('', 'row.total', raw)}]"


def _warnings(rules: tuple[Rule, ...]) -> str:
    warned = [rule for rule in rules if rule.breach and rule.severity == "warning"]
    if not warned:
        return "CAST(NULL AS VARCHAR[])"
    any_breach = " OR ".join(quoted(rule.id) for rule in warned)
    entries = ", ".join(f"CASE WHEN {quoted(rule.id)} THEN {literal(rule.id)} END" for rule in warned)
    return f"CASE WHEN {any_breach} THEN list_filter([{entries}], lambda _v: _v IS NOT NULL) END"
