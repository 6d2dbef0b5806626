"""What became of former divisions: read strictly beside the code list, and Xiamen's own."""

from pathlib import Path

import pytest

from pipelines.contracts.codelists import code_list_names
from pipelines.contracts.divisions import load_successors
from pipelines.errors import ContractError

REPOSITORY = Path(__file__).parents[2]
HEADER = "code,valid_to,successor_code,basis_kind,basis_ref\n"


def test_without_the_file_nobody_has_a_successor(city) -> None:
    assert load_successors(city.schemas) == ()


def test_successors_are_no_code_list(city) -> None:
    text = HEADER + "350205,2003-01-01,350203,example,tests\n\n"
    (city.schemas / "_shared" / "division_successors.csv").write_text(text, encoding="utf-8")
    (found,) = load_successors(city.schemas)
    assert (found.code, found.valid_to, found.successor_code, found.basis.kind) == (
        "350205",
        "2003-01-01",
        "350203",
        "example",
    )
    assert code_list_names(city.schemas) == ["divisions"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("code,valid_to\n", ["1: [division-successor] the header is 'code,valid_to'."]),
        (HEADER + "350205,2003-01-01\n", ["2: [division-successor] has 2 fields, not 5."]),
        (HEADER + "350205,2003-1-1,350205,law,x\n", ["2: [division-successor] valid_to '2003-1-1' is not a date."]),
        (HEADER + "350203,2003-01-01,350205,law,x\n", ["2: [division-successor] no division 350203 ends on 2003-01-01."]),
        (HEADER + "350205,2003-01-01,350299,law,x\n", ["2: [division-successor] successor '350299' is no division of 2003-01-01."]),
        (
            HEADER + "350205,2003-01-01,350205,law,x\n350205,2003-01-01,350203,rumour,\n",
            [
                "3: [division-successor] basis_kind 'rumour' is not known.",
                "3: [division-successor] basis_ref is empty.",
                "3: [division-successor] the successor of 350205 until 2003-01-01 is there twice.",
            ],
        ),
    ],
)  # fmt: skip
def test_successor_that_is_not_sound_is_told_by_line(city, lines: str, told: list[str]) -> None:
    (city.schemas / "_shared" / "division_successors.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_successors(city.schemas)
    problems = [str(problem).partition(" Hint:")[0] for problem in error.value.problems]
    assert problems == [f"schemas/_shared/division_successors.csv:{line}" for line in told]


def test_every_former_district_of_xiamen_has_a_successor_and_what_is_inferred_says_so() -> None:
    found = {entry.code: entry for entry in load_successors(REPOSITORY / "schemas")}
    assert {code: entry.successor_code for code, entry in found.items()} == {
        "350202": "350203",
        "350204": "350203",
        "350205": "350205",
        "350211": "350211",
        "350221": "350212",
    }
    assert {code for code, entry in found.items() if entry.basis.kind == "example"} == {"350202", "350204", "350205"}
