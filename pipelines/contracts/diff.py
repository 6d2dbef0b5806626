"""What changed between two versions of a contract, and whether tables can follow it or history must be read again.

Breaking is what can make a row, a reader or a stored value wrong: a column gone or of another meaning, a rule that more
rows can break, another way to combine deliveries. Everything a contract holds is judged: see the three tables.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.contracts.model import Column, Contract, RowCheck
from pipelines.errors import Problem

Judge = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind`: column_added, column_removed, column_renamed, key, row_check_added, row_check_removed,
    or column_/row_check_/ingest_/contract_ and the name of the model's field; `subject`: the column, check or field."""

    kind: str
    subject: str
    breaking: bool
    text: str


def _always(old: Any, new: Any) -> bool:
    return True


def _never(old: Any, new: Any) -> bool:
    return False


def _if_set(old: Any, new: Any) -> bool:
    return bool(new)


def _if_was_set(old: Any, new: Any) -> bool:
    return bool(old)


def _if_raised(old: Any, new: Any) -> bool:
    return new is not None and (old is None or type(old) is not type(new) or new > old)


def _if_lowered(old: Any, new: Any) -> bool:
    return new is not None and (old is None or type(old) is not type(new) or new < old)


def _if_values_lost(old: Sequence[Any], new: Sequence[Any]) -> bool:
    return bool(new) and (not old or not set(old) <= set(new))


def _if_entries_lost(old: Sequence[Any], new: Sequence[Any]) -> bool:
    return not set(old) <= set(new)


def _if_not_continued(old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Forms are tried in order, and without any the built-in ones are: only more at the end leaves all readings alone."""
    return not old or new[: len(old)] != old


def _if_finer(old: float | None, new: float | None) -> bool:
    return new is not None and (old is None or Decimal(str(old)) % Decimal(str(new)) != 0)


COLUMN_JUDGES: Mapping[str, Judge] = {
    "type": _always,
    "title": _never,
    "description": _never,
    "unit": _if_was_set,
    "physical_type": _always,
    "required": _if_set,
    "unique": _if_set,
    "minimum": _if_raised,
    "exclusive_minimum": _if_raised,
    "maximum": _if_lowered,
    "exclusive_maximum": _if_lowered,
    "multiple_of": _if_finer,
    "min_length": _if_raised,
    "max_length": _if_lowered,
    "pattern": _if_set,
    "enum": _if_values_lost,
    "code_list": _if_set,
    "reference": _if_set,
    "aliases": _if_entries_lost,
    "nulls": _if_entries_lost,
    "formats": _if_not_continued,
    "serial": _if_was_set,
    "trim": _always,
    "full_width": _if_was_set,
    "thousands": _if_was_set,
    "decimal": _always,
    "true_values": _if_not_continued,
    "false_values": _if_not_continued,
    "level": _never,
    "personal": _never,
    "mask": _always,
    "regraded": _never,
    "tolerance": _never,
}
INGEST_JUDGES: Mapping[str, Judge] = {
    "format": _never,
    "encoding": _never,
    "delimiter": _never,
    "quote": _never,
    "header_row": _never,
    "header_rows": _never,
    "sheet": _never,
    "hidden_rows": _never,
    "merged_cells": _never,
    "path": _never,
    "member": _never,
    "source": _never,
    "mode": _always,
    "order_by": _always,
    "delete_when": _always,
    "timezone": _always,
    "crs": _always,
    "extra_columns": _never,
    "period": lambda old, new: (old.source, old.unit, old.column) != (new.source, new.unit, new.column),
    "control": _never,
    "auth": _never,
    "sql": _never,
    "pull": _never,
}
CONTRACT_JUDGES: Mapping[str, Judge] = {
    "id": _always,
    "status": _never,
    "title": _never,
    "purpose": _never,
    "limitations": _never,
    "provider": _never,
    "owner": _never,
    "contacts": _never,
    "tags": _never,
    "batch_checks": _never,
    "max_invalid_pct": _never,
    "frequency": _never,
    "latency": _never,
    "freshness": _never,
    "schedule": _never,
    "stage": _never,
    "retention_days": _never,
    "sharing": _never,
    "channels": _never,
    "available_from": _never,
}
_ROW_CHECK_JUDGES: Mapping[str, Judge] = {
    "condition": _always,
    "description": _never,
    "dimension": _never,
    "tolerance": _never,
}


def diff(old: Contract, new: Contract) -> list[Change]:
    """Return every change from one version of a contract to another, breaking ones first; [] when they say the same."""
    changes = [
        *_fields("contract", "", old, new, CONTRACT_JUDGES),
        *_fields("ingest", "", old.ingest, new.ingest, INGEST_JUDGES),
        *_columns(old, new),
        *_row_checks(old.row_checks, new.row_checks),
    ]
    if old.key != new.key:
        text = f"the key was {_told(old.key)}, is {_told(new.key)}"
        changes.append(Change("key", ", ".join(new.key), True, text))
    return sorted(changes, key=lambda change: (not change.breaking, change.kind, change.subject))


def version_problem(old: Contract, new: Contract) -> tuple[str, str] | None:
    """Return what is wrong with a new contract's version and what to do, None when nothing is."""
    before, after = _numbers(old.version), _numbers(new.version)
    if before is None or after is None:
        return None
    if after < before:
        return (
            f"version {new.version} is older than {old.version}, which is published",
            f"write {old.version} or later.",
        )
    breaking = [change for change in diff(old, new) if change.breaking]
    if not breaking or after[0] > before[0]:
        return None
    told = "; ".join(change.text for change in breaking[:3]) + ("; …" if len(breaking) > 3 else "")
    message = f"version {new.version} after {old.version}, but the change is breaking: {told}"
    return message, f"write version: {before[0] + 1}.0.0, then rebuild {new.id}."


def version_problems(old: Contract, new: Contract, line: int | None = None) -> list[Problem]:
    """Return the problem of a version that does not rise as its changes demand, as lint tells it."""
    found = version_problem(old, new)
    return [Problem(new.path, line, "version-bump", f"{found[0]}.", found[1])] if found else []


def _columns(old: Contract, new: Contract) -> Iterator[Change]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    added = [column for column in new.columns if column.name not in before]
    for column in old.columns:
        if column.name in after:
            yield from _fields("column", column.name, column, after[column.name], COLUMN_JUDGES)
            continue
        heir = next((other for other in added if _same_heading(column, other)), None)
        if heir:
            added.remove(heir)
            yield Change("column_renamed", column.name, True, f"column '{column.name}' is now '{heir.name}'")
        else:
            yield Change("column_removed", column.name, True, f"column '{column.name}' is gone")
    for column in added:
        word = "required column" if column.required else "column"
        yield Change("column_added", column.name, column.required, f"{word} '{column.name}' is new")


def _same_heading(old: Column, new: Column) -> bool:
    return bool((old.title and old.title == new.title) or old.name in new.aliases)


def _row_checks(old: Sequence[RowCheck], new: Sequence[RowCheck]) -> Iterator[Change]:
    before = {check.name: check for check in old}
    after = {check.name: check for check in new}
    for name in before.keys() & after.keys():
        yield from _fields("row_check", name, before[name], after[name], _ROW_CHECK_JUDGES)
    for name in before.keys() - after.keys():
        yield Change("row_check_removed", name, False, f"check '{name}' is gone")
    for name in after.keys() - before.keys():
        yield Change("row_check_added", name, True, f"check '{name}' is new")


def _fields(what: str, name: str, old: Any, new: Any, judges: Mapping[str, Judge]) -> Iterator[Change]:
    for field, judge in judges.items():
        was, now = getattr(old, field), getattr(new, field)
        if field == "physical_type":
            was, now = _kept_as(old), _kept_as(new)
        if was != now:
            subject = f"{what.replace('_', ' ')} '{name}': {field}" if name else field
            yield Change(
                f"{what}_{field}", name or field, judge(was, now), f"{subject} was {_told(was)}, is {_told(now)}"
            )


def _kept_as(column: Column) -> str:
    """DuckDB type as written, where leaving it out and writing the usual one are the same."""
    written = column.physical_type.upper().replace(" ", "")
    return written if written.startswith("DECIMAL") else ""


def _told(value: Any) -> str:
    if value is None or value == "" or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(_told(item) for item in value)
    return str(value) if isinstance(value, str | int | float) else "different"


def _numbers(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    return tuple(int(part) for part in parts) if len(parts) == 3 and all(p.isdecimal() for p in parts) else None
