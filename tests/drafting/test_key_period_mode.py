"""Key, period and mode: proposed on evidence, decided by a person."""

import pytest

from pipelines.errors import UsageError
from tests.drafting.conftest import Desk


def lights(month: str = "2026-06", rows: int = 60) -> str:
    lines = [
        f"LD{n:05d},{('350203', '350205')[n % 2]},{month}-{n % 28 + 1:02d} 08:{n % 60:02d},好" for n in range(rows)
    ]
    return "\n".join(["编号,区划代码,报修时间,状态", *lines]) + "\n"


def test_an_identifier_that_never_repeats_is_the_proposed_key(desk: Desk) -> None:
    result = desk.draft(lights())
    assert any(todo.startswith("key: confirm thing_id (60 different values in 60 rows)") for todo in result.todos)
    assert "primaryKey: true" in result.text


def test_two_columns_together_are_proposed_where_one_is_not_enough(desk: Desk) -> None:
    rows = "\n".join(f"XM{s:02d},2026-06-{d:02d},{s * d}" for s in range(1, 9) for d in range(1, 11))
    result = desk.draft(f"站点编码,监测日期,读数\n{rows}\n")
    assert any("key: confirm station_code, observed_date (80 different combinations" in todo for todo in result.todos)


def test_an_identifier_that_repeats_once_in_a_thousand_is_still_the_key(desk: Desk) -> None:
    text = lights(rows=1000) + "LD00007,350203,2026-06-01 08:00,好\n"
    assert any("1,000 different values in 1,001 rows" in todo for todo in desk.draft(text).todos)


def test_no_key_is_invented(desk: Desk) -> None:
    assert any("key: no column" in todo for todo in desk.draft("类别,数量\n" + "甲,1\n乙,2\n甲,1\n" * 5).todos)


def test_a_row_number_is_no_key(desk: Desk) -> None:
    text = "序号,类别,数量\n" + "".join(f"{number},{number % 3},{number % 5}.5\n" for number in range(1, 40))
    assert any("key: no column" in todo for todo in desk.draft(text).todos)


def test_a_person_names_the_key_by_name_or_heading(desk: Desk) -> None:
    for word in ("thing_id", "编号"):
        assert desk.contract(lights(), key=(word,)).key == ("thing_id",)
    assert desk.contract(lights(), key=("报修时间", "编号")).key == ("reported_at", "thing_id")


def test_a_person_may_call_the_column_what_it_is(desk: Desk) -> None:
    contract = desk.contract("工单编号,联系电话\nA1,1\nA2,2\n", key=("id",), personal=("contact_phone",))
    assert [column.name for column in contract.columns] == ["id", "contact_phone"]


def test_a_key_that_is_no_column_is_refused_with_the_columns_there_are(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"\[key\] there is no column 'nonsense'.*thing_id \(编号\)"):
        desk.draft(lights(), key=("nonsense",))
    with pytest.raises(UsageError, match="did you mean 'status'"):
        desk.draft(lights(), key=("statsu",))


def test_a_key_that_repeats_says_so(desk: Desk) -> None:
    text = desk.draft(lights() + lights().partition("\n")[2], key=("编号",)).text
    assert "# key: 60 different in 120 rows" in text


@pytest.mark.parametrize(
    ("name", "unit", "period"),
    [
        ("路灯_202606.csv", "month", "2026-06"),
        ("路灯2026-06.csv", "month", "2026-06"),
        ("路灯2026年6月.csv", "month", "2026-06"),
        ("路灯_20260605.csv", "day", "2026-06-05"),
        ("路灯_2026-06-05_更正.csv", "day", "2026-06-05"),
        ("路灯_2026060508.csv", "hour", "2026-06-05T08"),
        ("路灯_2026Q2.csv", "quarter", "2026-Q2"),
        ("路灯_2026年2季度.csv", "quarter", "2026-Q2"),
        ("路灯2026.csv", "year", "2026"),
    ],
)
def test_the_file_s_name_tells_the_period(desk: Desk, name: str, unit: str, period: str) -> None:
    file = desk.write("编号,状态\nA,好\n", name)
    contract = desk.contract(file, period=f"file_name:{unit}", mode="replace_period")
    assert (contract.ingest.period.source, contract.ingest.period.unit) == ("file_name", unit)
    assert desk.check(file).period == period
    undecided = desk.draft(file, "governance.others")
    assert any(period in todo and f"--period file_name:{unit}" in todo for todo in undecided.todos)


@pytest.mark.parametrize("name", ["路灯.csv", "路灯_20269913.csv", "导出20260605083000123.csv"])
def test_other_numbers_in_a_name_tell_none(desk: Desk, name: str) -> None:
    assert any("period: neither" in todo for todo in desk.draft(desk.write("编号,状态\nA,好\n", name)).todos)


def test_rows_are_held_against_the_name_s_period_where_they_agree_with_it(desk: Desk) -> None:
    file = desk.write(lights(), "路灯_202606.csv")
    assert desk.contract(file, period="file_name:month").ingest.period.column == "reported_at"
    other = desk.write(lights("2026-05"), "路灯_202607.csv")
    assert desk.contract(other, period="file_name:month").ingest.period.column == ""


def test_a_date_column_tells_the_period_where_the_name_does_not(desk: Desk) -> None:
    assert any("every row's reported_at is in 2026-06" in todo for todo in desk.draft(lights()).todos)
    period = desk.contract(lights(), period="reported_at:month", mode="replace_period").ingest.period
    assert (period.source, period.column, period.unit) == ("column", "reported_at", "month")


def test_rows_of_several_months_are_asked_about(desk: Desk) -> None:
    both = lights() + lights("2026-07").partition("\n")[2]
    result = desk.draft(
        both, key=("none",), period="reported_at:month", mode="replace_period", provider="某局", personal=()
    )
    assert any("60 rows belong to 2026-0" in todo and "60 to 1 other months" in todo for todo in result.todos)


def test_a_period_that_cannot_be_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="is no period"):
        desk.draft(lights(), period="reported_at")
    with pytest.raises(UsageError, match="tells no month"):
        desk.draft(lights(), period="file_name:month")
    with pytest.raises(UsageError, match="there is no column 'opened_at'"):
        desk.draft(lights(), period="opened_at:month")


def test_a_period_from_a_column_of_words_is_asked_about(desk: Desk) -> None:
    assert any("not a date" in todo for todo in desk.draft(lights(), period="status:month").todos)


def test_the_mode_follows_from_period_key_and_dates_and_says_why(desk: Desk) -> None:
    monthly = desk.draft(desk.write(lights(), "路灯_202606.csv"), "governance.monthly").text
    register = desk.draft("编号,名称\n" + "".join(f"A{n},灯{n}\n" for n in range(30)), "governance.register").text
    events = desk.draft("类别,时间\n甲,2024-01-01 08:00\n甲,2026-01-01 08:00\n", "governance.events").text
    assert "mode: replace_period" in monthly
    assert "# a delivery is one period" in monthly
    assert "mode: replace\n" in register
    assert "whole register" in register
    assert "mode: append" in events


def test_upsert_orders_by_the_column_that_tells_the_newer_row(desk: Desk) -> None:
    text = "编号,更新时间\nA1,2026-06-01 08:00\nA2,2026-06-02 08:00\n"
    assert desk.contract(text, key=("编号",), mode="upsert").ingest.order_by == "updated_at"


def test_contradicting_options_are_refused(desk: Desk) -> None:
    for options, told in (
        ({"mode": "merge"}, "is no mode"),
        ({"mode": "replace_period", "period": "none"}, "needs a period"),
        ({"mode": "upsert", "key": ("none",)}, "needs a key"),
    ):
        with pytest.raises(UsageError, match=told):
            desk.draft(lights(), **options)
