"""Rules that values suggest: code lists, answers, fixed shapes, uniqueness; and none that they do not."""

from tests.drafting.conftest import Desk

MANY = range(200)


def test_division_codes_are_held_against_the_code_list(desk: Desk) -> None:
    column = desk.column("区划代码", ["350203", "350205", "350206"])
    assert (column.type, column.code_list, column.pattern) == ("string", "divisions", "")


def test_codes_outside_the_list_are_not(desk: Desk) -> None:
    assert desk.column("区划代码", ["350203", "999999"]).code_list == ""


def test_revoked_codes_are_not_those_of_today(desk: Desk) -> None:
    assert desk.column("区划代码", ["350202", "350204"]).code_list == ""


def test_few_answers_in_many_rows_are_listed_and_new_ones_reported_only(desk: Desk) -> None:
    rows = [("已修复", "待修", "已派单")[number % 3] for number in MANY]
    column = desk.column("状态", rows)
    assert set(column.enum) == {"已修复", "待修", "已派单"}
    outcome = desk.check("n,状态\n" + "".join(f"{number},新词\n" for number in MANY))
    assert (outcome.verdict, outcome.quarantined) == ("published", 0)
    assert [(reason.rule, reason.rows) for reason in outcome.reasons] == [("status.enum", 200)]


def test_one_answer_or_few_rows_are_no_list(desk: Desk) -> None:
    assert desk.column("状态", ["已修复"] * 200).enum == ()
    assert desk.column("状态", ["已修复", "待修"] * 20).enum == ()
    assert desk.column("地点", [f"地点{number % 60}" for number in MANY]).enum == ()


def test_codes_of_one_shape_get_a_pattern(desk: Desk) -> None:
    assert desk.column("编号", [f"LD2026{number:05d}" for number in MANY]).pattern == r"^LD\d{9}$"
    assert desk.column("街道代码", [f"3502{number:05d}" for number in MANY]).pattern == r"^\d{9}$"
    assert desk.column("编号", [f"{'AB'[number % 2]}-{number:04d}" for number in MANY]).pattern == r"^[A-Z]\-\d{4}$"


def test_codes_of_several_shapes_get_none(desk: Desk) -> None:
    assert desk.column("编号", [f"LD{number}" for number in MANY]).pattern == ""


def test_identifiers_that_never_repeat_are_unique(desk: Desk) -> None:
    columns = desk.contract(
        "\n".join(["编号,合同编号,金额", *(f"A{n},HT-{n},{n}.5" for n in MANY)]), key=("编号",)
    ).columns
    assert [(column.key_position, column.unique) for column in columns] == [(1, False), (None, True), (None, False)]


def test_no_lengths_and_ranges_are_invented(desk: Desk) -> None:
    for column in desk.contract("\n".join(["名称,数量", *(f"灯{n},{n}" for n in MANY)])).columns:
        assert (column.min_length, column.max_length, column.minimum, column.maximum) == (None, None, None, None)


def test_what_was_seen_is_told_beside_each_column(desk: Desk) -> None:
    text = desk.draft("\n".join(["n,数量", *(f"{n},{n if n % 2 else '—'}" for n in MANY)])).text
    assert "# 100 of 200 filled; about" in text
    assert "nothing is written '—' 100 times" in text


def test_columns_that_are_nearly_numbers_say_why_they_stay_text(desk: Desk) -> None:
    text = desk.draft("\n".join(["n,楼号", *(f"{n},{n}" for n in MANY), "200,12A"])).text
    assert "kept as text: only 200 of 201 sampled values are integers" in text
