"""A contract as JSON text and back, exactly: for compiled plans and for the ledger."""

import dataclasses
import json
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
    contract: Contract = _rebuilt(Contract, data)
    return contract


def _rebuilt(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object(hint, value)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _rebuilt(next(part for part in arguments if part is not type(None)), value)
    if origin is tuple:
        hints = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_rebuilt(part, item) for part, item in zip(hints, value, strict=True))
    return value


def _object(kind: type, value: dict[str, Any]) -> Any:
    hints = _hints(kind)
    unknown = sorted(set(value) - set(hints))
    if unknown:
        message = f"a stored contract has '{unknown[0]}' in its {kind.__name__}, which this version does not know"
        raise RongtongError(f"{message}. Hint: upgrade rongtong to the version that wrote it.")
    return kind(**{name: _rebuilt(hints[name], item) for name, item in value.items()})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
