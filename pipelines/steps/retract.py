"""Taking a published delivery back: its batch ceases to stand and what it superseded stands again, in one transaction."""

import json
from datetime import UTC, datetime

from pipelines.contracts.model import Contract
from pipelines.errors import UsageError
from pipelines.lake import ledger
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings
from pipelines.steps.find import find_batch
from pipelines.steps.ingest import writer
from pipelines.steps.standing import restand, standing_ids


def retract(
    settings: Settings, contract: Contract, batch_id: str | None, *, reason: str, by: str = "", last: bool = False
) -> dict[str, object]:
    """Return {batch, period, stands_again, snapshot}; UsageError when the batch was refused or is already taken back."""
    con = writer(settings)
    try:
        with write_transaction(con, settings, dataset=contract.id, who=f"retract {contract.id}"):
            batch = find_batch(con, contract.id, batch_id, last=last)
            if batch.verdict == "refused" or batch.is_retracted:
                state = "refused" if batch.verdict == "refused" else "already taken back"
                raise UsageError(f"[retract] {batch.batch_id} is {state}: there is nothing to take back.")
            before = standing_ids(con, contract.id)
            ledger.add(con, "retractions", [{
                "batch_id": batch.batch_id, "dataset": contract.id, "seq": _last_seq(ledger.batches(con, contract.id), batch.delivery),
                "delivery": batch.delivery, "reason": reason, "retracted_by": by or None, "retracted_at": datetime.now(UTC),
            }])  # fmt: skip
            again = sorted(restand(con, contract, before) - before)
            extra = json.dumps(
                {"retracted": batch.batch_id, "reason": reason, "by": by, "stands_again": again}, ensure_ascii=False
            )
            con.execute(
                "CALL city.set_commit_message(?, ?, extra_info => ?)",
                ["rongtong", f"{batch.batch_id} retracted", extra],
            )
        return {
            "batch": batch.batch_id,
            "period": batch.period,
            "stands_again": again,
            "snapshot": ledger.last_snapshot(con),
        }
    finally:
        con.close()


def _last_seq(batches: list[ledger.KnownBatch], delivery: int) -> int:
    """A delivery is taken back under every plan it was read with so far; a later replay makes it stand again."""
    return max(batch.seq for batch in batches if batch.delivery == delivery)
