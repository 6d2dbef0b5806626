"""What counts as breaking: the whole table of changes, and the version it demands."""

from dataclasses import fields, replace

import pytest

from pipelines.contracts.diff import COLUMN_JUDGES, CONTRACT_JUDGES, INGEST_JUDGES, diff, version_problems
from pipelines.contracts.model import Column, Contract, Ingest, Period, Reference, RowCheck

BASE = Column(
    name="speed",
    type="integer",
    title="速度",
    unit="km/h",
    minimum=0,
    maximum=100,
    multiple_of=10,
    min_length=2,
    max_length=9,
    pattern="^a$",
    enum=("a", "b"),
    code_list="kinds",
    reference=Reference("places", "code"),
    aliases=("v",),
    nulls=("-",),
    formats=("%Y",),
    serial=True,
    full_width=True,
    thousands=",",
    true_values=("是",),
    required=True,
    unique=True,
)


def contract(*columns: Column, **changes) -> Contract:
    sound = Contract(
        id="mobility.trips",
        version="1.2.0",
        status="active",
        path="schemas/mobility/trips.odcs.yaml",
        digest="",
        title="骑行",
        purpose="",
        limitations="",
        provider="交通局",
        owner="甲",
        contacts=(),
        tags=(),
        columns=columns or (BASE,),
        ingest=Ingest(),
    )
    return replace(sound, **changes)


BREAKING = [
    {"type": "number"},
    {"unit": "m/s"},
    {"physical_type": "DECIMAL(8,2)"},
    {"minimum": 1},
    {"maximum": 99},
    {"exclusive_minimum": 0},
    {"minimum": "2020-01-01"},
    {"multiple_of": 20},
    {"min_length": 3},
    {"max_length": 8},
    {"pattern": "^b$"},
    {"enum": ("a",)},
    {"code_list": "others"},
    {"reference": Reference("places", "name")},
    {"aliases": ()},
    {"nulls": ()},
    {"formats": ("%y", "%Y")},
    {"formats": ()},
    {"serial": False},
    {"trim": False},
    {"full_width": False},
    {"thousands": ""},
    {"decimal": ","},
    {"true_values": ("有",)},
    {"mask": "hmac"},
]
COMPATIBLE = [
    {"title": "时速"},
    {"description": "a"},
    {"required": False},
    {"unique": False},
    {"minimum": -1},
    {"minimum": None},
    {"maximum": 120},
    {"multiple_of": 5},
    {"multiple_of": None},
    {"min_length": 1},
    {"max_length": None},
    {"pattern": ""},
    {"enum": ("a", "b", "c")},
    {"enum": ()},
    {"code_list": ""},
    {"reference": None},
    {"aliases": ("v", "w")},
    {"nulls": ("-", "/")},
    {"formats": ("%Y", "%y")},
    {"level": 3},
    {"personal": True},
]


@pytest.mark.parametrize("change", BREAKING, ids=str)
def test_change_of_a_column_is_breaking(change) -> None:
    (found,) = diff(contract(), contract(replace(BASE, **change)))
    assert found.breaking
    assert found.kind == f"column_{next(iter(change))}"
    assert found.subject == "speed"


@pytest.mark.parametrize("change", COMPATIBLE, ids=str)
def test_change_of_a_column_is_compatible(change) -> None:
    (found,) = diff(contract(), contract(replace(BASE, **change)))
    assert not found.breaking


def test_rules_that_are_new_are_breaking() -> None:
    bare = Column("speed", "integer")
    for change in (
        {"required": True},
        {"unique": True},
        {"pattern": "a"},
        {"enum": ("a",)},
        {"minimum": 0},
        {"code_list": "k"},
    ):
        assert [c.breaking for c in diff(contract(bare), contract(replace(bare, **change)))] == [True]
    for change in ({"unit": "km/h"}, {"aliases": ("v",)}, {"nulls": ("-",)}, {"serial": True}, {"thousands": ","}):
        assert [c.breaking for c in diff(contract(bare), contract(replace(bare, **change)))] == [False]


def test_writing_out_the_usual_physical_type_is_no_change() -> None:
    assert diff(contract(), contract(replace(BASE, physical_type="BIGINT"))) == []


def test_columns_come_and_go_and_are_renamed() -> None:
    new = Column("lane", "string")
    assert [(c.kind, c.subject, c.breaking) for c in diff(contract(), contract(BASE, new))] == [
        ("column_added", "lane", False)
    ]
    required = replace(new, required=True)
    assert [(c.kind, c.breaking) for c in diff(contract(), contract(BASE, required))] == [("column_added", True)]
    assert [(c.kind, c.subject, c.breaking) for c in diff(contract(BASE, new), contract())] == [
        ("column_removed", "lane", True)
    ]
    renamed = replace(BASE, name="velocity")
    assert [c.text for c in diff(contract(), contract(renamed))] == ["column 'speed' is now 'velocity'"]
    known_as = replace(new, name="road_lane", aliases=("lane",))
    assert [c.kind for c in diff(contract(BASE, new), contract(BASE, known_as))] == ["column_renamed"]


def test_key_is_one_change_however_many_columns_it_has() -> None:
    keyed = contract(replace(BASE, key_position=2), Column("at", "timestamp", key_position=1))
    loose = contract(BASE, Column("at", "timestamp"))
    (found,) = diff(loose, keyed)
    assert (found.kind, found.breaking, found.text) == ("key", True, "the key was nothing, is at, speed")


def test_row_checks_come_go_and_change() -> None:
    old = contract(row_checks=(RowCheck("a", "x > 1"), RowCheck("b", "x > 2")))
    new = contract(row_checks=(RowCheck("a", "x > 2", "why"), RowCheck("c", "x > 3")))
    assert [(c.kind, c.subject, c.breaking) for c in diff(old, new)] == [
        ("row_check_added", "c", True),
        ("row_check_condition", "a", True),
        ("row_check_description", "a", False),
        ("row_check_removed", "b", False),
    ]


@pytest.mark.parametrize(
    ("change", "breaking"),
    [
        ({"mode": "upsert"}, True),
        ({"order_by": "at"}, True),
        ({"timezone": "UTC"}, True),
        ({"crs": "GCJ-02"}, True),
        ({"period": Period("column", "day", "", "at")}, True),
        ({"period": Period(pattern="a")}, False),
        ({"encoding": "gb18030"}, False),
        ({"header_row": 2}, False),
    ],
)
def test_change_of_reading_breaks_when_it_changes_what_the_rows_mean(change, breaking: bool) -> None:
    assert [c.breaking for c in diff(contract(), contract(ingest=Ingest(**change)))] == [breaking]


def test_what_is_said_about_the_data_never_breaks() -> None:
    new = contract(title="b", purpose="c", provider="d", status="deprecated", max_invalid_pct=1.0, tags=("x",))
    assert [c.breaking for c in diff(contract(), new)] == [False] * 6


def test_everything_a_contract_holds_is_judged() -> None:
    """A field added to the model and forgotten here would change data without a version."""
    assert set(COLUMN_JUDGES) == {field.name for field in fields(Column)} - {"name", "key_position"}
    assert set(INGEST_JUDGES) == {field.name for field in fields(Ingest)}
    judged_elsewhere = {"version", "path", "digest", "columns", "ingest", "row_checks", "model"}
    assert set(CONTRACT_JUDGES) == {field.name for field in fields(Contract)} - judged_elsewhere


@pytest.mark.parametrize("version", ["1.2.0", "1.2.1", "1.3.0"])
def test_breaking_change_demands_a_higher_major_version(version: str) -> None:
    (problem,) = version_problems(contract(), contract(replace(BASE, type="number"), version=version), line=5)
    assert str(problem) == (
        f"schemas/mobility/trips.odcs.yaml:5: [version-bump] version {version} after 1.2.0, but the change is breaking:"
        " column 'speed': type was integer, is number. Hint: write version: 2.0.0, then rebuild mobility.trips."
    )


def test_higher_major_version_or_a_compatible_change_is_enough() -> None:
    assert version_problems(contract(), contract(replace(BASE, type="number"), version="2.0.0")) == []
    assert version_problems(contract(), contract(replace(BASE, maximum=120))) == []


def test_version_does_not_go_back() -> None:
    (problem,) = version_problems(contract(), contract(version="1.1.9"))
    assert "is older than 1.2.0, which is published" in problem.message
    assert version_problems(contract(version="1"), contract(version="0.1.0")) == []
