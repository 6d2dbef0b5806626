"""A contract as JSON text and back, exactly: for compiled plans and for the ledger."""

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pipelines.contracts.model import Contract
from pipelines.errors import RongtongError


def to_json(contract: Contract) -> str:
    """Return a contract as one line of JSON."""
    return json.dumps(to_plain(contract), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(text: str) -> Contract:
    """Return the contract in a JSON text; RongtongError when a newer version of this package wrote it."""
    return from_plain(json.loads(text))


def to_plain(contract: Contract) -> dict[str, Any]:
    """Return a contract as JSON holds it."""
    return dataclasses.asdict(contract)


def from_plain(data: dict[str, Any]) -> Contract:
    """Return the contract in what JSON held; a field that is not there yet gets its default."""
    contract: Contract = _object(Contract, data)
    return contract


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """Return what rebuilds a value of a type; the type is looked at once a process, the values are thousands."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda value: None if value is None else _object(hint, value)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _reader(next(part for part in arguments if part is not type(None)))
    if origin is tuple and arguments[-1] is Ellipsis:
        one = _reader(arguments[0])
        return lambda value: None if value is None else tuple([one(item) for item in value])
    if origin is tuple:
        readers = [_reader(part) for part in arguments]
        return lambda value: (
            None if value is None else tuple([read(item) for read, item in zip(readers, value, strict=True)])
        )
    return lambda value: value


def _object(kind: type, value: dict[str, Any]) -> Any:
    readers = _readers(kind)
    unknown = sorted(set(value) - set(readers))
    if unknown:
        message = f"a stored contract has '{unknown[0]}' in its {kind.__name__}, which this version does not know"
        raise RongtongError(f"{message}. Hint: upgrade rongtong to the version that wrote it.")
    return kind(**{name: readers[name](item) for name, item in value.items()})


@cache
def _readers(kind: type) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
