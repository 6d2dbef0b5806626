"""Reading and writing the ledger (`quality.*`). Rows are only ever added; what stands is derived from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.lake.connection import Connection
from pipelines.names import quoted


@dataclass(frozen=True, slots=True)
class KnownBatch:
    """A batch as the ledger tells it now."""

    batch_id: str
    seq: int
    delivery: int
    period: str
    sha256: str
    plan_digest: str
    contract_version: str
    verdict: str
    accepted_by: str | None
    accepted_reason: str | None
    is_retracted: bool
    stands: bool


_KNOWN = "batch_id, seq, delivery, period, sha256, plan_digest, contract_version, verdict, accepted_by, accepted_reason, is_retracted, stands"


def batches(con: Connection, dataset: str) -> list[KnownBatch]:
    """Return every batch of a dataset, oldest first."""
    rows = con.execute(
        f"SELECT {_KNOWN} FROM city.quality.batch_state WHERE dataset = ? ORDER BY seq", [dataset]
    ).fetchall()
    return [KnownBatch(*row) for row in rows]


def standing(con: Connection, dataset: str) -> list[KnownBatch]:
    """Return the batches of a dataset that stand now, in the order of their deliveries."""
    return sorted(
        (batch for batch in batches(con, dataset) if batch.stands), key=lambda batch: (batch.delivery, batch.seq)
    )


def retraction_reason(con: Connection, dataset: str, delivery: int) -> str:
    """Return why a delivery was last taken back."""
    row = con.execute(
        "SELECT arg_max(reason, retracted_at) FROM city.quality.retractions WHERE dataset = ? AND delivery = ?",
        [dataset, delivery],
    ).fetchone()
    return str(row[0]) if row and row[0] else ""


def add(con: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows (same keys in each) into `quality.<table>` with one statement."""
    if not rows:
        return
    names = list(rows[0])
    one = "(" + ", ".join("?" for _ in names) + ")"
    values = [row[name] for row in rows for name in names]
    columns = ", ".join(quoted(name) for name in names)
    con.execute(f"INSERT INTO city.quality.{table} ({columns}) VALUES {', '.join([one] * len(rows))}", values)


def latest_contract(con: Connection, dataset: str) -> tuple[str, str, str] | None:
    """Return (version, digest, contract JSON) of the contract last published with, or None."""
    row = con.execute(
        "SELECT version, digest, contract FROM city.quality.contract_versions WHERE dataset = ? ORDER BY recorded_at DESC LIMIT 1",
        [dataset],
    ).fetchone()
    return None if row is None else (str(row[0]), str(row[1]), str(row[2]))


def latest_digests(con: Connection) -> dict[str, str]:
    """Return the digest of the contract that each dataset and model was last published with."""
    rows = con.execute(
        "SELECT dataset, arg_max(digest, recorded_at) FROM city.quality.contract_versions GROUP BY dataset"
    ).fetchall()
    return {str(dataset): str(digest) for dataset, digest in rows}


def contract_of(con: Connection, dataset: str, batch_id: str) -> str | None:
    """Return the contract (JSON) a batch was read under, or None for a batch that was refused before anything was published."""
    row = con.execute(
        "SELECT arg_max(v.contract, v.recorded_at) FROM city.quality.contract_versions v "
        "JOIN city.quality.batches b ON b.dataset = v.dataset AND v.recorded_at <= b.finished_at WHERE b.dataset = ? AND b.batch_id = ?",
        [dataset, batch_id],
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def delivered(con: Connection, batch_ids: Sequence[str]) -> int:
    """Return how many rows these batches delivered together."""
    row = con.execute(
        "SELECT sum(delivered) FROM city.quality.batches WHERE list_contains(?, batch_id)", [list(batch_ids)]
    ).fetchone()
    return int(row[0]) if row and row[0] else 0


def file_name(con: Connection, dataset: str, delivery: int) -> str:
    """Return the name under which a delivery came."""
    row = con.execute(
        "SELECT any_value(file_name) FROM city.quality.deliveries WHERE dataset = ? AND delivery = ?",
        [dataset, delivery],
    ).fetchone()
    return str(row[0]) if row and row[0] else ""


def last_snapshot(con: Connection) -> int | None:
    """Return the snapshot this connection committed last."""
    row = con.execute("SELECT * FROM city.last_committed_snapshot()").fetchone()
    return None if row is None or row[0] is None else int(row[0])


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the ledger knows of a dataset's period: whether a batch of it was published and not taken back, and when last."""

    dataset: str
    period: str
    live: bool
    last_at: datetime


def delivered_periods(con: Connection) -> list[Delivered]:
    """Return every period of every dataset that a delivery came for, refused and retracted ones with `live` False."""
    rows = con.execute(
        "SELECT dataset, period, bool_or(verdict <> 'refused' AND NOT is_retracted), max(finished_at) "
        "FROM city.quality.batch_state GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [Delivered(*row) for row in rows]
