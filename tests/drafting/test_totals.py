"""The total row of a file: left out of what is inferred, declared where the rows agree, asked about where they do not."""

from tests.drafting.conftest import DECIDED, Desk

HEAD = "编号,受理时间,办理时长,备注\n"
ROWS = "".join(f"LD{n:04d},2026-06-{n % 28 + 1:02d} 08:00,{n}.5,好\n" for n in range(100))


def test_total_row_becomes_control_totals(desk: Desk) -> None:
    text = f"{HEAD}{ROWS}合计,100,5000.0,\n"
    contract = desk.contract(text)
    control = contract.ingest.control
    assert (control.total_column, control.total_markers) == ("thing_id", ("合计",))
    assert (control.sums, control.count_column) == (("handling_duration",), "accepted_at")
    assert [column.type for column in contract.columns] == ["string", "timestamp", "number", "string"]
    assert desk.check(text).delivered == 100
    assert desk.check(text.replace("5000.0", "5001.0")).verdict == "refused"


def test_total_that_differs_is_asked_about_with_both_numbers(desk: Desk) -> None:
    result = desk.draft(f"{HEAD}{ROWS}合计,,4999,\n", **DECIDED)
    assert result.status == "draft"
    assert any("says 4999 for '办理时长', its rows give 5000" in todo for todo in result.todos)


def test_a_row_that_agrees_with_nothing_is_asked_about(desk: Desk) -> None:
    assert any("total" in todo for todo in desk.draft(f"{HEAD}{ROWS}合计,,,\n", **DECIDED).todos)


def test_several_rows_of_that_name_are_rows(desk: Desk) -> None:
    text = "类别,数量\n" + "合计,3\n工业,1\n农业,2\n" * 5
    contract = desk.contract(text)
    assert contract.ingest.control.total_column == ""
    assert desk.check(text).delivered == 15


def test_personal_numbers_are_not_summed(desk: Desk) -> None:
    text = "类别,数量,座机\n" + "".join(f"甲{n},{n},{n}\n" for n in range(1, 5)) + "合计,10,10\n"
    contract = desk.contract(text, personal=("座机",))
    assert contract.ingest.control.sums == ("quantity",)
    assert desk.check(text).verdict == "published"
