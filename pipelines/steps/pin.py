"""Pinning a snapshot under a name, so that a published number can always be read again."""

from datetime import UTC, datetime

from pipelines.errors import UsageError
from pipelines.lake import ledger
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings
from pipelines.steps.ingest import writer


def pin(settings: Settings, snapshot: int, name: str, *, by: str = "") -> dict[str, object]:
    """Return {name, snapshot}; UsageError when the snapshot is not there or the name could be read as a snapshot id."""
    if name.strip().isdigit() or not name.strip():
        raise UsageError(f"[pin] '{name}' cannot be told from a snapshot id. Hint: use a word.")
    con = writer(settings)
    try:
        with write_transaction(con, settings, dataset=None, who=f"pin {name}"):
            found = con.execute("SELECT count(*), min(snapshot_id), max(snapshot_id) FROM city.snapshots()").fetchone()
            kept = con.execute("SELECT count(*) FROM city.snapshots() WHERE snapshot_id = ?", [snapshot]).fetchone()
            if not kept or not kept[0]:
                have = f"{found[0]} snapshots are kept, from {found[1]} to {found[2]}" if found else "none is kept"
                raise UsageError(
                    f'[pin] there is no snapshot {snapshot}: {have}. Hint: `rongtong sql "from city.snapshots()"`.'
                )
            ledger.add(
                con,
                "pins",
                [{"name": name, "snapshot_id": snapshot, "pinned_by": by or None, "pinned_at": datetime.now(UTC)}],
            )
            con.execute("CALL city.set_commit_message('rongtong', ?)", [f"pin {name} → {snapshot}"])
        return {"name": name, "snapshot": snapshot}
    finally:
        con.close()
