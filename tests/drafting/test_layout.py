"""How a file is laid out: encoding, delimiter, quotes, title lines and headings are found, and what is found reads the file."""

import gzip
from pathlib import Path

import pytest

from pipelines.errors import SourceError
from tests.drafting.conftest import Desk

ROWS = "编号,名称,数量\nA0001,思明区灯杆,12\nA0002,海沧区灯杆,7\n"


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16-le")]
)
def test_encoding_is_detected(desk: Desk, encoding: str, told: str) -> None:
    contract = desk.contract(desk.write(ROWS, encoding=encoding))
    assert contract.ingest.encoding == told
    assert [column.title for column in contract.columns] == ["编号", "名称", "数量"]


def test_chinese_headings_that_read_well_settle_a_doubtful_encoding(desk: Desk) -> None:
    file = desk.write("编号,状态\nLD001,已修复\nLD002,已修复\n", encoding="gb18030")
    assert (
        desk.draft(file, key=("编号",), period="none", mode="append", provider="某局", personal=()).status == "active"
    )


def test_korean_bytes_are_not_taken_for_chinese(desk: Desk) -> None:
    text = "일자,구분,승객수\n" + "2019.01.01,승차,100\n2019.01.02,하차,200\n" * 9
    result = desk.draft(desk.write(text, encoding="cp949"))
    assert "encoding: cp949" in result.text
    assert any("encoding" in todo for todo in result.todos)
    assert "businessName: 구분" in result.text


def test_traditional_characters_in_big5_are_recognised(desk: Desk) -> None:
    text = "編號,區域,電話數\n" + "".join(f"{number},中正區開關單位,{number}\n" for number in range(30))
    assert "encoding: big5" in desk.draft(desk.write(text, encoding="big5")).text


def test_a_person_may_say_the_encoding(desk: Desk) -> None:
    file = desk.write("Nom,Ville\nRené,Orléans\n", encoding="latin-1")
    assert desk.contract(file, encoding="latin-1").ingest.encoding == "latin-1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_makes_lines_alike(desk: Desk, delimiter: str) -> None:
    text = f"编号{delimiter}地址\n1{delimiter}湖里区，高林路，1号\n2{delimiter}思明区\n"
    contract = desk.contract(text)
    assert contract.ingest.delimiter == delimiter.replace(",", "")
    assert [column.title for column in contract.columns] == ["编号", "地址"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_kind_of_newline_is_read(desk: Desk, newline: str) -> None:
    file = desk.write(ROWS, newline=newline)
    desk.contract(file)
    assert desk.check(file).delivered == 2


def test_title_lines_above_the_headings_are_skipped_and_name_the_table(desk: Desk) -> None:
    text = "路灯故障明细表（2026-06）,,,\n报送单位：市政园林局,,填报时间：2026-06-30,\n\n编号,区划代码,报修时间,状态\n"
    text += "".join(f"LD{n:05d},350203,2026-06-{n % 28 + 1:02d} 08:00,已修复\n" for n in range(30))
    contract = desk.contract(text)
    assert (contract.ingest.header_row, contract.title) == (4, "路灯故障明细表")
    assert desk.check(text).valid == 30


def test_a_title_line_of_one_field_is_skipped(desk: Desk) -> None:
    assert desk.contract(f"附件1\n{ROWS}").ingest.header_row == 2


def test_years_as_headings_are_headings(desk: Desk) -> None:
    contract = desk.contract("指标,2019,2020\n人口,11,12\n面积,21,22\n")
    assert contract.ingest.header_row == 1
    assert [column.title for column in contract.columns] == ["指标", "2019", "2020"]


def test_a_file_without_headings_asks_for_names(desk: Desk) -> None:
    result = desk.draft("A0001,12,2026-06-01\nA0002,7,2026-06-02\nA0003,9,2026-06-03\n", key=("none",), period="none")
    assert "headerRow: 0" in result.text
    assert any("no headings" in todo for todo in result.todos)
    assert [line.split()[-1] for line in result.text.splitlines() if "- name: col_" in line] == [
        "col_01",
        "col_02",
        "col_03",
    ]
    assert desk.check("A0001,12,2026-06-01\n").delivered == 1


def test_quotes_that_mean_themselves_are_not_read_as_quotes(desk: Desk) -> None:
    text = '编号,规格\n1,管径6"\n2,管径8"\n3,无\n'
    contract = desk.contract(text)
    assert contract.ingest.quote == ""
    assert desk.check(text).valid == 3


def test_line_breaks_inside_quotes_are_part_of_a_value(desk: Desk) -> None:
    text = '编号,内容\n1,"第一行\n第二行"\n2,"说""好"""\n'
    desk.contract(text)
    assert desk.check(text).valid == 2


def test_lines_that_are_no_records_are_counted_and_do_not_spoil_the_types(desk: Desk) -> None:
    text = "编号,数量\n" + "".join(f"{number},{number}\n" for number in range(99)) + "100,1,多了一格\n"
    result = desk.draft(text)
    assert "1 records could not be read" in result.text
    assert desk.contract(text).columns[1].type == "integer"


def test_one_unclosed_quote_does_not_hide_the_rows_behind_it(desk: Desk) -> None:
    rows = [f'{number},"好"' for number in range(500)]
    rows[250] = '250,"未完'
    assert "499 rows" in desk.draft("\n".join(["编号,评价", *rows]) + "\n").text


def test_a_delimiter_at_the_end_of_every_line_is_no_column(desk: Desk) -> None:
    contract = desk.contract("编号,名称,\nA1,甲,\nA2,乙,\n")
    assert [column.title for column in contract.columns] == ["编号", "名称"]


def test_values_without_a_heading_ask_for_a_name(desk: Desk) -> None:
    result = desk.draft("编号,,名称\nA1,x,甲\nA2,y,乙\n")
    assert any("col_02: name this column: it has no heading" in todo for todo in result.todos)
    assert desk.check("编号,,名称\nA1,x,甲\n").valid == 1


def test_headings_may_hold_anything(desk: Desk) -> None:
    text = '"数量\n(个)","a ""b""",{text},x: y # z,\'\n1,2,3,4,5\n'
    contract = desk.contract(text)
    assert [column.title for column in contract.columns] == ["数量\n(个)", 'a "b"', "{text}", "x: y # z", "'"]
    assert contract.columns[0].name == "quantity"
    assert desk.check(text).valid == 1


def test_headings_may_be_words_of_the_reader_s_own(desk: Desk) -> None:
    text = "value,r0,w0,t0,is_total,n,rowid,select,at\n" + "1,2,3,4,5,6,7,8,9\n" * 3
    assert len(desk.contract(text).columns) == 9


def test_gzip_is_read_as_what_it_holds(desk: Desk) -> None:
    file = desk.files / "data.csv.gz"
    file.write_bytes(gzip.compress(ROWS.encode("gb18030")))
    assert [column.title for column in desk.contract(file).columns] == ["编号", "名称", "数量"]


def test_headings_only_leave_everything_to_decide(desk: Desk) -> None:
    result = desk.draft("编号,名称\n", key=("编号",), period="none", mode="append", provider="某局", personal=())
    assert result.status == "draft"
    assert any("no rows" in todo for todo in result.todos)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n\n\n", "blank"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 100, "cut off"),
        ("a.json", b'[{"a": 1}', "cut off"),
        ("a.csv", "编号,编号\n1,2\n".encode(), "more than once"),
        ("a.csv", "编 号,编号\n1,2\n".encode(), "differ in blanks"),
        ("a.csv.gz", gzip.compress(ROWS.encode(), mtime=0)[:-12], "cut off"),
        ("a.parquet", b"PAR1 and nothing more", "Parquet"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "cut off"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(desk: Desk, name: str, content: bytes, told: str) -> None:
    file = desk.files / name
    file.write_bytes(content)
    with pytest.raises(SourceError, match=told):
        desk.draft(file)
    assert not list(Path(desk.files.parent / "city").rglob("things*"))


def test_a_missing_file_and_a_folder_are_refused(desk: Desk) -> None:
    with pytest.raises(SourceError, match="cannot be opened"):
        desk.draft(desk.files / "none.csv")
    with pytest.raises(SourceError, match="folder"):
        desk.draft(desk.files)
