"""Whatever a contract file holds, it gives a contract or problems with places, never a traceback."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts.city import load_city
from pipelines.contracts.inspection import from_entry, inspect_contract, to_entry

SAMPLE = yaml.safe_load((Path(__file__).parent / "samples" / "trips.odcs.yaml").read_text(encoding="utf-8"))
VALUES = st.sampled_from(
    [
        *[
            None,
            True,
            0,
            -1,
            1.5,
            10**30,
            "",
            "x",
            "a.b",
            "2026-01-01",
            "%",
            "(",
            "日期",
            "${table}",
            "rongtong",
            "TODO",
        ],
        *["9" * 200, [], {}, ["x"], {"a": 1}, [[]], [{}], [None], [{"value": None}], {"value": 1}, [1, 2]],
    ]
)
SIGNS = st.sampled_from([*"\t'\"[]{}:-#|>%@`?", "&a ", "*a ", "!x ", "<<: ", "---\n"])


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(inner for key, item in items for inner in places(item, (*place, key)))]


PLACES = places(SAMPLE)[1:]
EDITS = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(["set", "delete", "rename"]), VALUES), min_size=1, max_size=4
)


def edited(data: Any, place: tuple[Any, ...], how: str, value: Any) -> None:
    try:
        for part in place[:-1]:
            data = data[part]
        old = data[place[-1]]
    except (KeyError, IndexError, TypeError):
        return  # an earlier edit took the place away
    if not isinstance(data, dict | list):
        return
    if how == "set":
        data[place[-1]] = copy.deepcopy(value)
    else:
        del data[place[-1]]
        if how == "rename" and isinstance(data, dict):
            data[f"{place[-1]}x"] = old


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_any_structure_gives_a_contract_or_problems(city, edits) -> None:
    data = copy.deepcopy(SAMPLE)
    for place, how, value in edits:
        edited(data, place, how, value)
    path = city.write("mobility.trips", json.dumps(data, ensure_ascii=False, indent=1))
    found = inspect_contract(path, load_city(city.root))
    assert (found.contract is None) == bool(found.problems)
    assert all(problem.line and problem.message.endswith(".") for problem in found.problems)
    assert from_entry(json.loads(json.dumps(to_entry(found)))) == found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 5000), length=st.integers(0, 40), text=st.text(max_size=6) | SIGNS)
def test_any_text_gives_a_contract_or_problems(city, at: int, length: int, text: str) -> None:
    sound = (Path(__file__).parent / "samples" / "trips.odcs.yaml").read_text(encoding="utf-8")
    spoilt = sound[:at] + text + sound[at + length :]
    city.path("mobility.trips").write_bytes(spoilt.encode("utf-8", "surrogatepass"))
    found = inspect_contract(city.path("mobility.trips"), load_city(city.root))
    assert (found.contract is None) == bool(found.problems)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"null", b"[]", b"schema: [", b"schema: [{}]", b"schema: [{properties: [{}]}]"]
)
def test_file_that_is_hardly_a_contract_is_told(city, content: bytes) -> None:
    city.path("mobility.trips").write_bytes(content)
    assert city.problems("mobility.trips")
