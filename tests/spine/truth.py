"""What `dwd` must hold, said once more and independently: plain Python over fetched rows of `ods` and the ledger.

Written from the design's sentence, not from the code: the valid rows of the standing batches, combined by the mode.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.names import quoted
from tests.spine.lake import Lake

Row = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """One line of the ledger."""

    batch_id: str
    seq: int
    delivery: int
    period: str
    verdict: str
    delivered: int
    valid: int
    quarantined: int


def fetched(lake: Lake, query: str, values: Iterable[Any] = ()) -> list[Row]:
    """Return rows as dictionaries."""
    cursor = lake.con.execute(query, list(values))
    names = [str(entry[0]) for entry in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def ledger(lake: Lake, contract: Contract) -> list[Batch]:
    """Return the dataset's batches as the ledger tells them."""
    names = ", ".join(Batch.__dataclass_fields__)
    query = f"SELECT {names} FROM quality.batches WHERE dataset = ? ORDER BY seq"
    return [Batch(**row) for row in fetched(lake, query, [contract.id])]


def standing(batches: list[Batch], taken_back: dict[int, int], mode: str) -> list[Batch]:
    """Return the batches that stand, in the order of their deliveries; `taken_back`: delivery → last seq it concerns."""
    newest: dict[int, Batch] = {}
    for batch in sorted(batches, key=lambda b: b.seq):
        if batch.verdict != "refused" and batch.seq > taken_back.get(batch.delivery, 0):
            newest[batch.delivery] = batch
    live = [newest[delivery] for delivery in sorted(newest)]
    if mode == "replace":
        return live[-1:]
    if mode == "replace_period":
        return list({batch.period: batch for batch in live}.values())
    return live


def combined(rows: list[Row], order: dict[str, int], contract: Contract, is_delete: Callable[[Row], bool]) -> list[Row]:
    """Return the rows of the standing batches as the mode combines them; `order`: batch → place among the deliveries."""
    sound = [row for row in rows if row["_batch"] in order and row["_violations"] is None]
    if contract.ingest.mode != "upsert":
        return sound
    by = contract.ingest.order_by
    latest: dict[tuple[Any, ...], Row] = {}

    def age(row: Row) -> tuple[Any, ...]:
        told = row[by] if by else None
        return (told is not None, told if told is not None else 0, order[row["_batch"]], row["_record"])

    for row in sorted(sound, key=age):
        latest[tuple(row[name] for name in contract.key)] = row
    return [row for row in latest.values() if not is_delete(row)]


def _never(row: Row) -> bool:
    return False


def assert_dwd_is_right(lake: Lake, contract: Contract, is_delete: Callable[[Row], bool] = _never) -> None:
    """Hold `dwd`, `ods` and the ledger against each other."""
    batches = ledger(lake, contract)
    if not batches or all(batch.verdict == "refused" for batch in batches):
        assert not _tables(lake, contract), "a refused batch left a table"
        return
    taken = fetched(lake, "SELECT delivery, seq FROM quality.retractions WHERE dataset = ?", [contract.id])
    last: dict[int, int] = {}
    for entry in taken:
        last[entry["delivery"]] = max(last.get(entry["delivery"], 0), entry["seq"])
    rows = fetched(lake, f"SELECT * FROM ods.{quoted(contract.table)}")
    order = {batch.batch_id: place for place, batch in enumerate(standing(batches, last, contract.ingest.mode))}
    names = [column.name for column in contract.columns if column.mask != "drop"]
    wanted = Counter(_values(row, names) for row in combined(rows, order, contract, is_delete))
    found = Counter(_values(row, names) for row in fetched(lake, f"SELECT * FROM dwd.{quoted(contract.table)}"))
    assert found == wanted, f"dwd has {dict(found - wanted)} too much and lacks {dict(wanted - found)}"
    _assert_ledger_is_right(batches, rows)
    assert not [
        b for b in batches if b.batch_id in order and b.delivered and b.batch_id not in {r["_batch"] for r in rows}
    ]
    if contract.key:
        keys = Counter(tuple(row[names.index(name)] for name in contract.key) for row in found.elements())
        twice = {key: n for key, n in keys.items() if n > 1}
        assert not twice, f"keys stand twice in dwd: {twice}"


def _assert_ledger_is_right(batches: list[Batch], rows: list[Row]) -> None:
    ids = [batch.batch_id for batch in batches]
    assert len(ids) == len(set(ids)), f"a batch is in the ledger twice: {ids}"
    assert [batch.seq for batch in batches] == list(range(1, len(batches) + 1))
    in_ods = Counter(row["_batch"] for row in rows)
    unsound = Counter(row["_batch"] for row in rows if row["_violations"] is not None)
    for batch in batches:
        assert batch.delivered == batch.valid + batch.quarantined
        if batch.batch_id in in_ods:  # a rebuild keeps the rows of what it read again alone
            counted = in_ods[batch.batch_id], unsound[batch.batch_id]
            assert counted == (batch.delivered, batch.quarantined), f"{batch} has {counted} rows in ods"
            assert batch.verdict != "refused", f"rows of {batch} in ods"
    assert set(in_ods) <= set(ids), f"rows of unknown batches: {set(in_ods) - set(ids)}"


def _values(row: Row, names: list[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _tables(lake: Lake, contract: Contract) -> list[tuple[Any, ...]]:
    query = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'city' AND table_name LIKE ?"
    return lake.rows(query, [f"%{contract.table}"])
