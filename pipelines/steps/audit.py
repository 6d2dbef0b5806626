"""The second measure: Great Expectations counts the same batch inside the open transaction, and the counts are compared."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from pipelines.contracts.model import Contract
from pipelines.derive.agreement import disagreements, flags_that_equal
from pipelines.derive.suite import batch_sql, expectations, strayed
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.sources.landed import Landed
from pipelines.steps.checks import Result
from pipelines.steps.load import Loaded
from pipelines.steps.outcome import TWO_MEASURES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Audit:
    """The results with both measures, the Data Docs page, and what to note."""

    results: list[Result]
    page: Path | None
    notes: tuple[str, ...]
    seconds: dict[str, float]


def audit(con: Connection, settings: Settings, contract: Contract, loaded: Loaded, batch: str, landed: Landed) -> Audit:
    """Return the batch's results with Great Expectations' counts beside SQL's, and the page that shows them.

    Where the two disagree SQL's verdict stands and an alarm is logged and noted; tests and the demo fail on it.
    """
    # Importing Great Expectations costs seconds: only when a batch is measured.
    from pipelines.quality.measure import measure
    from pipelines.quality.pages import render_page

    started = perf_counter()
    suite = expectations(contract, loaded.rules, _strayed(con, contract, loaded, batch))
    rows = batch_sql(contract, batch, all_sound="row.structure" not in loaded.counts.flags)
    measurement = measure(con, rows, suite, name=batch, personal=contract.is_personal)
    by_gx = {measured.rule: measured.unexpected for measured in measurement.results if measured.unexpected is not None}
    table = flags_that_equal(contract, loaded.rules)
    results = [_with_gx(result, by_gx, table, loaded.counts.flags) for result in loaded.results]
    alarms = tuple(f"{TWO_MEASURES}{alarm}" for alarm in disagreements(table, by_gx, loaded.counts.flags))
    for alarm in alarms:
        log.error("%s %s: %s", contract.id, batch, alarm)
    measured_at = perf_counter()
    facts = {"dataset": contract.id, "period": loaded.period, "file": landed.file_name, "sha256": landed.sha256}
    title = f"{contract.title} {loaded.period}"
    page = render_page(measurement, title=title, facts=facts, site=settings.data_docs, dataset=contract.id, batch=batch)
    return Audit(results, page, alarms, {"gx": measured_at - started, "report": perf_counter() - measured_at})


def _strayed(con: Connection, contract: Contract, loaded: Loaded, batch: str) -> frozenset[str]:
    """The columns some of whose values were scrubbed: they are no longer what broke a rule, so its flags are counted."""
    names, query = strayed(contract, loaded.rules, frozenset(loaded.counts.flags), batch)
    found = con.execute(query).fetchone() if names else None
    return frozenset(name for name, holds in zip(names, found or (), strict=True) if holds)


def _with_gx(result: Result, by_gx: dict[str, int], table: dict[str, tuple[str, ...]], flags: dict[str, int]) -> Result:
    counted = by_gx.get(result.rule)
    if counted is None or result.rule not in table:
        return result
    return replace(
        result, gx_unexpected=counted, agreed=counted == sum(flags.get(flag, 0) for flag in table[result.rule])
    )
