"""Whether the numbers of a lake are their rows: some rows of every table that unfolds are explained. For the demo's lake.

`python -m tests.models.explained [rows a table]` prints what does not hold and ends with 1.
"""

import sys
from collections.abc import Iterator

from pipelines.contracts.model_order import Made
from pipelines.contracts.models import city_models
from pipelines.lake.reader import connect
from pipelines.names import literal, quoted
from pipelines.settings import Settings, settings
from pipelines.steps.explain.explaining import explain

_MOST = 100


def unexplained(where: Settings, rows: int = 2) -> Iterator[str]:
    """Yield each row, of `rows` of every table that unfolds, whose delivered rows do not give it or have no file and record."""
    for one in city_models(where).made:
        for condition in _conditions(where, one, rows) if one.model.unfold else ():
            told = explain(where, one.name, condition, limit=_MOST)
            if not told.agrees:
                yield f"{one.name} where {condition}: published {told.published}, from its rows {told.recomputed}"
            if not told.rows or not all(row["file"] and row["record"] for row in told.rows):
                yield f"{one.name} where {condition}: {told.rows_total} rows, not all with file and record; {told.notes}"


def _conditions(where: Settings, one: Made, rows: int) -> list[str]:
    con = connect(where=where)
    try:
        key = ", ".join(quoted(name) for name in one.contract.key)
        found = con.execute(f"SELECT {key} FROM city.{one.name} ORDER BY hash({key}) LIMIT {rows}").fetchall()
    finally:
        con.close()
    return [" AND ".join(map(_equal, one.contract.key, row)) for row in found]


def _equal(name: str, value: object) -> str:
    return f"{quoted(name)} IS NULL" if value is None else f"{quoted(name)} = {literal(str(value))}"


if __name__ == "__main__":
    failed = list(unexplained(settings(), int(sys.argv[1]) if len(sys.argv) > 1 else 2))
    print("\n".join(failed) or "every number is its rows")
    sys.exit(bool(failed))
