"""What the ledger is told of a transform, inside the open transaction; of a refused one in a transaction of its own."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipelines.contracts.model_order import Made
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.steps.checks import Result, as_row
from pipelines.steps.record import peak_memory_mb, record_contract
from pipelines.steps.transform.outcome import DomainOutcome, ModelOutcome
from pipelines.steps.transform.state import Known, digest_of


@dataclass(frozen=True, slots=True)
class Work:
    """One transform of one domain under way; `pack` has a digest of each table of the city pack, `earlier` the domains before it."""

    domain: str
    run: str
    started: datetime
    clock: float
    pack: Mapping[str, str]
    earlier: tuple[str, ...] = ()


def record_model(
    con: Connection,
    work: Work,
    transform_id: str,
    seq: int,
    one: Made,
    inputs: dict[str, Any],
    outcome: ModelOutcome,
    before: Known | None,
) -> None:
    """Write down a model's making and, unless it was made of the same contract and SELECT `before`, these and its lineage."""
    digest = digest_of(one)
    if before is None or before.digest != digest:
        _record_lineage(con, one)
        record_contract(con, one.contract)
    ledger.add(con, "transforms", [{
        **_shared(work, transform_id, seq, outcome), "digest": digest, "inputs": json.dumps(inputs, ensure_ascii=False),
        "verdict": "published", "message": None,
    }])  # fmt: skip


def record_refusal(con: Connection, work: Work, outcome: DomainOutcome) -> None:
    """Write down which models were refused and why."""
    seq = int(outcome.transform.rpartition("-t")[2])
    ledger.add(con, "transforms", [
        {**_shared(work, outcome.transform, seq, one), "digest": None, "inputs": None, "verdict": "refused", "message": "\n".join(one.reasons)}
        for one in outcome.models if one.reasons
    ])  # fmt: skip
    con.execute("CALL city.set_commit_message('rongtong', ?)", [f"{outcome.transform} refused"])


def record_checks(con: Connection, one: Made, name: str, results: Sequence[Result]) -> None:
    """Write down both measures of a model's rules."""
    shared = {"dataset": one.contract.id, "period": "", "batch_id": name, "checked_at": datetime.now(UTC)}
    ledger.add(con, "check_results", [as_row(result, **shared) for result in results])


def say_commit(con: Connection, work: Work, transform_id: str, outcomes: Sequence[ModelOutcome]) -> None:
    """Set the commit message: what was made, how many rows, and at what cost."""
    made = {
        one.model: {"made": one.made, "rows": one.rows, "written": one.written}
        for one in outcomes
        if one.made != "unchanged"
    }
    extra = {
        "run": work.run, "transform": transform_id, "models": made, "seconds": round(time.perf_counter() - work.clock, 3),
        "peak_memory_mb": peak_memory_mb(),
    }  # fmt: skip
    con.execute(
        "CALL city.set_commit_message('rongtong', ?, extra_info => ?)",
        [f"{transform_id} published", json.dumps(extra, ensure_ascii=False)],
    )


def _shared(work: Work, transform_id: str, seq: int, outcome: ModelOutcome) -> dict[str, Any]:
    return {
        "transform_id": transform_id, "seq": seq, "domain": work.domain, "model": outcome.model, "made": outcome.made,
        "partitions": outcome.partitions, "rows": outcome.rows, "written": outcome.written, "run": work.run, "started_at": work.started,
        "finished_at": datetime.now(UTC), "seconds": outcome.seconds, "cpu_seconds": outcome.cpu_seconds, "peak_memory_mb": peak_memory_mb(),
    }  # fmt: skip


def _record_lineage(con: Connection, one: Made) -> None:
    digest = digest_of(one)
    row = con.execute(
        "SELECT count(*) FROM city.quality.lineage WHERE model = ? AND digest = ?", [one.name, digest]
    ).fetchone()
    if row and row[0]:
        return
    now = datetime.now(UTC)
    ledger.add(con, "lineage", [
        {"model": one.name, "digest": digest, "column_name": column, "source": source, "source_column": origin, "recorded_at": now}
        for column, source, origin in one.lineage
    ])  # fmt: skip
