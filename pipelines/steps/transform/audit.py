"""The two measures of a model's table before it is published: SQL's counts, and Great Expectations' of the same rows."""

import logging
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pipelines.contracts.codelists import load_code_list
from pipelines.contracts.model import BatchCheck, City
from pipelines.contracts.model_order import Made
from pipelines.derive.agreement import disagreements
from pipelines.derive.model_suite import model_expectations, model_rules
from pipelines.derive.model_tables import model_table
from pipelines.derive.rules import Rule
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.steps.checks import Result
from pipelines.steps.outcome import TWO_MEASURES
from pipelines.steps.transform.breaches import Fresh, measure_breaches
from pipelines.steps.transform.outcome import Audited

log = logging.getLogger(__name__)


def audit_model(
    con: Connection, settings: Settings, city: City, one: Made, name: str, fresh: Fresh | None = None
) -> Audited:
    """Return the results of a model's rules on its table as the open transaction has it, and the page that shows them.

    `fresh`: the rows that were made anew, where the others are as they were published; both measures are of these alone
    where that says the same of the table.
    """
    # Importing Great Expectations costs seconds: only when a table is measured.
    from pipelines.quality.measure import measure
    from pipelines.quality.pages import render_page

    contract = one.contract
    rules = _rules(settings, city, one)
    counted = measure_breaches(con, one, rules, fresh)
    rows, flags = counted.rows, counted.broken
    listed = f"SELECT * FROM {counted.relation}"
    measurement = measure(con, listed, model_expectations(contract, rules), name=name, personal=contract.is_personal)
    by_gx = {measured.rule: measured.unexpected for measured in measurement.results if measured.unexpected is not None}
    results = [_result(rule, rows, flags[rule.id], by_gx.get(rule.id)) for rule in rules]
    results += [_bounded(con, one, check, rows) for check in contract.batch_checks]
    alarms = tuple(disagreements({rule.id: (rule.id,) for rule in rules}, by_gx, flags))
    for alarm in alarms:
        log.error("%s: %s%s", one.name, TWO_MEASURES, alarm)
    page = render_page(
        measurement,
        title=contract.title,
        facts={"model": one.name},
        site=settings.data_docs,
        dataset=contract.id,
        batch=name,
    )
    return Audited(tuple(results), str(page), alarms)


def _rules(settings: Settings, city: City, one: Made) -> tuple[Rule, ...]:
    names = {column.code_list for column in one.contract.columns if column.code_list}
    code_lists = {name: load_code_list(settings.schemas, name) for name in sorted(names)}
    today = datetime.now(ZoneInfo(city.timezone)).date().isoformat()
    return model_rules(one.contract, code_lists, city.timezone, today)


def _result(rule: Rule, rows: int, broken: int, by_gx: int | None) -> Result:
    """A rule within its tolerance passes; the tolerance is a share of the table's rows."""
    allowed = rows * (rule.max_pct or 0.0) / 100
    verdict = "fail" if broken > allowed else "pass"
    text = (
        f"[{rule.id}] {broken} of {rows} rows break it{f': {rule.description}' if rule.description else ''}"
        if broken
        else ""
    )
    made = Result(
        rule.id, rule.kind, rule.columns, rule.dimension, rule.severity, rule.max_pct, rows, broken, verdict, text
    )
    return replace(made, gx_unexpected=by_gx, agreed=None if by_gx is None else by_gx == broken)


def _bounded(con: Connection, one: Made, check: BatchCheck, rows: int) -> Result:
    """A measure of the whole table against its bounds."""
    value = _measured(con, one, check, rows)
    made = Result(
        f"batch.{check.name}", check.metric, check.columns, "0202", check.severity, None, rows, 0, "not_assessable"
    )
    if value is None:
        return made
    out = (check.minimum is not None and value < check.minimum) or (check.maximum is not None and value > check.maximum)
    text = f"[batch.{check.name}] {check.description or check.metric}: {value:g}, allowed {_bound(check.minimum)} to {_bound(check.maximum)}"
    verdict = "fail" if out else "pass"
    return replace(made, unexpected=int(out), verdict=verdict, text=text if out else "", observed=f"{value:g}")


def _bound(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def _measured(con: Connection, one: Made, check: BatchCheck, rows: int) -> float | None:
    table = model_table(one.contract)
    if check.metric == "rowCount":
        return float(rows)
    if check.metric == "sql":
        query = f"SELECT TRY(({check.query.replace('${table}', table)}))"
    elif check.metric in ("nullValues", "missingValues"):
        query = f'SELECT count(*) - count("{check.columns[0]}") FROM {table}'
    else:
        return None
    row = con.execute(query).fetchone()
    if row is None or row[0] is None:
        return None
    return 100 * float(row[0]) / rows if check.unit == "percent" and rows else float(row[0])
