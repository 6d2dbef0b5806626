"""What a model was made of: its columns' lineage down to what is delivered, and the state of every table it reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.contracts.model_order import Made
from pipelines.derive.model_query import qualified
from pipelines.lake.connection import Connection


def lineage_rows(one: Made, made: Mapping[str, Made]) -> list[dict[str, str]]:
    """Return, for the model and every model it is made of, (table, column, source, source_column)."""
    return [
        {"table": model.name, "column": column, "source": source, "source_column": origin}
        for model in [one, *_read_models(one, made)]
        for column, source, origin in model.lineage
    ]


def _read_models(one: Made, made: Mapping[str, Made]) -> Iterable[Made]:
    """The models a model reads, nearest first, each once."""
    found: dict[str, Made] = {}
    todo = [made[read] for read in one.reads if read in made]
    while todo:
        model = todo.pop(0)
        if model.name not in found:
            found[model.name] = model
            todo += [made[read] for read in model.reads if read in made]
    return found.values()


def input_states(con: Connection, one: Made, made: Mapping[str, Made]) -> list[dict[str, Any]]:
    """Return each table a model reads, directly or through others, with its rows, what made it and up to which period."""
    names = {read for model in [one, *_read_models(one, made)] for read in model.reads}
    return [_state(con, name) for name in sorted(names)]


def _state(con: Connection, name: str) -> dict[str, Any]:
    schema, _, table = name.partition(".")
    state: dict[str, Any] = {"table": name, "rows": _rows(con, name), "by": "", "to period": ""}
    if schema == "dwd":
        row = con.execute(
            "SELECT count(*), max(period) FROM city.quality.standing WHERE split_part(dataset, '.', 2) = ?", [table]
        ).fetchone()
        state |= {"by": f"{row[0]} batches" if row else "", "to period": (row[1] if row else "") or ""}
    elif schema in ("dim", "dws", "ads"):
        found = con.execute("SELECT transform_id FROM city.quality.models WHERE model = ?", [name]).fetchone()
        state["by"] = str(found[0]) if found else ""
    return state


def _rows(con: Connection, name: str) -> int | None:
    schema, _, table = name.partition(".")
    there = con.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_catalog = ? AND table_schema = ? AND table_name = ?",
        ["memory" if schema == "pack" else "city", schema, table],
    ).fetchone()
    if not there or not there[0]:
        return None
    row = con.execute(f"SELECT count(*) FROM {qualified(name)}").fetchone()
    return int(row[0]) if row else 0
