"""Hold a parsed contract against the schemas: ODCS's own, the part of it honoured here, and the `rongtong` property's."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from pipelines.contracts.document import Document, Place
from pipelines.contracts.hints import closest
from pipelines.contracts.places import PROPERTY, column_entries, custom_entries, quality_entries
from pipelines.contracts.sentences import Fault, faults_of, sentence

_VALUE_RULES = ("value-type", "known-type", "known-value", "one-bound", "value-form")


def structural_faults(document: Document) -> list[Fault]:
    """Return everything in a contract's structure that ODCS, this platform's profile or `rongtong` does not allow."""
    data = document.data
    found = [*_odcs_faults(data), *_own_faults(data, "profile.schema.json", None, (), data)]
    found += _rongtong_faults(data)
    kept = _without_echoes(found)
    return kept or list(_model_faults(data))


@cache
def _schema(package: str, name: str) -> Any:
    return json.loads(files(package).joinpath(name).read_text(encoding="utf-8"))


@cache
def _validator(package: str, name: str, part: str | None) -> jsonschema_rs.Draft201909Validator:
    schema = _schema(package, name)
    chosen = schema if part is None else {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    return jsonschema_rs.Draft201909Validator(chosen, offline=True)


def _odcs_faults(data: Any) -> Iterator[Fault]:
    schema = _schema("open_data_contract_standard", "schema.json")
    for error in _validator("open_data_contract_standard", "schema.json", None).iter_errors(data):
        if not _blames_missing_type(error, data):
            yield from faults_of(error, schema, (), data)


def _blames_missing_type(error: jsonschema_rs.ValidationError, data: Any) -> bool:
    """Without a logicalType every `if` of ODCS's column holds, and all its branches complain at once."""
    at = error.instance_path
    if at[:2] != ["schema", 0] or len(at) < 4 or at[2] != "properties" or "then" not in error.schema_path:
        return False
    column = data["schema"][0]["properties"][at[3]]
    return "logicalType" not in column


def _own_faults(data: Any, name: str, part: str | None, root: Place, value: Any) -> Iterator[Fault]:
    schema = _schema("pipelines.contracts", name)
    for error in _validator("pipelines.contracts", name, part).iter_errors(value):
        yield from faults_of(error, schema, root, data)


def _rongtong_faults(data: Any) -> Iterator[Fault]:
    yield from _one_rongtong(data, data, (), "contract")
    for place, column in column_entries(data):
        yield from _one_rongtong(data, column, place, "column")
    yield from _row_check_faults(data)
    columns = column_entries(data)
    allowed = {(), *(place for place, _ in columns)}
    for place in _holders(data, ()) if columns else ():
        if place not in allowed:
            message = sentence(place, data, f"property '{PROPERTY}' belongs to the contract or a column")
            yield Fault(place, "known-key", message, "move it.")


def _one_rongtong(data: Any, holder: Any, place: Place, part: str) -> Iterator[Fault]:
    seen = 0
    for where, value, name in custom_entries(holder, place):
        if name == PROPERTY:
            seen += 1
            chosen = "model_contract" if part == "contract" and isinstance(value, dict) and "model" in value else part
            yield from _own_faults(data, "rongtong.schema.json", chosen, where, value)
        elif closest(name, [PROPERTY]):
            message = sentence(place, data, f"unknown property '{name}'")
            yield Fault(where[:-1], "known-key", message, f"use '{PROPERTY}'.")
    if seen > 1:
        yield Fault(place, "duplicate-key", sentence(place, data, f"property '{PROPERTY}' is given {seen} times"))
    if not seen and part == "contract":
        hint = "add provider and ingest under customProperties."
        yield Fault(("customProperties",), "required-key", f"the property '{PROPERTY}' is missing", hint)


def _row_check_faults(data: Any) -> Iterator[Fault]:
    for place, _, entry in quality_entries(data):
        if entry.get("type") == "custom" and isinstance(entry.get("implementation"), dict):
            where = (*place, "implementation")
            yield from _own_faults(data, "rongtong.schema.json", "rows", where, entry["implementation"])


def _holders(value: Any, place: Place) -> Iterator[Place]:
    """Yield the place of everything that carries a `rongtong` custom property, wherever it stands."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _holders(item, (*place, index))
    elif isinstance(value, dict):
        if any(name == PROPERTY for _, _, name in custom_entries(value, place)):
            yield place
        for key, item in value.items():
            yield from _holders(item, (*place, key))


def _without_echoes(found: Sequence[Fault]) -> list[Fault]:
    """Keep one fault of a value's form per place, and no 'does not go with' where the reason is told already."""
    ranked = sorted(found, key=lambda fault: (_rank(fault), not fault.hint))
    kept: dict[tuple[Place, str], Fault] = {}
    for fault in ranked:
        group = "value" if fault.rule in _VALUE_RULES else fault.message
        kept.setdefault((fault.place, group), fault)
    others = [fault for fault in kept.values() if fault.rule != "key-in-place"]
    holders = {fault.place[:size] for fault in others for size in range(len(fault.place) + 1)}
    echoes = [f for f in kept.values() if f.rule == "key-in-place" and f.place[:-1] not in holders]
    return others + echoes


def _rank(fault: Fault) -> int:
    return _VALUE_RULES.index(fault.rule) if fault.rule in _VALUE_RULES else -1


def _model_faults(data: Any) -> Iterator[Fault]:
    """Yield what the standard's own model refuses although its JSON Schema does not."""
    # a third of a second, paid only when a contract changed
    import pydantic
    from open_data_contract_standard.model import OpenDataContractStandard

    try:
        OpenDataContractStandard.model_validate(data)
    except pydantic.ValidationError as error:
        for item in error.errors(include_url=False, include_context=False):
            place = tuple(item["loc"])
            yield Fault(place, "odcs-model", sentence(place, data, f"{item['msg']}"))
