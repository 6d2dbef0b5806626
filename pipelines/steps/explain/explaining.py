"""Explain: a published number unfolded to the delivered rows it was made of, and computed again from them alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.city import load_city
from pipelines.contracts.finding import find_table
from pipelines.contracts.model import City, Contract
from pipelines.contracts.model_order import Made
from pipelines.contracts.models import city_models
from pipelines.contracts.serial import from_json
from pipelines.errors import UsageError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection, open_for_reading
from pipelines.lake.making import Making, last_making
from pipelines.lake.pack import create_pack
from pipelines.lake.pseudonym import install_macros, key_of
from pipelines.settings import Settings
from pipelines.steps.explain.behind import collect, located
from pipelines.steps.explain.cell import Cell, find_cell
from pipelines.steps.explain.inputs import input_states, lineage_rows
from pipelines.steps.explain.recompute import recompute_sql, recomputed
from pipelines.steps.transform.state import digest_of
from pipelines.wording import say

MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Explanation:
    """A published row, how it is made and of what. `recomputed` is None where the model's rows do not unfold."""

    table: str
    title: str
    where: str
    key: dict[str, Any]
    published: dict[str, Any]
    recomputed: dict[str, Any] | None
    rows: tuple[dict[str, Any], ...]
    rows_total: int
    formula: dict[str, str]
    sql: str
    snapshot: int | None
    transform: str
    lineage: list[dict[str, str]]
    inputs: list[dict[str, Any]] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the rows give the published numbers, to the last digit; True where they are not asked."""
        return self.recomputed is None or self.recomputed == self.published

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON holds it."""
        return asdict(self) | {"agrees": self.agrees}


def explain(settings: Settings, table: str, where: str, *, limit: int = MOST_ROWS) -> Explanation:
    """Return what the row of a made table that meets a condition is made of, with at most `limit` of the rows behind it.

    All is read at the snapshot at which the table was last made, while that is kept. UsageError: no such table, never
    made, or not exactly one row.
    """
    one = _made(settings, table)
    city = load_city(settings.city)
    making = _making(settings, one)
    at = "" if making.snapshot is None else f"SNAPSHOT_VERSION {making.snapshot}"
    con = open_for_reading(settings, at=at, timezone=city.timezone)
    try:
        pack = create_pack(con, settings, today=_as_of(making, city))
        return _explained(con, settings, pack, one, making, where, limit)
    finally:
        con.close()


def _made(settings: Settings, table: str) -> Made:
    found = find_table(settings, table)
    if isinstance(found, Contract):
        message = f"[explain] {found.id} is delivered, not made: its rows are the departments' own."
        raise UsageError(f"{message} Hint: `rongtong show {found.id}`, or `rongtong quarantine list {found.id}`.")
    return found


def _making(settings: Settings, one: Made) -> Making:
    con = open_for_reading(settings)
    try:
        making = last_making(con, one.name)
    finally:
        con.close()
    if making is None:
        raise UsageError(f"[explain] {one.name} was never made. Hint: `rongtong transform {one.contract.domain}`.")
    return making


def _as_of(making: Making, city: City) -> date:
    """The day the table was made as of, `pack.today`."""
    return making.started_at.astimezone(ZoneInfo(city.timezone)).date()


def _explained(
    con: Connection,
    settings: Settings,
    pack: Mapping[str, str],
    one: Made,
    making: Making,
    where: str,
    limit: int,
) -> Explanation:
    made = {model.name: model for model in city_models(settings).made}
    cell = find_cell(con, one, where)
    notes = _notes(one, pack, making)
    again, rows, total, more = _unfolded(con, settings, one, made, cell, limit)
    return Explanation(
        one.name, one.contract.title, where, cell.key, cell.values, again, rows, total, _formula(one), one.model.sql,
        making.snapshot, making.transform, lineage_rows(one, made), input_states(con, one, made), (*notes, *more),
    )  # fmt: skip


def _unfolded(
    con: Connection, settings: Settings, one: Made, made: dict[str, Made], cell: Cell, limit: int
) -> tuple[dict[str, Any] | None, tuple[dict[str, Any], ...], int, tuple[str, ...]]:
    unfold = one.model.unfold
    if unfold is None:
        return None, (), 0, (say("explain_no_unfold", table=one.name),)
    install_macros(con, key_of(settings))  # what was delivered is read once more, pseudonyms and all
    source = _source(con, settings, unfold.source)
    names = collect(con, source, unfold, cell)
    again = recomputed(con, one, recompute_sql(one, made, names))
    behind = located(con, settings, source, names, limit)
    notes = list(behind.notes)
    if behind.total > len(behind.rows):
        notes.append(say("explain_more_rows", shown=len(behind.rows), total=behind.total))
    return again, tuple(asdict(row) for row in behind.rows), behind.total, tuple(notes)


def _source(con: Connection, settings: Settings, relation: str) -> Contract:
    """The contract of a dataset as it was published last at that snapshot."""
    contract = find_contract(settings, relation)
    known = ledger.latest_contract(con, contract.id)
    return from_json(known[2]) if known else contract


def _notes(one: Made, pack: Mapping[str, str], making: Making) -> list[str]:
    """What is not as it was when the table was made, so that a difference has its reason."""
    notes = []
    if making.snapshot is None:
        notes.append(say("explain_expired", transform=making.transform))
    if making.digest != digest_of(one):
        notes.append(say("explain_other_model", table=one.name, domain=one.contract.domain))
    if any(state != pack.get(name) for name, state in making.inputs.items() if name.startswith("pack.")):
        notes.append(say("explain_other_pack", domain=one.contract.domain))
    return notes


def _formula(one: Made) -> dict[str, str]:
    """What the contract says of each column that is not of the key."""
    return {
        column.name: f"{column.title}：{column.description}" if column.description else column.title
        for column in one.contract.columns
        if column.key_position is None
    }
