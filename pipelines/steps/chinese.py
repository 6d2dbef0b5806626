"""Keeping the Chinese views of a table as its contract names them, inside the transaction that publishes it."""

from collections.abc import Iterable

from pipelines.contracts.model import Contract
from pipelines.derive.chinese import SCHEMAS, create_schema, create_view, drop_view, mark_of, name_of
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.steps.tables import comment


def names_fit(con: Connection, contract: Contract) -> bool:
    """Whether the views are there and were made of this contract: then publishing needs no DDL for them."""
    known = ledger.latest_contract(con, contract.id)
    return known is not None and known[1] == contract.digest and _views_are_there(con, contract)


def all_names_fit(con: Connection, contracts: Iterable[Contract]) -> bool:
    """Whether the names of all these fit, which asks the ledger once."""
    known = ledger.latest_digests(con)
    return all(known.get(one.id) == one.digest and _views_are_there(con, one) for one in contracts)


def _views_are_there(con: Connection, contract: Contract) -> bool:
    return all(_views(con, contract, layer)[0] for layer in _layers(contract))


def fit_names(con: Connection, contract: Contract, *, anew: bool = False) -> None:
    """Bring views and comments to the contract's names, unless they are; a view under an earlier title goes."""
    if not anew and names_fit(con, contract):
        return
    if contract.model is None:
        comment(con, contract)
    for layer in _layers(contract):
        con.execute(create_schema(layer))
        own, others = _views(con, contract, layer)
        name = name_of(contract, taken=(contract.title or contract.table).casefold() in others)
        for statement in (*(drop_view(layer, old) for old in own if old != name), *create_view(contract, layer, name)):
            con.execute(statement)


def _layers(contract: Contract) -> tuple[str, ...]:
    return ("ods", "dwd") if contract.model is None else (contract.layer,)


def _views(con: Connection, contract: Contract, layer: str) -> tuple[list[str], set[str]]:
    """The names of the dataset's views in a layer, and those that are other datasets'."""
    rows = con.execute(
        "SELECT view_name, starts_with(coalesce(comment, ''), ?) FROM duckdb_views() WHERE database_name = 'city' AND schema_name = ?",
        [mark_of(layer, contract.table), SCHEMAS[layer]],
    ).fetchall()
    return [str(name) for name, own in rows if own], {str(name).casefold() for name, own in rows if not own}
