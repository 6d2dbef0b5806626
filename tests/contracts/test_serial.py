"""A contract goes to JSON and back exactly, whatever it holds."""

import json
from dataclasses import fields, replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts import model
from pipelines.contracts.model import (
    BatchCheck,
    Channel,
    Column,
    Contract,
    Control,
    Incremental,
    Ingest,
    Model,
    Period,
    Reference,
    Regraded,
    RowCheck,
    Tolerance,
    Unfold,
)
from pipelines.contracts.pulling import Auth, Pull, Sql
from pipelines.contracts.serial import from_json, to_json
from pipelines.errors import RongtongError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBER = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
SCALAR = st.none() | st.booleans() | NUMBER | TEXT


def value_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value a field of that type may hold: the strategies follow the model, so a new field is covered at once."""
    if hint is Any:
        return SCALAR
    if hint in KINDS:
        return OBJECTS[hint]
    if hint in (str, int, float, bool, type(None)):
        return {str: TEXT, int: st.integers(), float: NUMBER, bool: st.booleans(), type(None): st.none()}[hint]
    inner = get_args(hint)
    if getattr(hint, "__origin__", None) is tuple:
        return (
            st.lists(value_of(inner[0]), max_size=3).map(tuple)
            if inner[-1] is ...
            else st.tuples(*map(value_of, inner))
        )
    if all(isinstance(option, str) for option in inner):
        return st.sampled_from(inner)
    return st.one_of(*map(value_of, inner))


KINDS = (
    Tolerance,
    RowCheck,
    BatchCheck,
    Reference,
    Regraded,
    Column,
    Period,
    Control,
    Auth,
    Sql,
    Pull,
    Ingest,
    Channel,
    Incremental,
    Unfold,
    Model,
)
OBJECTS: dict[type, st.SearchStrategy[Any]] = {}
for kind in (*KINDS, Contract):
    hints = get_type_hints(kind, vars(model))
    OBJECTS[kind] = st.builds(kind, **{field.name: value_of(hints[field.name]) for field in fields(kind)})


@settings(max_examples=80, deadline=None)
@given(OBJECTS[Contract])
def test_contract_goes_to_json_and_back_exactly(contract: Contract) -> None:
    text = to_json(contract)
    again = from_json(text)
    assert again == contract
    assert repr(again) == repr(contract)  # 1 and 1.0 and True are equal, and not the same
    assert to_json(again) == text


def test_contract_of_a_file_goes_to_json_and_back(city) -> None:
    contract = city.load("mobility.trips")
    assert from_json(to_json(contract)) == contract
    assert "\n" not in to_json(contract)


def test_field_that_an_older_version_did_not_write_gets_its_default(city) -> None:
    stored = json.loads(to_json(city.load("mobility.trips")))
    del stored["sharing"], stored["ingest"]["control"]
    again = from_json(json.dumps(stored))
    assert again == replace(city.load("mobility.trips"), sharing=(), ingest=replace(again.ingest, control=Control()))


def test_field_that_only_a_newer_version_knows_is_told(city) -> None:
    stored = json.loads(to_json(city.load("mobility.trips")))
    stored["columns"][0]["colour"] = "red"
    with pytest.raises(RongtongError, match=r"'colour' in its Column.*Hint: upgrade"):
        from_json(json.dumps(stored))
