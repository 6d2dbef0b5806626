"""The rules of a contract, each with what it measures (GB/T 36344) and, where one row suffices, the SQL that finds a breach.

A rule's `breach` is SQL over the typed columns (by name), the cleaned texts (`_t_<column>`) and true where a row breaks it.
Rules without `breach` are measured after the batch was written: uniqueness, history, and everything about the whole batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipelines.contracts.model import WORKBOOKS, CodeList, Column, Contract, RowCheck, Severity, Tolerance
from pipelines.derive.globs import full_match
from pipelines.derive.periods import outside
from pipelines.names import literal, quoted

DIMENSION = {
    "type": "0302", "structure": "0302", "range": "0302", "multiple_of": "0302", "length": "0101", "pattern": "0101",
    "required": "0201", "enum": "0105", "code_list": "0105", "reference": "0102", "unique": "0304", "history": "0304",
    "encoding": "0305", "control": "0305", "precision_lost": "0302", "cell_error": "0302", "period": "0501", "total": "0301", "freshness": "0502",
    "rowCount": "0202", "nullValues": "0201", "missingValues": "0201", "invalidValues": "0302", "duplicateValues": "0303",
    "sql": "0104", "columns": "0102", "accounted": "0202",
}  # fmt: skip

_CELL_ERRORS = (
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!", "#ERROR!",
    "#NOT-CALCULATED!",
)  # fmt: skip
# How the reader of workbooks spells a number that has more digits than Excel keeps.
_BEYOND_15_DIGITS = r"-?\d(\.\d+)?E\+(1[5-9]|[2-9]\d|\d{3})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `id` names it everywhere (ledger, reports, GX), `max_pct` is the share of delivered rows that may break it."""

    id: str
    kind: str
    columns: tuple[str, ...]
    dimension: str
    severity: Severity
    max_pct: float
    breach: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan needs beside the contract: the zone, the code lists by name, the period's first and next day (ISO) if known.

    `references` names the columns whose referenced dataset is published, so that the reference can be assessed.
    `rare_blanks`: the values may have tabs, no-break or ideographic spaces around them.
    `encoding_marks` and `control_marks` ask for the rules that only files with undecodable bytes or NULs need.
    """

    zone: str
    code_lists: dict[str, CodeList]
    on_date: str
    period: str = ""
    references: frozenset[str] = frozenset()
    rare_blanks: bool = True
    encoding_marks: bool = False
    control_marks: bool = False


def row_rules(contract: Contract, around: Surroundings) -> tuple[Rule, ...]:
    """Return every rule that looks at rows, in the order of the contract; those with `breach` are flagged while reading."""
    rules = [*_file_rules(contract, around)]
    for column in contract.columns:
        rules += _column_rules(contract, column, around)
    rules += _key_rules(contract)
    rules += [_row_rule(contract, check) for check in contract.row_checks]
    rules += _period_rules(contract, around)
    return tuple(rules)


def cleaned_name(column: str) -> str:
    """Name of the cleaned text of a column inside the reading SQL."""
    return quoted(f"_t_{column}")


def _rule(
    contract: Contract,
    column: Column | None,
    kind: str,
    breach: str = "",
    *,
    description: str = "",
    asked: str = "",
) -> Rule:
    """Return the rule; `asked` is the kind under which the contract names its tolerance, where that differs."""
    found = dict(column.tolerance).get(asked or kind) if column else None
    tolerance = found or Tolerance(max_pct=contract.max_invalid_pct)
    subject = column.name if column else "row"
    columns = (column.name,) if column else ()
    return Rule(
        f"{subject}.{kind}", kind, columns, DIMENSION[kind], tolerance.severity, tolerance.max_pct, breach, description
    )


def _file_rules(contract: Contract, around: Surroundings) -> Iterator[Rule]:
    yield _rule(contract, None, "structure", description="the line has the width of the header")
    texts = [cleaned_name(c.name) for c in contract.columns]
    if around.encoding_marks:
        breach = " OR ".join(f"contains({text}, chr(65533))" for text in texts)
        yield _rule(contract, None, "encoding", breach, description="every byte could be decoded")
    if around.control_marks:
        breach = " OR ".join(f"contains({text}, chr(9216))" for text in texts)
        yield _rule(contract, None, "control", breach, description="no NUL inside a value")


def _workbook_rules(contract: Contract, column: Column) -> Iterator[Rule]:
    """What only cells can be: an error instead of a value, a code whose last digits Excel has made zeros."""
    if contract.ingest.format not in WORKBOOKS:
        return
    text = cleaned_name(column.name)
    errors = ", ".join(literal(error) for error in _CELL_ERRORS)
    yield _rule(contract, column, "cell_error", f"{text} IN ({errors})", asked="type")
    if column.type in ("string", "integer"):
        yield _rule(
            contract, column, "precision_lost", f"regexp_full_match({text}, '{_BEYOND_15_DIGITS}')", asked="type"
        )


def _column_rules(contract: Contract, column: Column, around: Surroundings) -> Iterator[Rule]:
    name, text = quoted(column.name), cleaned_name(column.name)
    yield from _workbook_rules(contract, column)
    if column.required:
        yield _rule(contract, column, "required", f"{text} IS NULL")
    if column.type != "string":
        yield _rule(contract, column, "type", f"{text} IS NOT NULL AND {name} IS NULL")
    bounds = _out_of_bounds(column, name)
    if bounds:
        yield _rule(contract, column, "range", bounds)
    if column.multiple_of:
        yield _rule(contract, column, "multiple_of", f"fmod({name}, {column.multiple_of}) <> 0")
    if column.min_length is not None or column.max_length is not None:
        yield _rule(
            contract,
            column,
            "length",
            f"length({name}) NOT BETWEEN {column.min_length or 0} AND {column.max_length or 2**31}",
        )
    if column.pattern:
        yield _rule(contract, column, "pattern", f"NOT ({full_match(name, bare_pattern(column.pattern))})")
    if column.enum:
        yield _rule(contract, column, "enum", f"{name} NOT IN ({', '.join(sql_value(value) for value in column.enum)})")
    if column.code_list:
        yield _rule(contract, column, "code_list", _not_in_code_list(contract, column, around))
    if column.reference:
        yield _rule(contract, column, "reference", _unresolved(column) if column.name in around.references else "")
    if column.unique and contract.ingest.mode != "upsert":
        yield _rule(contract, column, "unique", description="once within the batch")
        yield _rule(contract, column, "history", description="not already in another standing batch", asked="unique")


def _key_rules(contract: Contract) -> Iterator[Rule]:
    key = contract.key
    if not key or contract.ingest.mode == "upsert" or (len(key) == 1 and contract.column(key[0]).unique):
        return
    texts = {"unique": "the key once within the batch", "history": "the key not already in another standing batch"}
    column = contract.column(key[0]) if len(key) == 1 else None
    for kind, text in texts.items():
        rule = _rule(contract, column, kind, description=text, asked="unique")
        yield rule if column else replace(rule, id=f"key.{kind}", columns=key)


def _row_rule(contract: Contract, check: RowCheck) -> Rule:
    tolerance = check.tolerance or Tolerance(max_pct=contract.max_invalid_pct)
    return Rule(
        f"row.{check.name}", "row", (), check.dimension, tolerance.severity, tolerance.max_pct,
        f"NOT coalesce(TRY({check.condition}), false)", check.description,
    )  # fmt: skip


def _period_rules(contract: Contract, around: Surroundings) -> Iterator[Rule]:
    period = contract.ingest.period
    if not period.column:
        return
    column = contract.column(period.column)
    breach = ""
    if around.period:
        breach = outside(column, around.period, around.zone)
    yield _rule(contract, column, "period", breach, description="the row belongs to the delivery's period")


def bare_pattern(pattern: str) -> str:
    """Return a pattern without its anchors, for a full match.

    >>> bare_pattern("^GD[0-9]+$")
    'GD[0-9]+'
    """
    return pattern.removeprefix("^").removesuffix("$") if "|" not in pattern else pattern


def _out_of_bounds(column: Column, name: str) -> str:
    if column.type == "string":
        return ""
    tests = (
        ("<", column.minimum), (">", column.maximum), ("<=", column.exclusive_minimum), (">=", column.exclusive_maximum),
    )  # fmt: skip
    return " OR ".join(
        f"{name} {operator} {bound_value(column, bound)}" for operator, bound in tests if bound is not None
    )


def bound_value(column: Column, bound: object) -> str:
    """Return a bound as a literal of the column's type."""
    if column.type == "timestamp":
        return f"TIMESTAMPTZ {literal(str(bound))}"
    if column.type in ("date", "time"):
        return f"{column.type.upper()} {literal(str(bound))}"
    return str(bound)


def sql_value(value: object) -> str:
    """Return a contract's value as a SQL literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else literal(str(value))


def _unresolved(column: Column) -> str:
    reference = column.reference
    assert reference is not None
    name = quoted(column.name)
    value = f"rongtong_hmac(CAST({name} AS VARCHAR))" if column.mask == "hmac" else name
    target = quoted(reference.column)
    known = f"SELECT {target} FROM city.dwd.{quoted(reference.table)} WHERE {target} IS NOT NULL"
    return f"{name} IS NOT NULL AND {value} NOT IN ({known})"


def _not_in_code_list(contract: Contract, column: Column, around: Surroundings) -> str:
    codes = around.code_lists[column.code_list]
    name = quoted(column.name)
    ever = ", ".join(sorted({literal(code) for code, *_ in codes.rows}))
    breach = f"{name} NOT IN ({ever})"
    day = _day_of_row(contract, around)
    limited: dict[str, list[str]] = {}
    for code, _, start, end in codes.rows:
        limited.setdefault(code, []).append(_within(day, start, end))
    dated = [
        f"WHEN {literal(code)} THEN {' OR '.join(spans)}" for code, spans in limited.items() if "true" not in spans
    ]
    return f"{breach} OR NOT (CASE {name} {' '.join(dated)} ELSE true END)" if dated else breach


def _within(day: str, start: str, end: str) -> str:
    tests = [f"{day} >= DATE {literal(start)}"] if start else []
    tests += [f"{day} < DATE {literal(end)}"] if end else []
    return " AND ".join(tests) or "true"


def _day_of_row(contract: Contract, around: Surroundings) -> str:
    period = contract.ingest.period
    if period.column and not around.period:
        column = contract.column(period.column)
        value = quoted(column.name)
        local = f"({value} AT TIME ZONE {literal(around.zone)})" if column.type == "timestamp" else value
        return f"CAST({local} AS DATE)"
    return f"DATE {literal(around.on_date)}"
