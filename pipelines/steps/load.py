"""Writing one delivery into `ods` inside an open transaction, and measuring what was written. Decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

from pipelines.contracts.model import Contract
from pipelines.derive import late
from pipelines.derive.mapping import Mapping, map_headings
from pipelines.derive.reading import insert_columns, read_sql
from pipelines.derive.rules import Rule, Surroundings, row_rules
from pipelines.derive.tables import ods_table
from pipelines.errors import RongtongError
from pipelines.lake.connection import Connection
from pipelines.lake.faults import damage_is_the_files, stumbling_is_the_readers
from pipelines.names import literal, quoted
from pipelines.sources.landed import BINARY_FORMATS, Landed
from pipelines.sources.reading import Reading, open_reading
from pipelines.steps.checks import (
    Counts,
    Result,
    batch_results,
    count,
    freshness_result,
    quarantine_result,
    rule_results,
)
from pipelines.steps.columns import drift_results, heading_results
from pipelines.steps.flags import Written, flag_late
from pipelines.steps.totals import summed, take_total_rows, total_results
from pipelines.wording import kind_text, say


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be loaded: a landed delivery, under which surroundings, as which batch.

    `exact`: the fast reader is not asked. `others` gives, for a period, the standing batches whose keys this one must not repeat.
    """

    contract: Contract
    landed: Landed
    around: Surroundings
    batch: str
    period: str
    received_at: str
    others: Callable[[str], list[str]] = lambda period: []
    manifest: dict[str, str] = field(default_factory=dict)
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was written and measured; `seconds` by part."""

    period: str
    counts: Counts
    rules: tuple[Rule, ...]
    results: list[Result]
    mapping: Mapping | None
    seconds: dict[str, float]
    notes: tuple[str, ...] = ()


def load(con: Connection, task: Task) -> Loaded:
    """Write the delivery's rows as the batch and measure them; SourceError when the file cannot be read at all."""
    started = perf_counter()
    reading = open_reading(con, task.contract, task.landed)
    reading = reading.exactly() if task.exact else reading
    mapping = map_headings(task.contract, reading.headings)
    broken = heading_results(task.contract, mapping, reading.headings)
    task = replace(task, around=replace(task.around, references=assessable_references(con, task.contract)))
    rules = row_rules(task.contract, task.around)
    if broken:
        return Loaded(task.period, Counts(0, 0, {}, {}), rules, broken, mapping, {})
    reading, rows = _write(con, task, reading, mapping, rules)
    seconds = {"write": perf_counter() - started}
    declared = take_total_rows(con, task.contract, task.batch)
    period = task.period or _period_of_rows(con, task)
    started = perf_counter()
    written = Written(task.contract, task.batch, rows, period, task.around.zone, task.others(period))
    not_assessable = flag_late(con, written, rules)
    seconds["keys"] = perf_counter() - started
    started = perf_counter()
    counts = count(con, task.contract, task.batch, summed(task.contract, task.manifest))
    results = rule_results(task.contract, rules, counts, not_assessable)
    results.append(quarantine_result(task.contract, counts))
    results += batch_results(con, task.contract, counts, task.batch)
    results += freshness_result(con, task.contract, counts, task.batch, task.received_at)
    results += total_results(task.contract, counts, declared, task.manifest)
    results += drift_results(con, mapping, reading.relation, counts.delivered)
    reading.close()  # a connection publishes many deliveries, and a workbook is held whole
    results += _period_result(task, period)
    seconds["count"] = perf_counter() - started
    return Loaded(period, counts, rules, results, mapping, seconds, reading.notes())


def _write(
    con: Connection, task: Task, reading: Reading, mapping: Mapping, rules: tuple[Rule, ...]
) -> tuple[Reading, int]:
    """Insert every row; when lines are not accounted for, take them out again and read with the exact record reader.

    Returns the reading that told all rows, and how many it gave.
    """
    inserted = _insert(con, task, reading, mapping, rules)
    if _unaccounted(con, task, reading, inserted) == 0:
        return reading, inserted
    if reading.exact:
        raise RongtongError(
            f"[accounted] {task.landed.file_name}: {kind_text('accounted')}. Nothing was published; this is our fault."
        )
    con.execute(f"DELETE FROM {ods_table(task.contract)} WHERE _batch = {literal(task.batch)}")
    return _write(con, task, reading.exactly(), mapping, rules)


def _insert(con: Connection, task: Task, reading: Reading, mapping: Mapping, rules: tuple[Rule, ...]) -> int:
    select = read_sql(
        task.contract, mapping, rules, task.around, relation=reading.relation, types=reading.types, batch=task.batch,
        exact=reading.exact, numbered=task.contract.ingest.mode == "upsert",
    )  # fmt: skip
    target = f"INSERT INTO {ods_table(task.contract)} ({insert_columns(task.contract)})"
    binary = task.contract.ingest.format in BINARY_FORMATS
    with damage_is_the_files(task.landed.file_name) if binary else stumbling_is_the_readers():
        row = con.execute(f"{target}\n{select}").fetchone()
    assert row is not None
    _insert_rejects(con, task, reading)
    return int(row[0])


def _insert_rejects(con: Connection, task: Task, reading: Reading) -> None:
    rejects = reading.rejects()
    for start in range(0, len(rejects), 1000):
        part = rejects[start : start + 1000]
        values = ", ".join(
            f"({literal(task.batch)}, {reject.line}, [{{'column': '', 'rule': 'row.structure', 'raw': {literal(reject.reason)}}}])"
            for reject in part
        )
        con.execute(f"INSERT INTO {ods_table(task.contract)} (_batch, _line, _violations) VALUES {values}")


def _unaccounted(con: Connection, task: Task, reading: Reading, inserted: int) -> int:
    return reading.unaccounted(inserted, lambda: _newlines_inside(con, reading))


def _newlines_inside(con: Connection, reading: Reading) -> int:
    row = con.execute(f"SELECT coalesce(sum({reading.line_breaks()}), 0) FROM {reading.relation}").fetchone()
    return int(row[0]) if row else 0


def _period_of_rows(con: Connection, task: Task) -> str:
    if not task.contract.ingest.period.column:
        return task.period
    row = con.execute(late.period_counts(task.contract, task.batch, task.around.zone)).fetchone()
    return str(row[0]) if row else ""


def _period_result(task: Task, period: str) -> list[Result]:
    if not task.contract.ingest.period.column or period:
        return []
    text = say("period_of_rows", column=task.contract.ingest.period.column)
    return [Result("batch.period", "period", (), "0501", "error", None, 1, 1, "fail", text, concedable=False)]


def assessable_references(con: Connection, contract: Contract) -> frozenset[str]:
    """Return the columns whose referenced dataset has published rows to hold them against."""
    return frozenset(
        column.name
        for column in contract.columns
        if column.reference and _has_rows(con, column.reference.table, column.reference.column)
    )


def _has_rows(con: Connection, table: str, column: str) -> bool:
    there = con.execute(
        "SELECT count(*) FROM duckdb_columns() WHERE database_name = 'city' AND schema_name = 'dwd' AND table_name = ? AND column_name = ?",
        [table, column],
    ).fetchone()
    if not there or not there[0]:
        return False
    return con.execute(f"SELECT 1 FROM city.dwd.{quoted(table)} LIMIT 1").fetchone() is not None
