"""Rules as data: the `policies` of a city pack, each in versions with basis and dates, read strictly.

A version is in force from `effective` up to, not including, its `until` or the next version's `effective`.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isclose
from typing import Any

from pipelines.contracts.basis import Told, basis_faults, is_date, to_basis, unknown_keys
from pipelines.contracts.document import Document, Place
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import City
from pipelines.contracts.policy import Policy, PolicyItem, PolicyVersion
from pipelines.errors import Problem

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_VERSION_KEYS = ("effective", "until", "basis", "values", "sumsToOne", "unit")
_ITEM_KEYS = ("value", "basis", "unit")
_RULE = "policy"


def missing_policies(city: City, names: Sequence[str]) -> dict[str, str]:
    """Return what of the named policies (`hotline_rates`, or one item of all its versions, `hotline_rates.base`) the pack lacks.

    Each with a hint; empty when nothing is lacking.
    """
    return {name: _lacking(city, name) for name in names if not _has(city, name)}


def _has(city: City, name: str) -> bool:
    policy, _, item = name.partition(".")
    versions = [version for found in city.policies if found.name == policy for version in found.versions]
    return bool(versions) and all(not item or item in [entry.name for entry in version.items] for version in versions)


def _lacking(city: City, name: str) -> str:
    policy, _, item = name.partition(".")
    known = [found.name for found in city.policies]
    if policy in known:
        return f"give '{item}' a value in every version of {policy} in schemas/_city.yaml."
    return use(closest(policy, known)) or f"add '{policy}' under policies in schemas/_city.yaml, with its basis."


def city_policies(raw: dict[str, Any]) -> tuple[Policy, ...]:
    """Return the policies in the sound `policies` of a city pack; a version without `until` ends where the next begins."""
    return tuple(
        Policy(name, tuple(_version(*pair) for pair in pairwise([*versions, None]))) for name, versions in raw.items()
    )


def _version(raw: dict[str, Any], following: dict[str, Any] | None) -> PolicyVersion:
    until = raw.get("until") or (following or {}).get("effective", "")
    return PolicyVersion(
        raw["effective"], until, tuple(_item(name, value, raw) for name, value in raw["values"].items())
    )


def _item(name: str, given: Any, version: dict[str, Any]) -> PolicyItem:
    own = given if isinstance(given, dict) else {"value": given}
    value = own["value"]
    is_text = isinstance(value, str)
    return PolicyItem(
        name=name,
        value=None if is_text else float(value),
        text=value if is_text else "",
        unit="" if is_text else own.get("unit", version.get("unit", "")),
        basis=to_basis(own.get("basis", version["basis"])),
    )


def policy_problems(document: Document) -> list[Problem]:
    """Return every problem of the `policies` of a city pack."""
    found = _below(("policies",), _policies_faults(document.data.get("policies", {})))
    return [Problem(document.file, document.line(place), _RULE, f"{message}.", hint) for place, message, hint in found]


def _policies_faults(raw: Any) -> Iterator[Told]:
    if not isinstance(raw, dict):
        yield (), "policies must be a mapping of names to lists of versions", ""
        return
    for name, versions in raw.items():
        for place, message, hint in _faults(name, versions):
            yield (name, *place), f"policy '{name}': {message}", hint


def _faults(name: str, versions: Any) -> Iterator[Told]:
    if not _NAME.match(name):
        yield (), "the name is not in small letters, digits and _", ""
    if not isinstance(versions, list) or not versions:
        yield (), "has no list of versions", "write '- effective: 2026-01-01' and so on below it."
        return
    for index, version in enumerate(versions):
        if isinstance(version, dict):
            yield from _below((index,), _version_faults(version))
        else:
            yield (index,), "a version must be a mapping", ""
    yield from _order_faults(versions)


def _version_faults(raw: dict[str, Any]) -> Iterator[Told]:
    yield from unknown_keys(raw, _VERSION_KEYS)
    for key in ("effective", "until"):
        if key in raw and not is_date(raw[key]):
            yield (key,), f"{key} {raw[key]!r} is not a date", "write YYYY-MM-DD."
    if "effective" not in raw:
        yield (), "'effective' is missing", "write the day from which the version holds."
    elif is_date(raw["effective"]) and is_date(raw.get("until")) and raw["until"] <= raw["effective"]:
        yield ("until",), f"ends on {raw['until']}, not after it begins on {raw['effective']}", ""
    if "basis" in raw:
        yield from _below(("basis",), basis_faults(raw["basis"]))
    else:
        yield (), "'basis' is missing", "write {kind: example, ref: …} while nothing better is known."
    yield from _unit_faults(raw)
    yield from _values_faults(raw.get("values"))
    yield from _sum_faults(raw)


def _values_faults(values: Any) -> Iterator[Told]:
    if not isinstance(values, dict) or not values:
        yield ("values",) if values is not None else (), "has no mapping 'values' of items to numbers or texts", ""
        return
    for name, given in values.items():
        place = ("values", name)
        own = given if isinstance(given, dict) else {"value": given}
        if isinstance(given, dict):
            yield from _below(place, unknown_keys(given, _ITEM_KEYS))
            yield from _below(place, _unit_faults(given))
            if "basis" in given:
                yield from _below((*place, "basis"), basis_faults(given["basis"]))
        if not name.strip():
            yield place, "an item has no name", ""
        if not _is_number(own.get("value")) and not (isinstance(own.get("value"), str) and own["value"].strip()):
            yield place, f"'{name}' is {own.get('value')!r}, not a number or a text", "quote it." if own else ""


def _unit_faults(raw: dict[str, Any]) -> Iterator[Told]:
    if "unit" in raw and (not isinstance(raw["unit"], str) or not raw["unit"].strip()):
        yield ("unit",), f"unit must be text, not {raw['unit']!r}", ""


def _sum_faults(raw: dict[str, Any]) -> Iterator[Told]:
    names, values = raw.get("sumsToOne", []), raw.get("values")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        yield ("sumsToOne",), "sumsToOne must be a list of items", ""
        return
    if not names or not isinstance(values, dict):
        return
    given: dict[str, Any] = {
        name: value.get("value") if isinstance(value, dict) else value for name, value in values.items()
    }
    weights = {name: given[name] for name in names if name in given and _is_weight(given[name])}
    for name in names:
        if name not in weights:
            hint = "" if name in given else use(closest(name, given))
            yield ("sumsToOne",), f"'{name}' is no weight: {_told(given.get(name))}", hint
    total = float(sum(weights.values()))
    if len(weights) == len(names) and not isclose(total, 1.0, abs_tol=1e-9):
        shown = " + ".join(f"{name} {value}" for name, value in weights.items())
        yield ("sumsToOne",), f"the weights sum to {round(total, 9)}, not to 1 ({shown})", ""


def _is_weight(value: Any) -> bool:
    return _is_number(value) and bool(value >= 0)


def _told(value: Any) -> str:
    return "values has no such item" if value is None else f"{value!r}"


def _order_faults(versions: list[Any]) -> Iterator[Told]:
    dated = [
        (index, version)
        for index, version in enumerate(versions)
        if isinstance(version, dict) and is_date(version.get("effective"))
    ]
    for (_, before), (index, version) in pairwise(dated):
        start, until = version["effective"], before.get("until")
        if start <= before["effective"]:
            message = f"the version of {start} stands behind that of {before['effective']}"
            yield (index, "effective"), message, "put the oldest first, each day once."
        elif is_date(until) and until > start:
            message = f"the version of {before['effective']} holds until {until} and overlaps that of {start}"
            yield (index, "effective"), message, "end the earlier one sooner, or leave out its until."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _below(place: Place, faults: Iterator[Told]) -> Iterator[Told]:
    for inner, message, hint in faults:
        yield (*place, *inner), message, hint
