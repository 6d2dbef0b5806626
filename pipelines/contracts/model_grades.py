"""Grades of models: a column is as sensitive as the most sensitive column it is made of (就高从严), unless its contract says why not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from pipelines.contracts.model import Column, Contract
from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import parsed
from pipelines.errors import Problem

Columns = Mapping[str, Mapping[str, Column]]
Given = Callable[[Made, str], tuple[bool, int | None]]


def with_grades(
    made: Iterable[Made], datasets: Iterable[Contract], given: Given
) -> tuple[tuple[Made, ...], list[Problem]]:
    """Return the models (given in their order, with lineage) with each column's grade, and the problems `[grade]`.

    `given` tells of a model's column whether its contract states a classification, and the line to name.
    """
    known: dict[str, Mapping[str, Column]] = {f"dwd.{one.table}": _by_name(one) for one in datasets}
    graded: list[Made] = []
    problems: list[Problem] = []
    for one in made:
        columns = []
        for column, origins in sources_of(one, known):
            demand = max(origins, key=lambda origin: origin[1].level, default=None)
            problems += _faults(one, column, origins, given)
            columns.append(_raised(column, demand[1].level if demand else 1))
        contract = replace(one.contract, columns=tuple(columns))
        known[one.name] = _by_name(contract)
        graded.append(replace(one, contract=contract))
    return tuple(graded), problems


def sources_of(one: Made, known: Columns) -> Iterator[tuple[Column, list[tuple[str, Column]]]]:
    """Yield each column of a model with the columns it is made of (`dwd.x.y`, column).

    Where the SELECT hides them (a whole row, a pivot), they are all columns of all relations it reads.
    """
    everything = [(f"{read}.{name}", column) for read in one.reads for name, column in known.get(read, {}).items()]
    hidden = everything if _hides(one) else []
    for column in one.contract.columns:
        told = [(relation, name) for made, relation, name in one.lineage if made == column.name]
        origins = [
            (f"{relation}.{name}", known[relation][name]) for relation, name in told if name in known.get(relation, ())
        ]
        yield column, origins if told else hidden


def _hides(one: Made) -> bool:
    """Whether the SELECT uses rows as values, columns by pattern, or a pivot, of which no lineage can be read."""
    query, _ = parsed(one.model.sql)
    if query is None or not one.lineage:
        return True
    tables = {table.alias_or_name for table in query.find_all(exp.Table)}
    rows = (column for column in query.find_all(exp.Column) if not column.table and column.name in tables)
    return any(True for _ in rows) or query.find(exp.Pivot, exp.Columns) is not None


def _faults(one: Made, column: Column, origins: Sequence[tuple[str, Column]], given: Given) -> Iterator[Problem]:
    if not origins or column.regraded:
        return
    source, demanding = max(origins, key=lambda origin: origin[1].level)
    stated, line = given(one, column.name)
    hint = "or say `regraded: {by, reason}` under its rongtong property."
    if stated and column.level < demanding.level:
        message = (
            f"column '{column.name}' is of level {column.level}, and is made of {source}, of level {demanding.level}."
        )
        yield Problem(one.contract.path, line, "grade", message, f'classification: "{demanding.level}", {hint}')
    personal = next((name for name, origin in origins if origin.personal), "")
    if personal and not column.personal:
        message = f"column '{column.name}' is made of {personal}, which is personal, and does not say that it is."
        yield Problem(one.contract.path, line, "grade", message, f"add personal: true with its mask, {hint}")


def _raised(column: Column, demand: int) -> Column:
    return column if column.regraded else replace(column, level=max(column.level, demand))


def _by_name(contract: Contract) -> dict[str, Column]:
    return {column.name: column for column in contract.columns}
