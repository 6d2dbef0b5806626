"""One attempt at one delivery, and its record in the ledger."""

import json
import resource
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.contracts.serial import to_json
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.sources.landed import Landed
from pipelines.steps.audit import Audit
from pipelines.steps.checks import as_row
from pipelines.steps.load import Loaded
from pipelines.steps.outcome import Outcome
from pipelines.steps.plan import Plan


@dataclass(frozen=True, slots=True)
class Request:
    """How a delivery is to be published. `keep` False: everything is done and rolled back (`check`).

    `exact`: read text with the exact reader from the start, since the fast one stumbled over it.
    `again`: publish even what was taken back or published already under this plan (`replay`). `look` is shown every
    batch that was written and measured, before its transaction ends.
    """

    period: str | None = None
    accept: str | None = None
    by: str | None = None
    run: str = ""
    origin: str = ""
    keep: bool = True
    again: bool = False
    exact: bool = False
    report: bool = True
    manifest: tuple[tuple[str, str], ...] = ()
    look: "Look | None" = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one delivery, with its place in the ledger; `known` is the ledger as the transaction found it."""

    contract: Contract
    landed: Landed
    plan: Plan
    request: Request
    batch: str
    seq: int
    delivery: int
    is_new_delivery: bool
    period: str
    started: datetime
    clock: float
    known: tuple[ledger.KnownBatch, ...] = ()


Look = Callable[[Connection, Attempt, Loaded], None]


def record(con: Connection, attempt: Attempt, audited: Audit, outcome: Outcome) -> None:
    """Write the batch, its delivery, its results and its contract into the ledger, and the commit message, inside the open transaction."""
    contract, landed, request = attempt.contract, attempt.landed, attempt.request
    shared: dict[str, Any] = {"dataset": contract.id, "period": outcome.period}
    if attempt.is_new_delivery:
        ledger.add(con, "deliveries", [{
            **shared, "delivery": attempt.delivery, "sha256": landed.sha256, "file_name": landed.file_name, "origin": request.origin,
            "size_bytes": landed.size, "encoding": landed.encoding, "physical_lines": landed.counts.lines,
            "declared": json.dumps(dict(request.manifest), ensure_ascii=False), "received_at": attempt.started,
        }])  # fmt: skip
    if outcome.verdict != "refused":  # a contract under which nothing was ever published binds nobody
        record_contract(con, contract)
    now = datetime.now(UTC)
    ledger.add(con, "batches", [{
        **shared, "batch_id": attempt.batch, "seq": attempt.seq, "delivery": attempt.delivery, "sha256": landed.sha256,
        "mode": contract.ingest.mode, "plan_digest": attempt.plan.digest, "contract_version": contract.version, "verdict": outcome.verdict,
        "delivered": outcome.delivered, "valid": outcome.valid, "quarantined": outcome.quarantined,
        "accepted_by": request.by if outcome.verdict == "conceded" else None,
        "accepted_reason": request.accept if outcome.verdict == "conceded" else None, "message": outcome.message, "run": request.run,
        "started_at": attempt.started, "finished_at": now, "seconds": round(perf_counter() - attempt.clock, 3),
        "size_bytes": landed.size, "peak_memory_mb": peak_memory_mb(),
    }])  # fmt: skip
    checked = {**shared, "batch_id": attempt.batch, "checked_at": now}
    ledger.add(con, "check_results", [as_row(result, **checked) for result in audited.results])
    con.execute("CALL city.set_commit_message(?, ?, extra_info => ?)", _message(attempt, outcome))


def record_contract(con: Connection, contract: Contract) -> None:
    """Write down that the dataset stands under this contract now, unless the ledger says so already."""
    known = ledger.latest_contract(con, contract.id)
    if known is None or known[1] != contract.digest:
        ledger.add(con, "contract_versions", [{
            "dataset": contract.id, "version": contract.version, "digest": contract.digest, "contract": to_json(contract),
            "recorded_at": datetime.now(UTC),
        }])  # fmt: skip


def peak_memory_mb() -> float:
    """Return the most memory this process ever held, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _message(attempt: Attempt, outcome: Outcome) -> list[str]:
    extra = {
        "run": attempt.request.run, "dataset": outcome.dataset, "batch": outcome.batch, "period": outcome.period, "verdict": outcome.verdict,
        "delivered": outcome.delivered, "valid": outcome.valid, "quarantined": outcome.quarantined,
        "seconds": round(perf_counter() - attempt.clock, 3), "bytes": attempt.landed.size, "peak_memory_mb": peak_memory_mb(),
    }  # fmt: skip
    return ["rongtong", f"{outcome.batch} {outcome.period} {outcome.verdict}", json.dumps(extra, ensure_ascii=False)]
