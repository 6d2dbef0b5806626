"""Measuring a batch that was written: counts per rule, the batch's own checks, and what they mean together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pipelines.contracts.model import BatchCheck, Contract
from pipelines.derive.reading import stored_columns
from pipelines.derive.rules import DIMENSION, Rule
from pipelines.derive.tables import ods_table
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.wording import kind_text, say, told

_MINUTES = {"min": 1, "h": 60, "d": 1440, "week": 10_080, "month": 44_640, "quarter": 132_480, "year": 527_040}


@dataclass(frozen=True, slots=True)
class Result:
    """One rule measured on one batch: `b` elements evaluated, `unexpected` of them break it. Verdict pass, fail or not_assessable."""

    rule: str
    kind: str
    columns: tuple[str, ...]
    dimension: str
    severity: str
    max_pct: float | None
    b: int
    unexpected: int
    verdict: str
    text: str = ""
    observed: str = ""
    concedable: bool = True
    gx_unexpected: int | None = None
    agreed: bool | None = None

    @property
    def refuses(self) -> bool:
        """Whether this result alone refuses the batch."""
        return self.verdict == "fail" and self.severity == "error"


@dataclass(frozen=True, slots=True)
class Counts:
    """The batch's rows: delivered, quarantined, flags per rule, non-null values per stored column, sums of some columns.

    `feature`: the first feature of a GeoJSON delivery that is none, as (line, what is wrong with it).
    """

    delivered: int
    quarantined: int
    flags: dict[str, int]
    filled: dict[str, int]
    sums: dict[str, Decimal] = field(default_factory=dict)
    feature: tuple[int, str] | None = None


def count(con: Connection, contract: Contract, batch: str, summed: Sequence[str] = ()) -> Counts:
    """Count the batch, and sum the columns `summed`, in two scans: one over the columns, one over the few flagged rows.

    A required column is not scanned: its flags tell how many values are missing.
    """
    where = f"FROM {ods_table(contract)} WHERE _batch = {literal(batch)}"
    optional = [column.name for column in stored_columns(contract) if not column.required]
    measured = ["count(*)", *(f"count({quoted(name)})" for name in optional)]
    measured += [f"sum(CAST({quoted(name)} AS DECIMAL(38,6)))" for name in summed]
    row = con.execute(f"SELECT {', '.join(measured)} {where}").fetchone()
    assert row is not None
    delivered, *found = row
    flags, quarantined = _flags(con, where)
    filled = dict(zip(optional, map(int, found), strict=False))
    for column in stored_columns(contract):
        if column.required:
            missing = ("row.structure", f"{column.name}.required", f"{column.name}.type")
            filled[column.name] = int(delivered) - sum(flags.get(rule, 0) for rule in missing)
    sums = {name: Decimal(total or 0) for name, total in zip(summed, found[len(optional) :], strict=True)}
    feature = _broken_feature(con, where) if contract.ingest.format == "geojson" and "row.structure" in flags else None
    return Counts(int(delivered), int(quarantined), flags, filled, sums, feature)


def _flags(con: Connection, where: str) -> tuple[dict[str, int], int]:
    """Return how many rows each rule flags, and how many rows are quarantined."""
    counted = con.execute(
        "WITH flagged AS MATERIALIZED ("
        f"SELECT _violations, _warnings {where} AND (_violations IS NOT NULL OR _warnings IS NOT NULL)) "
        "SELECT rule, count(*) FROM (SELECT unnest(_violations).rule AS rule FROM flagged "
        "UNION ALL SELECT unnest(_warnings) FROM flagged) GROUP BY rule "
        "UNION ALL SELECT NULL, count(_violations) FROM flagged"
    ).fetchall()
    flags = {str(rule): int(n) for rule, n in counted if rule is not None}
    return flags, next(int(n) for rule, n in counted if rule is None)


def _broken_feature(con: Connection, where: str) -> tuple[int, str] | None:
    """What is wrong with a feature is told without its coordinates, so that it may be shown."""
    row = con.execute(
        f"SELECT _line, v.raw FROM (SELECT _line, unnest(_violations) AS v {where}) "
        "WHERE v.\"rule\" = 'row.structure' AND v.raw IS NOT NULL AND _line IS NOT NULL ORDER BY _line LIMIT 1"
    ).fetchone()
    return None if row is None else (int(row[0]), str(row[1]))


def rule_results(
    contract: Contract, rules: tuple[Rule, ...], counts: Counts, not_assessable: dict[str, str]
) -> list[Result]:
    """Return one result per row rule; a share above the rule's tolerance fails it."""
    return [_rule_result(contract, rule, counts, not_assessable) for rule in rules]


def _rule_result(contract: Contract, rule: Rule, counts: Counts, not_assessable: dict[str, str]) -> Result:
    broken = counts.flags.get(rule.id, 0)
    b = _evaluated(rule, counts)
    pct = 100 * broken / counts.delivered if counts.delivered else 0.0
    text = told(f"{_subject(contract, rule)}{kind_text(rule.kind)}", rule.description)
    if counts.feature and rule.kind == "structure":
        text = say("feature_broken", line=counts.feature[0], problem=counts.feature[1])
    if rule.id in not_assessable or b == 0:
        observed = not_assessable.get(rule.id, "")
        return Result(
            rule.id,
            rule.kind,
            rule.columns,
            rule.dimension,
            rule.severity,
            rule.max_pct,
            b,
            broken,
            "not_assessable",
            text,
            observed,
        )
    verdict = "fail" if pct > rule.max_pct else "pass"
    if verdict == "fail":
        share = say("share", rows=broken, delivered=counts.delivered, pct=pct, allowed=rule.max_pct)
        text = f"{text} ({share})"
    return Result(
        rule.id, rule.kind, rule.columns, rule.dimension, rule.severity, rule.max_pct, b, broken, verdict, text
    )


def _subject(contract: Contract, rule: Rule) -> str:
    titles = [contract.column(name).title or name for name in rule.columns]
    return f"{'、'.join(titles)} " if titles else ""


def _evaluated(rule: Rule, counts: Counts) -> int:
    """Elements a rule looks at: every row, or the values that are there (plus those that could not be typed)."""
    if len(rule.columns) != 1 or rule.kind in ("required", "period"):
        return counts.delivered
    column = rule.columns[0]
    there = counts.filled.get(column, counts.delivered)
    return there + counts.flags.get(f"{column}.type", 0) if rule.kind == "type" else there


def quarantine_result(contract: Contract, counts: Counts) -> Result:
    """Return the share of quarantined rows held against the contract's threshold."""
    pct = 100 * counts.quarantined / counts.delivered if counts.delivered else 0.0
    verdict = "fail" if pct > contract.max_invalid_pct else "pass"
    share = say("share", rows=counts.quarantined, delivered=counts.delivered, pct=pct, allowed=contract.max_invalid_pct)
    text = told(kind_text("quarantined"), share)
    return Result(
        "batch.quarantined",
        "quarantined",
        (),
        "0305",
        "error",
        contract.max_invalid_pct,
        counts.delivered,
        counts.quarantined,
        verdict,
        text,
    )


def batch_results(con: Connection, contract: Contract, counts: Counts, batch: str) -> list[Result]:
    """Return one result per batch check of the contract, and `batch.rows` when no row came and none of them allows that."""
    results = [_batch_result(con, contract, check, counts, batch) for check in contract.batch_checks]
    bands = [check for check in contract.batch_checks if check.metric == "rowCount"]
    if counts.delivered == 0 and not bands:
        results.append(_made("batch.rows", "rowCount", (), "error", 0, 1, say("no_rows"), concedable=False))
    return results


def _made(
    rule: str,
    kind: str,
    columns: tuple[str, ...],
    severity: str,
    b: int,
    unexpected: int,
    text: str,
    *,
    concedable: bool = True,
) -> Result:
    verdict = "fail" if unexpected else "pass"
    return Result(
        rule, kind, columns, DIMENSION[kind], severity, None, b, unexpected, verdict, text, concedable=concedable
    )


def _batch_result(con: Connection, contract: Contract, check: BatchCheck, counts: Counts, batch: str) -> Result:
    value = _measure(con, contract, check, counts, batch)
    rule = f"batch.{check.name}"
    if value is None:
        empty = _made(rule, check.metric, check.columns, check.severity, counts.delivered, 0, check.description)
        return replace(empty, verdict="not_assessable")
    low = "-∞" if check.minimum is None else f"{check.minimum:g}"
    high = "∞" if check.maximum is None else f"{check.maximum:g}"
    metric = f"{check.metric}({', '.join(check.columns)})" if check.columns else check.metric
    out = (check.minimum is not None and value < check.minimum) or (check.maximum is not None and value > check.maximum)
    text = told(kind_text(check.metric), say("out_of_band", metric=metric, value=value, low=low, high=high))
    made = _made(rule, check.metric, check.columns, check.severity, counts.delivered, int(out), text)
    return replace(made, observed=f"{value:g}")


def _measure(con: Connection, contract: Contract, check: BatchCheck, counts: Counts, batch: str) -> float | None:
    if check.metric == "rowCount":
        return float(counts.delivered)
    if check.metric == "sql":
        rows = f"(SELECT * FROM {ods_table(contract)} WHERE _batch = {literal(batch)} AND _violations IS NULL)"
        found = con.execute(f"SELECT TRY(({check.query.replace('${table}', rows)}))").fetchone()
        return None if found is None or found[0] is None else float(found[0])
    if not counts.delivered:
        return None
    number = _affected(con, contract, check, counts, batch)
    return 100 * number / counts.delivered if check.unit == "percent" else float(number)


def _affected(con: Connection, contract: Contract, check: BatchCheck, counts: Counts, batch: str) -> int:
    if check.metric in ("nullValues", "missingValues"):
        return counts.delivered - min(counts.filled[name] for name in check.columns)
    if check.metric == "invalidValues":
        return sum(
            counts.flags.get(f"{name}.{kind}", 0)
            for name in check.columns
            for kind in ("type", "range", "pattern", "enum", "code_list", "length")
        )
    keys = ", ".join(quoted(name) for name in check.columns)
    found = con.execute(
        f"SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {ods_table(contract)} "
        f"WHERE _batch = {literal(batch)} GROUP BY {keys} HAVING count(*) > 1)"
    ).fetchone()
    return int(found[0]) if found else 0


def freshness_result(con: Connection, contract: Contract, counts: Counts, batch: str, received_at: str) -> list[Result]:
    """Return how old the newest row was when the delivery arrived, held against the contract's `freshness`."""
    if contract.freshness is None:
        return []
    element, amount, unit = contract.freshness
    column = element.rpartition(".")[2]
    age = f"date_diff('minute', max({quoted(column)})::TIMESTAMPTZ, TIMESTAMPTZ {literal(received_at)})"
    row = con.execute(f"SELECT {age} FROM {ods_table(contract)} WHERE _batch = {literal(batch)}").fetchone()
    allowed = amount * _MINUTES[unit]
    if row is None or row[0] is None:
        return [
            replace(
                _made("batch.freshness", "freshness", (column,), "warning", counts.delivered, 0, ""),
                verdict="not_assessable",
            )
        ]
    late = int(row[0]) > allowed
    text = told(kind_text("freshness"), f"{row[0] / 60:.1f} h > {allowed / 60:.1f} h")
    return [
        replace(
            _made("batch.freshness", "freshness", (column,), "warning", counts.delivered, int(late), text),
            observed=f"{row[0]} min",
        )
    ]


def as_row(result: Result, **shared: Any) -> dict[str, Any]:
    """Return the ledger's row of a result: A elements meet the rule, B were evaluated."""
    return {
        **shared,
        "rule": result.rule,
        "kind": result.kind,
        "columns": ", ".join(result.columns),
        "dimension": result.dimension,
        "severity": result.severity,
        "threshold_pct": result.max_pct,
        "a": max(result.b - result.unexpected, 0),
        "b": result.b,
        "unexpected": result.unexpected,
        "observed": result.observed or None,
        "verdict": result.verdict,
        "gx_unexpected": result.gx_unexpected,
        "agreed": result.agreed,
    }
