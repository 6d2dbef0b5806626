"""Bringing `dwd` to its new value when the standing of batches changed: views follow by themselves, upsert tables are recomputed."""

from pipelines.contracts.model import Contract
from pipelines.derive.late import standing_twice
from pipelines.derive.upsert import drop_touched, insert_winners, repeated_keys, touched_keys
from pipelines.errors import RongtongError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.transaction import joined_as_written


def standing_ids(con: Connection, dataset: str) -> frozenset[str]:
    """Return the ids of the batches that stand now."""
    return frozenset(batch.batch_id for batch in ledger.standing(con, dataset))


def restand(con: Connection, contract: Contract, before: frozenset[str], fresh: str = "") -> frozenset[str]:
    """Recompute what depends on the batches that began or ceased to stand since `before`, inside the open transaction.

    Returns the batches that stand now. `fresh` is the batch just loaded, whose keys were checked while loading. RongtongError when a batch that stands again
    would bring a key that stands elsewhere by now.
    """
    after = standing_ids(con, contract.id)
    if contract.ingest.mode == "upsert":
        _recompute(con, contract, sorted(before ^ after), only_touched=bool(before))
        return after
    again = sorted(after - before - {fresh})
    for columns in _unique_columns(contract) if again else ():
        _must_stand_once(con, contract, columns, again, sorted(after))
    return after


def _recompute(con: Connection, contract: Contract, changed: list[str], *, only_touched: bool) -> None:
    if not changed:
        return
    con.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {touched_keys(contract, changed)}")
    if only_touched:
        con.execute(drop_touched(contract))
    with joined_as_written(con):
        con.execute(insert_winners(contract, only_touched=only_touched))
    repeated = con.execute(repeated_keys(contract)).fetchone()
    if repeated and repeated[0]:
        raise RongtongError(
            f"[key-unique] {contract.id}: {repeated[0]} keys would stand twice in dwd; nothing was committed."
        )
    con.execute("DROP TABLE temp.touched")


def _unique_columns(contract: Contract) -> list[tuple[str, ...]]:
    single = [(column.name,) for column in contract.columns if column.unique and column.name not in contract.key]
    return [*([contract.key] if contract.key else []), *single]


def _must_stand_once(
    con: Connection, contract: Contract, columns: tuple[str, ...], again: list[str], standing: list[str]
) -> None:
    found = con.execute(standing_twice(contract, columns, again, standing)).fetchone()
    if found is None or not found[0]:
        return
    raise RongtongError(
        f"[key-unique] {contract.id}: {', '.join(again)} would stand again, and {found[0]} of its keys ({', '.join(columns)}) "
        f"stand by now in {', '.join(found[1])}; nothing was changed. Hint: take {found[1][0]} back first, then `rongtong replay` it."
    )
