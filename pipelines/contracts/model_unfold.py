"""Whether what a model's contract says of its making holds: what it unfolds to, and what it is made by parts of."""

from collections.abc import Iterator, Mapping

from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import parameters_of
from pipelines.errors import Problem


def making_faults(one: Made, made: Mapping[str, Made]) -> Iterator[Problem]:
    """Yield what is wrong with a model's `unfold` and `incremental`."""
    if one.model.unfold:
        yield from _unfold_faults(one, made)
    by = one.model.incremental
    if by and by.source not in one.reads:
        message = f"incremental.source: it does not read {by.source}."
        yield Problem(one.contract.path, None, "model-incremental", message, f"it reads {', '.join(one.reads)}.")
    if by and by.column not in _columns(one):
        message = f"incremental.column: it has no column '{by.column}'."
        yield Problem(
            one.contract.path, None, "model-incremental", message, f"its columns are {', '.join(_columns(one))}."
        )


def _unfold_faults(one: Made, made: Mapping[str, Made]) -> Iterator[Problem]:
    unfold, file = one.model.unfold, one.contract.path
    assert unfold is not None
    if not unfold.source.startswith("dwd.") or unfold.source not in inputs(one, made):
        delivered = (
            ", ".join(sorted(name for name in inputs(one, made) if name.startswith("dwd."))) or "nothing delivered"
        )
        message = f"unfold.source: it is not made of {unfold.source}."
        yield Problem(file, None, "model-unfold", message, f"it is made of {delivered}.")
    if not one.contract.key:
        yield Problem(file, None, "model-unfold", "unfold: the table has no key, so that no row of it can be named.")
    try:
        unknown = [name for name in parameters_of(unfold.rows) if name not in _columns(one)]
    except ValueError as error:
        yield Problem(
            file, None, "model-unfold", f"unfold.rows: {error}.", "write a condition over the source's columns."
        )
        return
    if unknown:
        message = f"unfold.rows: ${unknown[0]} is no column of the table."
        yield Problem(file, None, "model-unfold", message, f"its columns are {', '.join(_columns(one))}.")


def inputs(one: Made, made: Mapping[str, Made]) -> set[str]:
    """Return every relation that a model is made of, directly or through other models."""
    found: set[str] = set()
    todo = [one]
    while todo:
        fresh = {read for read in todo.pop().reads if read not in found}
        found |= fresh
        todo += [made[read] for read in fresh if read in made]
    return found


def _columns(one: Made) -> list[str]:
    return [column.name for column in one.contract.columns]
