"""Code lists: effective-dated, sound, and Xiamen's own."""

from pathlib import Path

import pytest

from pipelines.contracts.codelists import load_code_list
from pipelines.errors import ContractError

REPOSITORY = Path(__file__).parents[2]
HEADER = "code,name,valid_from,valid_to\n"


@pytest.fixture
def write(tmp_path: Path):
    folder = tmp_path / "schemas" / "_shared"
    folder.mkdir(parents=True)

    def written(content: str | bytes) -> Path:
        data = content if isinstance(content, bytes) else content.encode()
        (folder / "kinds.csv").write_bytes(data)
        return tmp_path / "schemas"

    return written


def test_code_list_is_read_in_order(write) -> None:
    found = load_code_list(write("\ufeff" + HEADER + '1,"甲,乙",,\n1b,丙,2020-01-01,\n'), "kinds")
    assert found.rows == (("1", "甲,乙", "", ""), ("1b", "丙", "2020-01-01", ""))
    assert found.digest == load_code_list(write(HEADER + '1,"甲,乙",,\r\n1b,丙,2020-01-01,\r\n\r\n'), "kinds").digest


def test_code_may_pass_to_another_name_the_day_it_ended(write) -> None:
    rows = load_code_list(write(HEADER + "1,甲,,2003-01-01\n1,乙,2003-01-01,\n"), "kinds").rows
    assert [row[1] for row in rows] == ["甲", "乙"]


TWICE = "3: [code-list] code '1' is valid at the same time as on line 2. Hint: end the earlier one with valid_to."
NO_DATE = "2: [code-list] valid_from '{}' is not a date. Hint: write YYYY-MM-DD, or nothing."
NO_HEADER = "1: [code-list] the header is 'code;name'. Hint: write code,name,valid_from,valid_to."


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("code;name\n1;a\n", [NO_HEADER]),
        (HEADER, ["1: [code-list] holds no code."]),
        (HEADER + "1,甲,,\n1,乙,,\n", [TWICE]),
        (HEADER + "1,甲,,2003-01-02\n1,乙,2003-01-01,\n", [TWICE]),
        (HEADER + "1,甲,2003-02-30,\n", [NO_DATE.format("2003-02-30")]),
        (HEADER + "1,甲,20030101,\n", [NO_DATE.format("20030101")]),
        (
            HEADER + "1,甲,2003-01-01,2003-01-01\n",
            ["2: [code-list] code '1' ends on 2003-01-01, not after it begins on 2003-01-01."],
        ),
        (
            HEADER + "1,甲\n,乙,,\n2 ,丙,,\n",
            [
                "2: [code-list] has 2 fields, not 4.",
                "3: [code-list] code is empty.",
                "4: [code-list] code '2 ' begins or ends with a blank.",
            ],
        ),
        (HEADER + '1,"甲,,\n', ["2: [code-list] not CSV: unexpected end of data."]),
    ],
)
def test_code_list_that_is_not_sound_is_told_by_line(write, content: str, told: list[str]) -> None:
    with pytest.raises(ContractError) as error:
        load_code_list(write(content), "kinds")
    assert str(error.value).splitlines() == [f"schemas/_shared/kinds.csv:{line}" for line in told]


def test_code_list_in_another_encoding_is_told(write) -> None:
    with pytest.raises(ContractError, match=r"byte 32 is not UTF-8\. Hint: save the file as UTF-8\."):
        load_code_list(write((HEADER + "1,甲,,\n").encode("gb18030")), "kinds")


def test_missing_code_list_names_the_closest(write) -> None:
    with pytest.raises(ContractError, match=r"there is no code list 'kind'\. Hint: use 'kinds'"):
        load_code_list(write(HEADER + "1,甲,,\n"), "kind")


def test_broken_code_list_is_told_at_the_column_that_takes_it(city) -> None:
    (city.schemas / "_shared" / "divisions.csv").write_text(HEADER + "1,甲,,\n1,乙,,\n2,,,\n", encoding="utf-8")
    (found,) = city.problems("mobility.trips")
    assert (found.rule, found.line) == ("code-list", 56)
    assert "schemas/_shared/divisions.csv:3: code '1' is valid at the same time" in found.message
    assert "(and 1 more)" in found.message


def test_divisions_are_xiamens_with_those_of_the_past() -> None:
    rows = load_code_list(REPOSITORY / "schemas", "divisions").rows
    districts = {code for code, _, _, until in rows if len(code) == 6 and not until}
    assert districts == {"350200", "350203", "350205", "350206", "350211", "350212", "350213"}
    assert [(name, since, until) for code, name, since, until in rows if code == "350205"] == [
        ("杏林区", "1983-01-01", "2003-01-01"),
        ("海沧区", "2003-01-01", ""),
    ]
    assert {code for code, _, _, until in rows if until} == {"350202", "350204", "350205", "350211", "350221"}
    units = [code for code, *_ in rows if len(code) == 9]
    assert len(units) == 54
    assert {code[:6] for code in units} == districts - {"350200"}
