"""Flags that only the written batch shows: duplicates, keys that stand already, rows outside the period."""

from dataclasses import dataclass

from pipelines.contracts.model import Contract
from pipelines.derive import late
from pipelines.derive.rules import Rule
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.repeated import repeated
from pipelines.lake.transaction import joined_as_written


@dataclass(frozen=True, slots=True)
class Written:
    """A batch whose rows are in `ods`: how many, of which period; `others` are the standing batches whose keys it must not repeat."""

    contract: Contract
    batch: str
    rows: int
    period: str
    zone: str
    others: list[str]


def flag_late(con: Connection, written: Written, rules: tuple[Rule, ...]) -> dict[str, str]:
    """Add to the rows' violations and warnings what reading could not see; returns the rules that could not be assessed, with why."""
    not_assessable: dict[str, str] = {}
    con.execute('CREATE OR REPLACE TEMP TABLE late_breaches (lake_row BIGINT, "column" VARCHAR, "rule" VARCHAR)')
    con.execute('CREATE OR REPLACE TEMP TABLE late_warnings (lake_row BIGINT, "column" VARCHAR, "rule" VARCHAR)')
    for rule in rules:
        if rule.breach or rule.kind == "structure":
            continue
        if rule.kind == "reference":
            not_assessable[rule.id] = f"dwd.{_referenced(written.contract, rule)} is not published yet"
        else:
            _collect(con, written, rule)
    for table, update in (("late_breaches", late.apply_breaches), ("late_warnings", late.apply_warnings)):
        if _holds_rows(con, table):
            con.execute(update(written.contract, written.batch))
    return not_assessable


def _collect(con: Connection, written: Written, rule: Rule) -> None:
    insert = f"INSERT INTO temp.{'late_breaches' if rule.severity == 'error' else 'late_warnings'}"
    contract, batch = written.contract, written.batch
    match rule.kind:
        case "unique":
            if repeated(con, late.key_hashes(contract, rule, batch), written.rows, "duplicate_hashes"):
                con.execute(f"{insert} {late.duplicates(contract, rule, batch)}")
        case "history":
            _collect_history(con, written, rule, insert)
        case "period":
            if written.period:
                outside = late.outside_period(contract, rule, batch, written.period, written.zone)
                con.execute(f"{insert} {outside}")
        case _:
            raise AssertionError(f"no late measure for rule kind {rule.kind}")


def _collect_history(con: Connection, written: Written, rule: Rule, insert: str) -> None:
    if not written.others:
        return
    statement = f"{insert} {late.standing_already(written.contract, rule, written.batch, written.others)}"
    if ledger.delivered(con, written.others) > written.rows:
        con.execute(statement)
    else:
        with joined_as_written(con):
            con.execute(statement)


def _holds_rows(con: Connection, table: str) -> bool:
    found = con.execute(f"SELECT count(*) FROM temp.{table}").fetchone()
    return bool(found and found[0])


def _referenced(contract: Contract, rule: Rule) -> str:
    reference = contract.column(rule.columns[0]).reference
    return reference.table if reference else ""
