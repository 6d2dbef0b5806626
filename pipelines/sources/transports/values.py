"""How the values of a database are spelled as text: one way for every driver, so that the same rows are the same bytes."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa

# What a column holds, in words; a NULL is nothing and fits all.
KINDS: dict[type, str] = {
    str: "text",
    bool: "boolean",
    int: "number",
    float: "number",
    Decimal: "number",
    datetime: "timestamp",
    date: "date",
    time: "time",
    UUID: "text",
    dict: "json",
    list: "json",
}
_ZONED = "timestamp with zone"


class Unreadable(Exception):
    """A column holds what has no spelling, or two kinds of thing; the text says which, and no value."""


def spelled(values: Sequence[Any]) -> tuple[pa.Array, str]:
    """Return a column as text and the kind of its values ('' when all are NULL); Unreadable for bytes and mixtures."""
    types = set(map(type, values)) - {type(None)}
    kind = _kind(types, values)
    if types <= {str}:
        return pa.array(values, pa.string()), kind
    if types == {int}:
        return pa.array([None if value is None else str(value) for value in values], pa.string()), kind
    return pa.array([None if value is None else _spelling(type(value))(value) for value in values], pa.string()), kind


def _kind(types: Iterable[type], values: Sequence[Any]) -> str:
    kinds = {_kind_of(found) for found in types}
    if "timestamp" in kinds and any(isinstance(value, datetime) and value.tzinfo is not None for value in values):
        naive = any(isinstance(value, datetime) and value.tzinfo is None for value in values)
        kinds = kinds - {"timestamp"} | {_ZONED} | ({"timestamp"} if naive else set())
    if len(kinds) > 1:
        raise Unreadable(f"holds both {' and '.join(sorted(kinds))}")
    return next(iter(kinds), "")


def _kind_of(found: type) -> str:
    for base in found.__mro__:
        if base in KINDS:
            return KINDS[base]
    raise Unreadable(f"holds values of type {found.__name__}, which have no spelling as text")


def _spelling(found: type) -> Callable[[Any], str]:
    for base in found.__mro__:
        if base in _SPELLINGS:
            return _SPELLINGS[base]
    return str


def _moment(value: datetime) -> str:
    return (value.astimezone(UTC) if value.tzinfo else value).isoformat(sep=" ")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


_SPELLINGS: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: lambda value: format(value, "f"),
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    UUID: str,
    dict: _json,
    list: _json,
}
