"""Bringing `dwd` to its new value when the standing of batches changed: views follow by themselves, upsert tables are recomputed."""

from pipelines.contracts.model import Contract
from pipelines.derive.upsert import drop_touched, insert_winners, repeated_keys, touched_keys
from pipelines.errors import RongtongError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection


def standing_ids(con: Connection, dataset: str) -> frozenset[str]:
    """Return the ids of the batches that stand now."""
    return frozenset(batch.batch_id for batch in ledger.standing(con, dataset))


def restand(con: Connection, contract: Contract, before: frozenset[str]) -> None:
    """Recompute what depends on the batches that began or ceased to stand since `before`, inside the open transaction."""
    if contract.ingest.mode != "upsert":
        return
    changed = sorted(before ^ standing_ids(con, contract.id))
    if not changed:
        return
    con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {touched_keys(contract, changed)}")
    if before:
        con.execute(drop_touched(contract))
    con.execute(insert_winners(contract, only_touched=bool(before)))
    repeated = con.execute(repeated_keys(contract)).fetchone()
    if repeated and repeated[0]:
        raise RongtongError(
            f"[key-unique] {contract.id}: {repeated[0]} keys would stand twice in dwd; nothing was committed."
        )
    con.execute("DROP TABLE temp.touched")
