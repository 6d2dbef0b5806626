"""What type a column gets: the strictest one that loses nothing of what was delivered."""

import pytest

from tests.drafting.conftest import Desk


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "20", "-3"], "integer"),
        (["1", "2.5", "-.5"], "number"),
        (["0.1", "12", ""], "number"),
        (["007", "123", "456"], "string"),
        (["1234567890123456", "1"], "string"),
        (["3.14159265358979323846", "1.5"], "string"),
        (["40.690092327843345", "1.5"], "number"),
        (["1_000", "2"], "string"),
        (["0x1F", "2"], "string"),
        (["1e5", "2"], "string"),
        (["+5", "2"], "string"),
        (["12个", "3"], "string"),
        (["12.5%", "3"], "string"),
        (["inf", "3"], "string"),
        (["10:30", "11:45"], "string"),
    ],
)
def test_number_types_lose_nothing(desk: Desk, values: list[str], kind: str) -> None:
    assert desk.column("读数", values).type == kind


def test_digits_under_a_heading_of_codes_stay_text(desk: Desk) -> None:
    assert desk.column("区划代码", ["350203", "350205"]).type == "string"
    assert desk.column("areaCode", ["350203", "350205"]).type == "string"
    assert desk.column("数量", ["350203", "350205"]).type == "integer"


def test_thousands_marks_are_read_in_every_number_of_the_file(desk: Desk) -> None:
    columns = desk.contract('人次,金额,票\n"1,234","1,200.50",7\n"12,345,678",3,8\n').columns
    assert [(column.type, column.thousands) for column in columns] == [
        ("integer", ","), ("number", ","), ("integer", ","),
    ]  # fmt: skip


def test_misplaced_commas_are_no_thousands(desk: Desk) -> None:
    assert desk.column("读数", ["1,23", "4,56"]).type == "string"


def test_full_width_digits_are_numbers(desk: Desk) -> None:
    column = desk.column("读数", ["１２", "３．５"])
    assert (column.type, column.full_width) == ("number", True)


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2026-06-01", "2026-06-30"], ()),
        (["2026/6/1", "2026/12/30"], ("%Y/%m/%d",)),
        (["2026.06.01"], ("%Y.%m.%d",)),
        (["2026年6月1日", "2026年12月31日"], ("%Y年%m月%d日",)),
        (["2026年6月", "2026年12月"], ("%Y年%m月",)),
        (["20260601", "20260630"], ("%Y%m%d",)),
        (["12/31/2026", "01/02/2026"], ("%m/%d/%Y",)),
        (["31/12/2026", "01/02/2026"], ("%d/%m/%Y",)),
    ],
)
def test_dates_are_recognised_with_their_format(desk: Desk, values: list[str], formats: tuple[str, ...]) -> None:
    column = desk.column("日期", values)
    assert (column.type, column.formats) == ("date", formats)


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2026-06-01 08:00:00", "2026-06-30 23:59:59"], ()),
        (["2026-06-01T08:00", "2026-06-30 23:59:59.123"], ()),
        (["2026-06-01", "2026-06-30 23:59"], ()),
        (["2026/6/1 8:05"], ("%Y/%m/%d %H:%M",)),
        (["2026年6月1日 08:05", "2026年6月1日 09:05"], ("%Y年%m月%d日 %H:%M",)),
        (["2026年6月1日8时5分"], ("%Y年%m月%d日%H时%M分",)),
        (["20260601080500"], ("%Y%m%d%H%M%S",)),
        (["06/26/2026 10:58:54 AM", "06/26/2026 01:58:54 PM"], ("%m/%d/%Y %I:%M:%S %p",)),
    ],
)
def test_times_are_recognised_with_their_format(desk: Desk, values: list[str], formats: tuple[str, ...]) -> None:
    column = desk.column("受理时间", values)
    assert (column.type, column.formats) == ("timestamp", formats)


def test_several_formats_and_serial_numbers_in_one_column_are_all_read(desk: Desk) -> None:
    column = desk.column("受理时间", ["2026-06-01 08:00:00", "2026/6/2 8:05", "2026年6月3日 08:05", "46176.5"])
    assert column.type == "timestamp"
    assert set(column.formats) == {"%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M"}
    assert column.serial


def test_serial_numbers_alone_are_dates_only_under_a_heading_of_time(desk: Desk) -> None:
    assert desk.column("受理时间", ["46176.5", "46177.25"]).type == "timestamp"
    assert desk.column("受理日期", ["46176", "46177"]).type == "date"
    assert desk.column("海拔", ["46176", "46177"]).type == "integer"


def test_eight_digits_are_dates_only_under_a_heading_of_time_or_in_many_rows(desk: Desk) -> None:
    assert desk.column("读数", ["20260601", "20260602"]).type == "integer"
    assert desk.column("读数", [f"202606{day:02d}" for day in range(1, 31)]).type == "date"


def test_day_or_month_first_is_asked_when_both_read_every_value(desk: Desk) -> None:
    result = desk.draft(
        "日期\n01/02/2026\n03/04/2026\n", key=("none",), period="none", mode="append", provider="某局", personal=()
    )
    assert result.status == "draft"
    assert any("day first or month first" in todo for todo in result.todos)


def test_impossible_days_keep_a_column_of_few_values_text(desk: Desk) -> None:
    assert desk.column("日期", ["2026-02-28", "2026-02-31"]).type == "string"
    assert desk.column("时间", ["2026-02-28 23:00", "2026-02-28 24:00"]).type == "string"


def test_a_few_impossible_days_among_many_are_quarantined_instead(desk: Desk) -> None:
    rows = [f"{number},2026-06-{number % 30 + 1:02d}" for number in range(999)]
    source = "\n".join(["序号,日期", *rows, "999,2026-06-31"])
    assert desk.contract(source).columns[1].type == "date"
    outcome = desk.check(source)
    assert (outcome.verdict, outcome.quarantined) == ("published", 1)


def test_times_with_a_zone_of_their_own_are_instants(desk: Desk) -> None:
    column = desk.column("时间", ["2026-06-01T08:00:00Z", "2026-06-01T08:00:00+08:00", "2026-06-01 08:00:00.5-0330"])
    assert (column.type, column.formats) == ("timestamp", ())


def test_times_that_name_their_zone_in_other_ways_stay_text(desk: Desk) -> None:
    result = desk.draft("时间\n2026-06-01 08:00 UTC\n2026-06-01 08:00 GMT\n")
    assert "times with a zone of their own" in result.text


@pytest.mark.parametrize(
    ("heading", "values", "true_values", "false_values"),
    [
        ("是否解决", ["是", "否", ""], ("是",), ("否",)),
        ("是否解决", ["是", "是"], ("是",), ("否",)),
        ("路灯", ["有", "无"], ("有",), ("无",)),
        ("flag", ["Y", "N"], ("Y",), ("N",)),
        ("flag", ["true", "false"], ("true",), ("false",)),
        ("is_open", ["1", "0"], ("1",), ("0",)),
    ],
)
def test_two_answers_are_a_boolean(
    desk: Desk, heading: str, values: list[str], true_values: tuple[str, ...], false_values: tuple[str, ...]
) -> None:
    column = desk.column(heading, values)
    assert (column.type, column.true_values, column.false_values) == ("boolean", true_values, false_values)


def test_zero_and_one_are_numbers_and_a_lone_word_is_text(desk: Desk) -> None:
    assert desk.column("数量", ["0", "1"]).type == "integer"
    assert desk.column("路灯", ["有", "有"]).type == "string"


def test_null_markers_are_met_not_guessed(desk: Desk) -> None:
    assert desk.column("读数", ["1", "—", "/", "3"]).nulls == ("—", "/")
    assert desk.column("读数", ["1", "无", "NaN"]).nulls == ("无", "NaN")
    assert desk.column("日期", ["2026-06-01", "-"]).nulls == ("-",)
    assert desk.column("备注", ["好", "N/A", "坏"]).nulls == ("N/A",)


def test_an_answer_is_no_null_marker_in_a_column_of_text(desk: Desk) -> None:
    assert desk.column("症状", ["发热", "无", "咳嗽"]).nulls == ()


def test_only_columns_that_are_always_filled_are_required(desk: Desk) -> None:
    columns = desk.contract("甲,乙,丙\n1,,—\n2,x,3\n").columns
    assert [column.required for column in columns] == [True, False, False]


def test_an_empty_column_is_text(desk: Desk) -> None:
    column = desk.column("备注", ["", ""])
    assert (column.type, column.required) == ("string", False)


def test_values_beyond_the_sample_are_looked_at_too(desk: Desk) -> None:
    rows = [f"{number},{number},{number}" for number in range(30_000)]
    source = "\n".join(["序号,读数,标记", *rows, "30000,1.5,x"])
    columns = desk.contract(source, dataset="governance.many").columns
    assert [column.type for column in columns] == ["integer", "number", "string"]
