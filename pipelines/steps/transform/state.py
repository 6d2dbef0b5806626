"""In what state a model's inputs are, so that what did not change is not made again."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.contracts.model_order import Made
from pipelines.lake.connection import Connection

# Rows are only ever added to the ledger, so that their number is its state. What transforms write of themselves is left out.
_GROWING = ("deliveries", "batches", "retractions", "waivers", "incidents")


@dataclass(frozen=True, slots=True)
class Standing:
    """The batches of a dataset that stand, in the order of their ids."""

    dataset: str
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of the last making of a model."""

    transform_id: str
    digest: str
    inputs: dict[str, Any]


def last_made(con: Connection) -> dict[str, Known]:
    """Return the last published making of each model, by name."""
    rows = con.execute("SELECT model, transform_id, digest, inputs FROM city.quality.models").fetchall()
    return {str(model): Known(str(made), str(digest), json.loads(inputs)) for model, made, digest, inputs in rows}


def standing(con: Connection) -> dict[str, Standing]:
    """Return what stands of each dataset, by `dwd.<table>`."""
    rows = con.execute(
        "SELECT dataset, list(batch_id ORDER BY batch_id) FROM city.quality.standing GROUP BY dataset"
    ).fetchall()
    return {f"dwd.{str(dataset).rpartition('.')[2]}": Standing(str(dataset), tuple(ids)) for dataset, ids in rows}


def ledger_state(con: Connection, earlier: Sequence[str]) -> str:
    """Return the state of the ledger as models of a domain read it: what the domains made before it did counts.

    What it did itself and what later ones do does not: they would make each other anew for ever.
    """
    counts = " + ".join(f"(SELECT count(*) FROM city.quality.{table})" for table in _GROWING)
    row = con.execute(
        f"SELECT {counts} + (SELECT count(*) FROM city.quality.transforms WHERE domain IN (SELECT unnest(?::VARCHAR[])))",
        [list(earlier)],
    ).fetchone()
    return str(row[0] if row else 0)


def inputs_of(
    one: Made, pack: Mapping[str, str], stands: dict[str, Standing], made: dict[str, str], ledger: str
) -> dict[str, Any]:
    """Return the state of everything a model reads, by relation: batches, the making of another model, a digest of the pack's table."""
    found: dict[str, Any] = {}
    for read in one.reads:
        schema = read.partition(".")[0]
        if schema == "dwd":
            found[read] = _of_batches(one, read, stands)
        elif schema == "pack":
            found[read] = pack.get(read, "")
        else:
            found[read] = ledger if schema == "quality" else made.get(read, "")
    return found


def digest_of(one: Made) -> str:
    """Return what decides how a model is made: its contract and its SELECT."""
    return hashlib.sha256(f"{one.contract.digest}\0{one.model.sql}".encode()).hexdigest()


def _of_batches(one: Made, read: str, stands: dict[str, Standing]) -> Any:
    """The batches themselves where the model is made by parts of this relation, their digest elsewhere."""
    batches = stands[read].batches if read in stands else ()
    if one.model.incremental and one.model.incremental.source == read:
        return list(batches)
    return hashlib.sha256("\n".join(batches).encode()).hexdigest()


def only_changed(before: dict[str, Any], now: dict[str, Any]) -> Iterable[str]:
    """Return the relations whose state is another than before."""
    return [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
