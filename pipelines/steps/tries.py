"""What earlier tries of a run have brought about and could not tell any more: killed, or ended by a lock or a disk, after a commit."""

from collections.abc import Sequence
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.lake.connection import lake_exists, open_for_reading
from pipelines.lake.making import SHOWN
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows
from pipelines.steps.outcome import Outcome

_MADE = f"""
SELECT t.model, t.transform_id, s.snapshot_id, t."rows", t.made
FROM quality.transforms t LEFT JOIN ({SHOWN}) s USING (transform_id)
WHERE t.run = ? AND t.verdict = 'published' ORDER BY t.finished_at"""


def batches_of(settings: Settings, contract: Contract, run: str) -> list[Outcome]:
    """Return what this run's batches of a dataset came to, as the ledger has it: without reasons, examples and notes."""
    return [
        Outcome(
            contract.id, row["file"], row["period"], row["sha256"], row["batch"], row["verdict"], row["delivered"], row["valid"],
            row["quarantined"], snapshot=row["snapshot"], report=_page(settings, contract, row["batch"]), message=row["message"] or "",
        )
        for row in batch_rows(settings, contract.id) if row["run"] == run
    ]  # fmt: skip


def told_together(earlier: Sequence[Outcome], now: Sequence[Outcome]) -> list[Outcome]:
    """Return what all tries came to: a delivery that an earlier one published is no repetition, one refused again is told once."""
    known = {outcome.batch for outcome in earlier}
    fresh = [outcome for outcome in now if outcome.verdict != "already_published" or outcome.batch not in known]
    again = {outcome.sha256 for outcome in fresh if outcome.verdict == "refused"}
    return [outcome for outcome in earlier if outcome.verdict != "refused" or outcome.sha256 not in again] + fresh


def models_of(settings: Settings, run: str) -> dict[str, dict[str, Any]]:
    """Return what this run made: by model, what its asset event says (`model`, `transform`, `snapshot`, `rows`, `made`).

    A run makes its own domain's models, and before them those of domains that it reads and that were never made.
    """
    if not lake_exists(settings):
        return {}
    con = open_for_reading(settings)
    try:
        rows = con.execute(_MADE, [run]).fetchall()
    finally:
        con.close()
    return {
        str(model): {"model": model, "transform": transform, "snapshot": snapshot, "rows": count, "made": made}
        for model, transform, snapshot, count, made in rows
    }


def _page(settings: Settings, contract: Contract, batch: str) -> str:
    page = settings.data_docs / contract.table / f"{batch}.html"
    return str(page) if page.is_file() else ""
