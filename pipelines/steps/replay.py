"""Reading landed deliveries again under today's plan: after a mended contract, code list or reference, or to undo a retraction."""

import json
from dataclasses import replace

from pipelines.contracts.model import Contract
from pipelines.derive.periods import NO_PERIOD
from pipelines.errors import SourceError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.sources.landed import Landed
from pipelines.sources.landing import open_landed
from pipelines.steps.find import find_batch
from pipelines.steps.ingest import writer
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.plan import plan_of
from pipelines.steps.publish import publish
from pipelines.steps.record import Request


def replay(settings: Settings, contract: Contract, batch_id: str | None = None, *, run: str = "") -> list[Outcome]:
    """Return the outcomes of publishing a batch's delivery again, or (no batch named) every standing delivery of the dataset.

    A batch named by the user is read again even under the same plan; without a name only what today's plan differs from.
    """
    con = writer(settings)
    try:
        plan = plan_of(settings, contract)
        if batch_id:
            return [_again(con, settings, contract, find_batch(con, contract.id, batch_id), run)]
        stale = [batch for batch in ledger.standing(con, contract.id) if batch.plan_digest != plan.digest]
        return [_again(con, settings, contract, batch, run) for batch in stale]
    finally:
        con.close()


def _again(con: Connection, settings: Settings, contract: Contract, batch: ledger.KnownBatch, run: str) -> Outcome:
    try:
        landed = landed_of(con, settings, contract, batch)
        return publish(con, settings, plan_of(settings, contract), landed, request_again(con, contract, batch, run))
    except RefusedOutcome as refused:
        return refused.outcome
    except SourceError as error:  # its bytes are gone; the others still go on
        name = ledger.file_name(con, contract.id, batch.delivery)
        return Outcome(
            contract.id, name, batch.period, batch.sha256, batch.batch_id, "refused", 0, 0, 0, message=str(error)
        )


def landed_of(con: Connection, settings: Settings, contract: Contract, batch: ledger.KnownBatch) -> Landed:
    """Return the landed bytes of a batch under the name they were delivered by."""
    landed = open_landed(settings.landing, contract.table, batch.sha256, contract)
    return landed.named(ledger.file_name(con, contract.id, batch.delivery))


def request_again(con: Connection, contract: Contract, batch: ledger.KnownBatch, run: str) -> Request:
    """Return the request that publishes a batch's delivery as it was published: same period, same declared numbers, same concession."""
    row = con.execute(
        "SELECT origin, declared FROM city.quality.deliveries WHERE dataset = ? AND delivery = ? LIMIT 1",
        [contract.id, batch.delivery],
    ).fetchone()
    origin, declared = (str(row[0]), json.loads(row[1] or "{}")) if row else ("", {})
    request = Request(
        period=batch.period if batch.period not in ("", NO_PERIOD) else None,
        run=run or f"replay {batch.batch_id}",
        again=True,
    )
    return replace(
        request,
        origin=origin,
        manifest=tuple(sorted(declared.items())),
        accept=batch.accepted_reason or None,
        by=batch.accepted_by or None,
    )
