"""Credit codes, citizen numbers and division codes: the vectors, and SQL equal to the Python reference over any text."""

import random
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from pipelines.standards import citizen_id, credit_code, divisions
from pipelines.standards.macros import MACROS

USCC = [
    "91350100M000100Y43", "91330100716105852F", "914403001922038216", "9144030071526726XG", "91110108551385082Q",
    "12100000400000624D", "91110000600037341L",
]  # fmt: skip
ODD = [None, "", " ", "X", "９１３５０１００M０００１００Y４３", "91350100m000100y43", "91350100M000100Y4", "91350100M000100Y433",
       "91350100M000100Y43 ", "91350100M000100Y43\n", "91350100O000100Y43", "９" * 18, "11010519491231002x", "٠" * 18, "0" * 18,
       "0" * 17 + "X", "110105000012310020", "110105190002290020", "110105200002290020", "350203\x00", "中" * 18]  # fmt: skip
FUNCTIONS: list[tuple[str, Callable[[str | None], object]]] = [
    ("is_uscc", credit_code.is_uscc),
    ("is_organisation_code", credit_code.is_organisation_code),
    ("is_citizen_id", citizen_id.is_citizen_id),
    ("citizen_id_from_15", citizen_id.citizen_id_from_15),
    ("masked_citizen_id", citizen_id.masked_citizen_id),
    ("is_division_code", divisions.is_division_code),
    ("division_level", divisions.division_level),
    ("division_parent", divisions.division_parent),
    ("township_kind", divisions.township_kind),
]


def texts() -> list[str | None]:
    """Texts near to right ones: one sign changed, two swapped, one more or less, full-width, small; and noise."""
    draw = random.Random(7)
    right = [*USCC, *(code[8:17] for code in USCC), "11010519491231002X", "440524188001010014", "110105491231002"]
    right += ["350000", "350200", "350203", "350203001", "350203001001", "350211401000", "429004", "350205000000"]
    found: list[str | None] = [*ODD, *right]
    for text in right * 40:
        signs = list(text)
        place = draw.randrange(len(signs))
        signs[place] = draw.choice("0123456789ABXYZIOxm０Ａ 年")
        found.append("".join(signs))
    for _ in range(600):
        digits = "".join(draw.choice("0012359") for _ in range(draw.choice((6, 9, 12, 15, 17, 18))))
        found += [digits, digits + draw.choice("0123456789X")]
    return found


@pytest.mark.parametrize(("name", "reference"), FUNCTIONS, ids=[name for name, _ in FUNCTIONS])
def test_sql_says_what_python_says_of_any_text(name: str, reference: Callable[[str | None], object], over: Any) -> None:
    given = [text for text in texts() if text is None or "\x00" not in text]
    answers = over(f"{name}(text)", "text VARCHAR", [(text,) for text in given])
    differing = [
        (text, answer, reference(text))
        for text, answer in zip(given, answers, strict=True)
        if answer != reference(text)
    ]
    assert not differing
    assert len(set(answers)) > 1


@pytest.mark.parametrize("code", USCC)
def test_credit_codes_in_use_are_right_and_no_single_typing_error_is(code: str, over: Any) -> None:
    wrong = [
        code[:place] + sign + code[place + 1 :]
        for place in range(18)
        for sign in credit_code.ALPHABET
        if sign != code[place]
    ]
    assert over("is_uscc(text)", "text VARCHAR", [(code,)]) == [True]
    assert not any(over("is_uscc(text)", "text VARCHAR", [(text,) for text in wrong]))
    assert over("is_organisation_code(text[9:17])", "text VARCHAR", [(code,)]) == [True]


def test_letters_in_front_are_right_when_the_check_character_is(over: Any) -> None:
    made = []
    for front in ("N2", "A1", "Y1"):
        first = f"{front}350203MA0000001"
        made += [first + sign for sign in credit_code.ALPHABET if credit_code.is_uscc(first + sign)]
    assert over("is_uscc(text)", "text VARCHAR", [(code,) for code in made]) == [True] * 3


def test_citizen_numbers_of_counties_that_were_or_came_later_are_right(over: Any) -> None:
    given = ["11010519491231002X", "440524188001010014", "350204196001011232", "350213199001011232"]
    assert over("is_citizen_id(text)", "text VARCHAR", [(number,) for number in given]) == [True] * 4


def test_a_citizen_number_is_taken_as_text_alone_and_is_never_quoted() -> None:
    con = duckdb.connect()
    con.execute(f"CREATE MACRO is_citizen_id(number) AS {MACROS['is_citizen_id(number)']}")
    con.execute("CREATE TABLE people AS SELECT 110105194912310021 AS id")
    with pytest.raises(duckdb.BinderException) as refused:
        con.execute("SELECT is_citizen_id(id) FROM people")
    assert "110105" not in str(refused.value)


def test_levels_and_parents_of_xiamen(over: Any) -> None:
    codes = ["350000", "350200", "350203", "350203001", "350203001000", "350203001001", "350211401", "350203000001"]
    rows = [(code,) for code in codes]
    assert over("division_level(text)", "text VARCHAR", rows) == [
        "province", "city", "county", "township", "township", "village", "township", None,
    ]  # fmt: skip
    assert over("division_parent(text)", "text VARCHAR", rows)[3:7] == [
        "350203000",
        "350203000000",
        "350203001000",
        "350211000",
    ]
