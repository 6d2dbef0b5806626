"""The Chinese face of the lake: for every table a view under its title, with its columns under theirs."""

from pipelines.contracts.model import Contract
from pipelines.derive.reading import stored_columns
from pipelines.names import literal, quoted

# Where the views of each layer are; the layers' own names stay what scripts use.
SCHEMAS = {"ods": "归集", "dwd": "明细", "dim": "公共", "dws": "主题", "ads": "应用"}
_OWN = {"ods": {"_batch": "_批次", "_record": "_记录号", "_violations": "_问题"}}


def create_schema(layer: str) -> str:
    """Return the statement that makes a layer's Chinese schema, where it is not there."""
    return f"CREATE SCHEMA IF NOT EXISTS city.{quoted(SCHEMAS[layer])}"


def mark_of(layer: str, table: str) -> str:
    """Return how the comment of a table's Chinese view begins, by which the view is known to be the table's.

    >>> mark_of("dwd", "trips")
    'dwd.trips '
    """
    return f"{layer}.{table} "


def create_view(contract: Contract, layer: str, name: str) -> list[str]:
    """Return the statements that make a layer's view of a dataset under a name, and say in a comment what it is."""
    view = f"city.{quoted(SCHEMAS[layer])}.{quoted(name)}"
    columns = [f"{quoted(column.name)} AS {quoted(column.title or column.name)}" for column in stored_columns(contract)]
    columns += [f"{own} AS {quoted(title)}" for own, title in _OWN.get(layer, {}).items()]
    text = mark_of(layer, contract.table) + "。".join(
        part.strip("。") for part in (contract.title, contract.purpose) if part
    )
    listed = ",\n    ".join(columns)
    return [
        f"CREATE OR REPLACE VIEW {view} AS\nSELECT {listed}\nFROM {layer}.{quoted(contract.table)}",
        f"COMMENT ON VIEW {view} IS {literal(text)}",
    ]


def drop_view(layer: str, name: str) -> str:
    """Return the statement that takes a layer's view away."""
    return f"DROP VIEW IF EXISTS city.{quoted(SCHEMAS[layer])}.{quoted(name)}"


def name_of(contract: Contract, taken: bool) -> str:
    """Return what a dataset's view is called: its title; with the table's name where another dataset has that title."""
    title = contract.title or contract.table
    return f"{title}（{contract.table}）" if taken else title
