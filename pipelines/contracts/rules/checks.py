"""Rules on the checks a contract adds to those that follow from its columns."""

from collections.abc import Iterator
from typing import Any

from pipelines.contracts.document import Place
from pipelines.contracts.hints import closest, listed, use
from pipelines.contracts.model import BatchCheck, Contract
from pipelines.contracts.places import Where, quality_entries
from pipelines.contracts.registry import Draft, Finding, rule
from pipelines.contracts.sql_text import sql_fault
from pipelines.contracts.to_checks import to_batch_check
from pipelines.contracts.to_contract import scope_of
from pipelines.names import COLUMN

# GB/T 36344-2018: six dimensions, twenty indicators.
_INDICATORS = {"01": 6, "02": 2, "03": 5, "04": 2, "05": 3, "06": 2}
DIMENSIONS = [f"{group}{number:02d}" for group, count in _INDICATORS.items() for number in range(1, count + 1)]


@rule("check-name")
def check_name(draft: Draft) -> Iterator[Finding]:
    """A check has a name of its own in snake_case: its results are kept under it."""
    seen: set[str] = set()
    for where, column, raw in _entries(draft):
        name = raw.get("name", "")
        if not name and raw.get("type") == "custom":
            yield Finding(where, "a row check has no name", "add name.")
            continue
        known = name or to_batch_check(raw, column).name
        if not COLUMN.match(known):
            yield Finding((*where, "name"), f"check '{known}' is not snake_case", "use small letters, digits and _.")
        if known in seen:
            yield Finding((*where, "name"), f"there are two checks '{known}'", "name them apart.")
        seen.add(known)


@rule("row-check")
def row_check(draft: Draft) -> Iterator[Finding]:
    """A row check is one SQL condition, counted under an indicator of GB/T 36344."""
    for where, _, raw in _entries(draft):
        if raw.get("type") != "custom":
            continue
        implementation = raw["implementation"]
        fault = sql_fault(implementation["rows"])
        if fault:
            yield Finding((*where, "implementation", "rows"), f"check '{raw.get('name', '')}': the condition {fault}")
        dimension = implementation.get("dimension")
        if dimension is not None and dimension not in DIMENSIONS:
            message = f"check '{raw.get('name', '')}': '{dimension}' is not an indicator of GB/T 36344"
            hint = use(closest(dimension, DIMENSIONS)) or listed(DIMENSIONS, limit=20)
            yield Finding((*where, "implementation", "dimension"), message, hint)


@rule("batch-check")
def batch_check(draft: Draft) -> Iterator[Finding]:
    """A batch check has columns that exist, bounds in order, and a query that reads the batch."""
    for where, column, raw in _entries(draft):
        if raw.get("type") != "custom":
            check = to_batch_check(raw, column)
            for message, hint in _batch_faults(check, draft.contract, bool(column)):
                yield Finding(where, f"check '{check.name}': {message}", hint)


def _batch_faults(check: BatchCheck, contract: Contract, at_column: bool) -> Iterator[tuple[str, str]]:
    names = [column.name for column in contract.columns]
    for name in check.columns:
        if name not in names:
            yield f"there is no column '{name}'", use(closest(name, names))
    if check.metric == "rowCount" and check.columns:
        yield "rowCount counts the rows of the table, not of a column", "move it to the table's quality."
    if check.metric not in ("rowCount", "sql") and not check.columns:
        yield f"{check.metric} needs columns", "write it at the column, or add arguments: {properties: [...]}."
    if check.metric not in ("duplicateValues", "sql") and len(check.columns) > 1:
        yield f"{check.metric} takes one column", "write one check for each."
    yield from _bound_faults(check)
    if check.metric == "sql":
        yield from _query_faults(check.query, at_column)


def _bound_faults(check: BatchCheck) -> Iterator[tuple[str, str]]:
    low, high = check.minimum, check.maximum
    if low is not None and high is not None and low > high:
        yield f"the lower bound {low} is above the upper bound {high}", "write the smaller number first."
    if check.unit == "percent" and check.metric == "rowCount":
        yield "rowCount is not a percentage", "use unit: rows."
    top = 100 if check.unit == "percent" else None
    if check.metric == "sql":
        return
    if (high is not None and high < 0) or (top is not None and low is not None and low > top):
        yield "no batch can meet these bounds", "counts start at 0, percentages end at 100."


def _query_faults(query: str, at_column: bool) -> Iterator[tuple[str, str]]:
    fault = sql_fault(query)
    if fault:
        yield f"the query {fault}", ""
    if "${table}" not in query:
        yield "the query does not read the batch", "write FROM ${table}."
    if "${column}" in query and not at_column:
        yield "${column} is known only to a check at a column", "name the column."


def _entries(draft: Draft) -> Iterator[tuple[Where, str, dict[str, Any]]]:
    data = draft.document.data
    for place, column, raw in quality_entries(data):
        if raw.get("type") != "text" and draft.sound(scope_of(place, data)):
            yield _where(place, column), column, raw


def _where(place: Place, column: str) -> Where:
    return ("columns", column, "quality", str(place[-1])) if column else ("checks", str(place[-1]))
