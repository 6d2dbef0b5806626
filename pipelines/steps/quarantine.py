"""The quarantine as people use it: listed with line numbers and states, exported, waived."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.contracts.serial import from_json
from pipelines.errors import SourceError, UsageError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.transaction import write_transaction
from pipelines.names import quoted
from pipelines.settings import Settings
from pipelines.steps.find import find_batch
from pipelines.steps.ingest import writer
from pipelines.steps.locate import places
from pipelines.steps.plan import plan_of
from pipelines.steps.replay import landed_of

STATES = ("open", "corrected", "waived", "retracted", "superseded")


def rows(
    settings: Settings,
    contract: Contract,
    *,
    state: str | None = None,
    batch: str | None = None,
    con: Connection | None = None,
) -> list[dict[str, Any]]:
    """Return one entry per broken rule: batch, period, file, line, column, rule, raw, state, corrected_by, waived_by, reason.

    Lines are computed now, from the landed bytes; raw is absent for personal columns. The connection must be a writer's.
    """
    if state and state not in STATES:
        raise UsageError(f"[state] '{state}' is not a state. Hint: one of {', '.join(STATES)}.")
    own = con or writer(settings)
    try:
        return [
            entry
            for found in _batches(own, contract, state, batch)
            for entry in _entries(own, settings, contract, *found)
        ]
    finally:
        if con is None:
            own.close()


def _view(contract: Contract) -> str:
    return f"city.quality.{quoted('quarantine__' + contract.table)}"


def _exists(con: Connection, contract: Contract) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'city' AND schema_name = 'quality' AND view_name = ?",
        [f"quarantine__{contract.table}"],
    ).fetchone()
    return bool(found and found[0])


def open_rows(con: Connection, contract: Contract) -> dict[str, int]:
    """Return how many quarantined rows are open, by batch; batches without any are left out."""
    if not _exists(con, contract):
        return {}
    found = con.execute(f"SELECT _batch, count(*) FROM {_view(contract)} WHERE _state = 'open' GROUP BY ALL").fetchall()
    return {str(batch): int(count) for batch, count in found}


def _batches(
    con: Connection, contract: Contract, state: str | None, batch: str | None
) -> list[tuple[str, dict[int, dict[str, Any]]]]:
    if not _exists(con, contract):
        return []
    wanted = "WHERE ($state IS NULL OR _state = $state) AND ($batch IS NULL OR _batch = $batch)"
    found = con.execute(
        f"SELECT _batch, _lake_row, _state, _corrected_by, _waived_by, _waived_reason FROM {_view(contract)} {wanted} ORDER BY _batch, _lake_row",
        {"state": state, "batch": batch},
    ).fetchall()
    grouped: dict[str, dict[int, dict[str, Any]]] = {}
    for batch_id, lake_row, *told in found:
        grouped.setdefault(batch_id, {})[lake_row] = dict(
            zip(("state", "corrected_by", "waived_by", "reason"), told, strict=True)
        )
    return list(grouped.items())


def _entries(
    con: Connection, settings: Settings, contract: Contract, batch_id: str, states: dict[int, dict[str, Any]]
) -> list[dict[str, Any]]:
    batch = find_batch(con, contract.id, batch_id)
    read_under = ledger.contract_of(con, contract.id, batch_id)
    told = from_json(read_under) if read_under else contract
    head = {
        "batch": batch_id,
        "dataset": contract.id,
        "period": batch.period,
        "file": ledger.file_name(con, contract.id, batch.delivery),
    }
    try:
        landed = landed_of(con, settings, told, batch)
        found = places(con, told, plan_of(settings, told).around(batch.period, landed), landed, batch_id)
    except SourceError:  # the bytes are gone by retention: everything but the line is in the lake
        found = places(con, told, None, None, batch_id)
    return [{**head, **asdict(place), **states[place.lake_row]} for place in found if place.lake_row in states]


def waive(
    settings: Settings, contract: Contract, batch_id: str, *, reason: str, by: str, rule: str | None = None
) -> int:
    """Close the open quarantined rows of a batch that nobody will correct; returns how many rows it concerns.

    With `rule`, that rule alone is waived: a row is closed once every rule it breaks is.
    """
    con = writer(settings)
    try:
        with write_transaction(con, settings, dataset=contract.id, who=f"waive {batch_id}"):
            batch = find_batch(con, contract.id, batch_id)
            affected = _open_rows(con, contract, batch, rule)
            if not affected:
                raise UsageError(
                    f"[waive] {batch_id} has no open quarantined rows{f' of rule {rule}' if rule else ''}."
                )
            ledger.add(con, "waivers", [{
                "batch_id": batch_id, "dataset": contract.id, "rule": rule, "reason": reason, "waived_by": by,
                "waived_at": datetime.now(UTC),
            }])  # fmt: skip
            con.execute("CALL city.set_commit_message('rongtong', ?)", [f"{batch_id}: {affected} rows waived by {by}"])
        return affected
    finally:
        con.close()


def _open_rows(con: Connection, contract: Contract, batch: ledger.KnownBatch, rule: str | None) -> int:
    found = con.execute(
        f"SELECT count(*) FROM {_view(contract)} WHERE _batch = $b AND _state = 'open' AND ($r IS NULL OR list_contains(_rules, $r))",
        {"b": batch.batch_id, "r": rule},
    ).fetchone()
    return int(found[0]) if found else 0
