"""Finding a batch by what the user wrote: a batch id, a dataset's last one."""

from pipelines.errors import UsageError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.ledger import KnownBatch


def find_batch(con: Connection, dataset: str, batch_id: str | None, *, last: bool = False) -> KnownBatch:
    """Return a batch of a dataset by its id, or the newest that stands; UsageError listing what there is."""
    known = ledger.batches(con, dataset)
    if last:
        standing = [batch for batch in known if batch.stands]
        if not standing:
            raise UsageError(f"[batch] no batch of {dataset} stands. Hint: `rongtong batches {dataset}`.")
        return max(standing, key=lambda batch: batch.seq)
    for batch in known:
        if batch.batch_id == batch_id:
            return batch
    have = ", ".join(batch.batch_id for batch in known[-5:]) or "none"
    raise UsageError(
        f"[batch] {dataset} has no batch '{batch_id}' (last ones: {have}). Hint: `rongtong batches {dataset}`."
    )
