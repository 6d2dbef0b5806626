"""A department's data dictionary: headings in many words, CSV or workbook, one table or many; what it says goes into the draft."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.errors import SourceError
from pipelines.steps.dictionary.reading import read_dictionary
from tests.drafting.conftest import DECIDED, Desk

LIGHTS = "编号,区划代码,报修时间,状态,高度\n" + "".join(
    f"LD{n:05d},350203,2026-06-{n % 28 + 1:02d} 08:00,{n % 2},{n}.5\n" for n in range(40)
)
UNDECIDED = {key: value for key, value in DECIDED.items() if key not in ("key", "personal")}


def workbook(path: Path, **tables: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_with_title_lines_and_every_column_is_read(desk: Desk) -> None:
    path = workbook(desk.files / "字典.xlsx", 封面=[["数据字典"], ["单位", "市政园林局"]], 路灯=[
        ["路灯故障数据字典"], ["表名", "light_faults", "版本", "1.0"], [],
        ["序号", "字段名称", "字段中文名", "字段类型", "长度", "是否必填", "主键", "值域", "计量单位", "是否敏感", "备注", "责任人"],
        [1, "FAULT_ID", "编号", "VARCHAR2", 20, "是", "是", "", "", "否", "全市唯一", "张"],
        [2, "districtCode", "区划代码", "C", 6, "Y", "", "divisions", "", "", "", "张"],
        [3, "reported_at", "报修时间", "日期时间型", None, "M", "", "", "", "", "", "张"],
        [4, "status", "状态", "字符型", 1, "否", "", "0-待修；1-已修", "", "", "当前状态", "张"],
        [5, "height_m", "高度", "NUMBER(10,2)", None, "O", "", "", "m", "是", "", "张"],
        [6, "owner_name", "权属单位", "字符型", 50, "否", "", "", "", "", "", "张"],
        ["注：", "以上字段由市政园林局负责"], ["填表人："],
    ])  # fmt: skip
    result = desk.draft(LIGHTS, "governance.light_faults", dictionary=path, **UNDECIDED)
    contract = desk.contract(LIGHTS, "governance.light_faults", dictionary=path, **UNDECIDED, key=(), personal=None)
    columns = {column.name: column for column in contract.columns}
    assert list(columns) == ["fault_id", "district_code", "reported_at", "status", "height_m"]
    assert contract.key == ("fault_id",)
    assert (columns["fault_id"].max_length, columns["fault_id"].description) == (20, "全市唯一")
    assert columns["district_code"].code_list == "divisions"
    assert (columns["status"].enum, columns["status"].description) == (("0", "1"), "当前状态。0 待修；1 已修")
    assert (columns["height_m"].unit, columns["height_m"].type, columns["height_m"].personal) == ("m", "number", True)
    assert [column.required for column in contract.columns] == [True, True, True, False, False]
    assert result.notes == (
        "in the dictionary, not in the file: 权属单位", "dictionary: the heading '责任人' is not read",
    )  # fmt: skip


def test_of_many_tables_the_one_is_taken_that_describes_the_file(desk: Desk) -> None:
    head = ["字段名", "中文名", "类型"]
    path = workbook(desk.files / "d.xlsx", a=[head, ["x", "别的", "字符"]], b=[head, ["fault_no", "编号", "字符"]])
    assert desk.contract(LIGHTS, dictionary=path).columns[0].name == "fault_no"
    rows = [["表名", *head], ["a", "x", "别的", "字符"], ["b", "light_no", "编号", "字符"], ["b", "x", "状态", "字符"]]
    path = workbook(desk.files / "e.xlsx", 全部=rows)
    assert desk.contract(LIGHTS, dictionary=path).columns[0].name == "light_no"


def test_english_headings_and_nullable_are_read(desk: Desk) -> None:
    path = desk.write("Field Name;Label;Data Type;Nullable\nno;编号;text;N\nstatus;状态;int;Y\n", "d.csv", "utf-8-sig")
    found = {column.name: column for column in desk.contract(LIGHTS, dictionary=path).columns}
    assert (found["no"].required, found["status"].required, found["status"].type) == (True, False, "integer")


def test_a_dictionary_without_field_names_leaves_the_names_to_the_glossary(desk: Desk) -> None:
    path = desk.write("数据项,类型,必填\n编号,字符,否\n报修时间,日期时间,是\n", "d.csv", "gb18030")
    found = [(column.name, column.required) for column in desk.contract(LIGHTS, dictionary=path).columns]
    assert ("reported_at", True) in found
    assert found[0][1] is False


def test_a_table_as_databases_export_it_is_read(desk: Desk) -> None:
    text = "序号\t字段名\t字段说明\t类型\t表示格式\t是否为空\t备注\n1\tNO\t编号\tVARCHAR2\tan..20\tN\t唯一\n2\tST\t状态\tC\tn1\tY\t\n"
    path = desk.write(text, "d.txt", "gb18030")
    first, second = read_dictionary(path).tables[0].entries
    assert (first.name, first.title, first.type, first.length, first.required) == ("no", "编号", "string", 20, True)
    assert (first.description, second.length, second.required) == ("唯一", 1, False)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("字段名,中文名,长度\nfault_id,编号,3\n", "length: the dictionary allows 3, the longest value has 7"),
        ("字段名,中文名,代码表\ncode,区划代码,见附件2\n", "code list: the dictionary says '见附件2'"),
        ("字段名,中文名,代码表\ncode,区划代码,regions\n", "code list: the dictionary says 'regions'"),
        ("字段名,中文名,类型,值域\nstatus,状态,字符,2-好、3-坏\n", "none of the dictionary's 2"),
        ("字段名,中文名,类型\nstatus,编号,整数\n", "type: the dictionary says integer, the values say string"),
    ],
)
def test_what_the_values_speak_against_is_asked(desk: Desk, cells: str, told: str) -> None:
    result = desk.draft(LIGHTS, dictionary=desk.write(cells, "d.csv"), **DECIDED)
    assert result.status == "draft"
    assert any(told in todo for todo in result.todos), result.todos


def test_required_without_values_is_asked(desk: Desk) -> None:
    path = desk.write("字段名,中文名,必填\nx,备注,是\n", "d.csv")
    result = desk.draft("编号,备注\n" + "".join(f"{n},\n" for n in range(9)), dictionary=path, **DECIDED)
    assert any("9 of 9 rows have no value" in todo for todo in result.todos)


def test_headings_that_nobody_knows_are_told_with_the_closest(desk: Desk) -> None:
    path = desk.write("字段的名字,中文名称（全称）,种类\na,甲,字符\n", "d.csv")
    with pytest.raises(SourceError) as caught:
        read_dictionary(path)
    assert "'中文名称（全称）' (closest: 中文名称)" in str(caught.value)
    assert "[dictionary] there is no heading 字段名 nor 中文名" in str(caught.value)


def test_a_dictionary_of_something_else_changes_nothing_and_says_so(desk: Desk) -> None:
    path = desk.write("字段名,中文名\nother,别的\n", "d.csv")
    result = desk.draft(LIGHTS, dictionary=path, **DECIDED)
    assert result.notes == ("the dictionary describes none of the file's columns",)


def test_every_problem_of_a_dictionary_is_told_at_once(desk: Desk) -> None:
    path = desk.write("字段名,中文名\n状态,甲\n状 态,乙\na,丙\na,丙\n", "d.csv")
    with pytest.raises(SourceError) as caught:
        read_dictionary(path)
    assert str(caught.value).count("[dictionary]") == 4


@pytest.mark.parametrize("content", [b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0 neither"])
def test_a_damaged_workbook_is_no_dictionary(desk: Desk, content: bytes) -> None:
    path = desk.files / "d.xlsx"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"\[dictionary\].*\[workbook\]"):
        read_dictionary(path)
