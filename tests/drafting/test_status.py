"""A draft stays one while a person must decide something; the options that decide it make it a contract that publishes."""

from pathlib import Path

import pytest

from pipelines.errors import ContractError, SourceError, UsageError
from tests.drafting.conftest import DECIDED, Desk

TEXT = "编号,状态,联系电话\n" + "".join(f"A{n:04d},好,1380000{n:04d}\n" for n in range(30))


def lines_with(text: str, word: str) -> list[str]:
    return [line for line in text.splitlines() if word in line]


def test_every_open_question_is_a_todo_in_the_file(desk: Desk) -> None:
    result = desk.draft(TEXT)
    assert result.status == "draft"
    assert len(lines_with(result.text, "# TODO")) == len(result.todos) >= 5
    assert desk.problems() == []
    assert desk.check(TEXT).verdict == "published"


def test_options_that_answer_everything_make_it_active(desk: Desk) -> None:
    result = desk.draft(TEXT, **(DECIDED | {"key": ("编号",), "personal": ("联系电话",)}))
    assert (result.status, result.todos) == ("active", ())
    assert "TODO" not in result.text
    assert desk.problems() == []
    assert desk.check(TEXT).quarantined == 0


@pytest.mark.parametrize("missing", ["key", "period", "mode", "provider", "personal"])
def test_one_open_question_keeps_it_a_draft(desk: Desk, missing: str) -> None:
    options = {key: value for key, value in DECIDED.items() if key != missing}
    result = desk.draft(TEXT, **options)
    assert result.status == "draft"
    assert len(result.todos) == 1


def test_what_lint_finds_keeps_it_a_draft(desk: Desk) -> None:
    desk.contract("TODO状态,甲\n1,2\n", "environment.first", personal=())
    assert desk.draft("TODO,甲\n1,2\n", **DECIDED).status == "draft"


def test_what_was_inferred_comes_with_its_evidence(desk: Desk) -> None:
    inferred = {item.subject: item for item in desk.draft(TEXT).inferred}
    assert inferred["thing_id"].found == "string"
    assert "30 different" in inferred["thing_id"].evidence


def test_the_contract_lies_where_its_id_says(desk: Desk) -> None:
    result = desk.draft(TEXT, "mobility.bike_fences")
    assert result.path == desk.files.parent / "city/schemas/mobility/bike_fences.odcs.yaml"
    assert result.path.read_text("utf-8") == result.text
    assert [path.name for path in result.path.parent.iterdir()] == ["bike_fences.odcs.yaml"]


def test_an_existing_contract_is_not_overwritten(desk: Desk) -> None:
    result = desk.draft(TEXT)
    result.path.write_text("# mine\n", "utf-8")
    with pytest.raises(UsageError, match="is there already"):
        desk.draft(TEXT)
    assert result.path.read_text("utf-8") == "# mine\n"
    assert desk.draft(TEXT, force=True).text == result.text


@pytest.mark.parametrize("dataset", ["things", "Governance.things", "a.b.c", "治理.路灯", "a.b/../c", ""])
def test_an_id_of_another_form_is_refused(desk: Desk, dataset: str) -> None:
    with pytest.raises(UsageError, match="not of the form"):
        desk.draft(TEXT, dataset)


def test_a_table_the_city_has_already_is_refused(desk: Desk) -> None:
    desk.draft(TEXT, "governance.things")
    with pytest.raises(UsageError, match="table-unique"):
        desk.draft(TEXT, "mobility.things")


def test_without_a_city_pack_it_says_so(desk: Desk) -> None:
    (desk.files.parent / "city/schemas/_city.yaml").unlink()
    with pytest.raises(ContractError, match="no city pack"):
        desk.draft(TEXT)


DICTIONARY = """\
字段名,中文名,类型,必填,代码表
fault_id,编号,字符,是,
district_code,区划代码,字符,是,divisions
reported_at,报修时间,日期时间,是,
status,状态,字符,否,
phone,联系电话,字符,否,
"""
LIGHTS = "编号,区划代码,报修时间,状态,联系电话\n" + "".join(
    f"LD{n:05d},350203,2026-06-{n % 28 + 1:02d} 08:00,已修复,1380000{n:04d}\n" for n in range(50)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_dictionary_gives_names_types_required_and_code_lists(desk: Desk, encoding: str) -> None:
    dictionary = desk.write(DICTIONARY, "字典.csv", encoding)
    options = DECIDED | {
        "key": ("fault_id",),
        "period": "reported_at:month",
        "mode": "replace_period",
        "personal": ("phone",),
    }
    contract = desk.contract(LIGHTS, "governance.light_faults", dictionary=dictionary, **options)
    assert contract.status == "active"
    assert [(c.name, c.required) for c in contract.columns] == [
        ("fault_id", True), ("district_code", True), ("reported_at", True), ("status", False), ("phone", False),
    ]  # fmt: skip
    assert contract.column("district_code").code_list == "divisions"


def test_a_dictionary_that_contradicts_the_values_is_asked_about(desk: Desk) -> None:
    dictionary = desk.write("字段名,中文名,类型\nstatus,状态,整数\nkind,种类,字符\n", "字典.csv")
    result = desk.draft("状态,数量\n好,1\n坏,2\n", dictionary=dictionary, **DECIDED)
    assert any("the dictionary says integer, the values say string" in todo for todo in result.todos)
    assert "# not in the dictionary: 数量" in result.text
    assert "# in the dictionary, not in the file: 种类" in result.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("甲,乙\n1,2\n", "no heading 字段名 nor 中文名"),
        ("字段名,中文名\n状态,状态\n", "not in Latin letters"),
        ("字段名,中文名\na,甲\na,乙\n", "more than once"),
    ],
)
def test_a_file_that_is_no_dictionary_is_refused(desk: Desk, text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        desk.draft(TEXT, dictionary=desk.write(text, "字典.csv"))
    with pytest.raises(SourceError, match="cannot be read"):
        desk.draft(TEXT, dictionary=Path("/nowhere.csv"))
