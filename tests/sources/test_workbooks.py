import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.errors import SourceError
from pipelines.sources import sheet_xml
from tests.sources.workbooks import SHEET, with_part, xls, xlsx

HEAD = ["a", "b", "c"]
Reads = Callable[..., Any]


def refused(read: Reads, data: bytes, **ingest: Any) -> str:
    with pytest.raises(SourceError) as error:
        read(data, **({"name": "月报.xlsx", "format": "xlsx"} | ingest))
    return str(error.value)


@pytest.fixture
def sheet(read: Reads) -> Reads:
    return lambda data, **ingest: read(data, **({"name": "月报.xlsx", "format": "xlsx"} | ingest))


def test_cells_are_read_as_a_person_sees_them(sheet: Reads) -> None:
    row = [dt.datetime(2026, 7, 1, 8, 30), 0.1 + 0.2, 1234.0]
    found = sheet(xlsx([HEAD, row, [dt.date(2026, 7, 2), True, dt.time(8, 5)], ["  x", -1e-7, dt.timedelta(hours=30)]]))
    assert found.rows == [
        ("2026-07-01 08:30:00", "0.3", "1234"),
        ("2026-07-02", "TRUE", "08:05:00"),
        ("  x", "-1e-07", "30:00:00"),
    ]
    assert found.missing == 0


def test_the_line_of_a_record_is_the_row_in_excel(read: Reads, con: Any) -> None:
    found = read(xlsx([["月报"], HEAD, [1, 2, 3], [None] * 3, [4, 5, 6]]), name="a.xlsx", format="xlsx", header_row=2)
    assert con.execute(f"SELECT _line FROM {found.reading.relation}").fetchall() == [(3,), (5,)]
    assert found.missing == 0


def test_a_title_and_headings_of_two_rows_are_one_heading_each(sheet: Reads) -> None:
    rows = [["2026年用电", None, None], ["街道", "用电量", None], [None, "上半年", "下半年"], ["鼓浪屿", 1, 2]]
    found = sheet(xlsx(rows, merges=["A1:C1", "A2:A3", "B2:C2"]), columns="街道", header_row=2, header_rows=2)
    assert found.reading.headings == ("街道", "用电量 上半年", "用电量 下半年")
    assert found.rows == [("鼓浪屿", "1", "2")]


def test_a_group_heading_left_blank_on_its_right_is_as_good_as_merged(sheet: Reads) -> None:
    rows = [["街道", "用电量", None, "备注"], [None, "上半年", "下半年", None], ["鼓浪屿", 1, 2, None]]
    found = sheet(xlsx(rows), columns="街道", header_rows=2)
    assert found.reading.headings == ("街道", "用电量 上半年", "用电量 下半年", "备注")


def test_a_blank_margin_is_no_column(sheet: Reads) -> None:
    found = sheet(xlsx([[None, "a", None, "b"], [None, 1, None, 2]]), columns="a b")
    assert (found.reading.headings, found.rows) == (("a", "b"), [("1", "2")])


def test_a_column_with_values_and_no_heading_is_told(sheet: Reads) -> None:
    assert sheet(xlsx([["a", None, "b"], [1, 5, 2]]), columns="a b").reading.headings == ("a", "_unnamed_2", "b")


def test_a_value_beside_the_table_rejects_its_row(sheet: Reads) -> None:
    found = sheet(xlsx([HEAD, [1, 2, 3], [4, 5, 6, None, "见附件"]]))
    assert found.rows == [("1", "2", "3")]
    assert found.rejects == [(3, "a value stands outside the columns of the table")]


def test_merged_cells_are_filled_when_the_contract_says_so(sheet: Reads) -> None:
    data = xlsx([HEAD, ["思明", 1, 2], [None, 3, 4], ["湖里", 5, 6]], merges=["A2:A3"])
    assert [row[0] for row in sheet(data).rows] == ["思明", None, "湖里"]
    assert [row[0] for row in sheet(data, merged_cells="fill").rows] == ["思明", "思明", "湖里"]


def test_hidden_rows_are_read_and_told_left_out_or_refused(sheet: Reads, read: Reads) -> None:
    data = xlsx([HEAD, [1, 2, 3], [4, 5, 6], [7, 8, 9]], hidden=[3])
    found = sheet(data)
    assert (len(found.rows), found.missing) == (3, 0)
    assert "1 hidden rows were read" in found.reading.notes()[0]
    found = sheet(data, hidden_rows="leave_out")
    assert (found.rows, found.missing) == ([("1", "2", "3"), ("7", "8", "9")], 0)
    assert "[hidden-rows] 1 rows of sheet '数据' are hidden" in refused(read, data, hidden_rows="refuse")


def test_hidden_rows_of_xls_are_said_to_be_unknown_never_guessed(sheet: Reads, read: Reads) -> None:
    data = xls([HEAD, [1, 2, 3]])
    assert "XLS: hidden rows and cells with errors" in sheet(data, format="xls").reading.notes()[0]
    assert "[hidden-rows] the bytes are XLS" in refused(read, data, hidden_rows="leave_out")


def test_xls_and_xlsx_are_read_by_their_bytes_whatever_they_are_called(sheet: Reads) -> None:
    for data in (xls([HEAD, ["x", 2.5, None]]), xlsx([HEAD, ["x", 2.5, None]])):
        for name in ("月报.xls", "月报.xlsx", "月报.csv"):
            assert sheet(data, name=name).rows == [("x", "2.5", None)]


def test_a_formula_gives_its_value_and_one_that_nobody_calculated_is_marked(sheet: Reads) -> None:
    data = xlsx([HEAD, [1, "=1+1", "=A2"]])
    assert sheet(data).rows == [("1", "#NOT-CALCULATED!", "#NOT-CALCULATED!")]
    result = re.compile(rb"<f>1\+1</f><v ?(?:/>|></v>)")
    calculated = with_part(data, SHEET, lambda xml: result.sub(b"<f>1+1</f><v>2</v>", xml))
    assert sheet(calculated).rows == [("1", "2", "#NOT-CALCULATED!")]


def test_an_error_cell_keeps_its_name(sheet: Reads) -> None:
    def put(book: Any) -> None:
        book.active["B2"] = "#DIV/0!"
        book.active["B2"].data_type = "e"

    assert sheet(xlsx([HEAD, [1, None, 3]], edit=put)).rows == [("1", "#DIV/0!", "3")]


def test_a_number_beyond_15_digits_is_spelled_so_that_nobody_takes_it_for_a_code(sheet: Reads) -> None:
    row = [350203199001011234, 123456789012345, 1e300]
    assert sheet(xlsx([HEAD, row])).rows == [("3.50203199001011E+17", "123456789012345", "1E+300")]


def test_the_sheet_is_the_named_one_else_the_first_that_shows(sheet: Reads, read: Reads) -> None:
    def more(book: Any) -> None:
        book.active.sheet_state = "hidden"
        for name in ("7月", "8月"):
            book.create_sheet(name).append(HEAD)
            book[name].append([name, 1, 2])

    data = xlsx([HEAD, ["旧", 0, 0]], edit=more)
    found = sheet(data)
    assert found.rows[0][0] == "7月"
    assert "sheet '7月' was read; 1 further sheets were not" in found.reading.notes()[0]
    assert sheet(data, sheet="8月").rows[0][0] == "8月"
    assert sheet(data, sheet="数*").rows[0][0] == "旧"
    assert "[sheet] there is no sheet '9月'; there are: 数据, 7月, 8月" in refused(read, data, sheet="9月")
    assert "[sheet] 2 sheets are called '*月'" in refused(read, data, sheet="*月")


def test_text_that_is_blank_makes_no_record(sheet: Reads) -> None:
    def shared(xml: bytes) -> bytes:
        return xml.replace(b't="inlineStr"><is><t>x</t></is></c>', b't="s"><v>1</v></c>')

    texts = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>y</t></si><si><t/></si></sst>'
    )
    data = with_part(xlsx([HEAD, [1, 2, 3], ["x", "x", "x"], [4, 5, 6]]), SHEET, shared)
    data = with_part(data, "xl/sharedStrings.xml", lambda _: texts)
    found = sheet(data)
    assert (len(found.rows), found.missing) == (2, 0)


def test_rows_are_counted_in_the_xml_not_by_the_reader(sheet: Reads) -> None:
    found = sheet(xlsx([HEAD, *([n, n / 3, f"路{n}"] for n in range(1, 4000))]))
    assert (len(found.rows), found.missing) == (3999, 0)
    assert found.reading.unaccounted(3998, lambda: 0) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<html><table><tr><td>a</td></tr></table></html>", "[format] the file is a web page, the contract expects xlsx"),
        ("\ufeff  <table>".encode(), "[format] the file is a web page"),
        ("<html>".encode("utf-16"), "[format] the file is a web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "an XML workbook (Excel 2003)"),
        (b"a,b,c\n1,2,3\n", "[format] the file is text"),
        (b"%PDF-1.7 " + b" " * 50, "[format] the file is a PDF document"),
        (b"Rar!\x1a\x07\x00" + b" " * 50, "[format] the file is a RAR archive"),
        (xlsx([HEAD, [1, 2, 3]])[:3000], "[workbook] the workbook is cut off or damaged"),
        (xls([HEAD, [1, 2, 3]])[:3000], "[workbook] the workbook is cut off or damaged"),
        (b"PK\x03\x04" + b"\0" * 100, "[workbook] the workbook is cut off or damaged"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 2000, "[workbook] the workbook is cut off or damaged"),
        (xlsx([]), "[header]"),
        (xlsx([HEAD, HEAD])[:0], "[empty]"),
        (xlsx([["x", "y", "z"], [1, 2, 3]]), "none of the 3 headings is a column of the contract"),
        (xlsx([["标题"], HEAD, [1, 2, 3]]), "they seem to be on row 2: `headerRow: 2`"),
        (xlsx([["a", "b", "A"], [1, 2, 3]]), "[header] the heading 'a' is there more than once"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_says_has_a_message_of_its_own(read: Reads, data: bytes, told: str) -> None:
    assert told in refused(read, data, name="月报.xls", format="xlsx")


def test_headings_alone_are_a_delivery_without_rows(sheet: Reads) -> None:
    found = sheet(xlsx([HEAD]))
    assert (found.rows, found.missing) == ([], 0)


def test_a_damaged_part_inside_is_told(read: Reads) -> None:
    data = bytearray(xlsx([HEAD, *([n, n, n] for n in range(3000))]))
    at = data.index(b"xl/worksheets/sheet1.xml") + 2000
    data[at : at + 400] = b"\xff" * 400
    assert "[workbook] the workbook is damaged inside" in refused(read, bytes(data))


def test_a_sheet_that_unpacks_without_end_is_stopped(read: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_MAX_DOCUMENT", "1")
    bomb = with_part(xlsx([HEAD]), SHEET, lambda xml: xml.replace(b"</sheetData>", b"<row>" + b" " * (3 << 20)))
    assert len(bomb) < 20_000
    assert "[document-size] the sheet unpacks to more than 1 MB" in refused(read, bomb)


def test_one_cell_in_the_far_corner_does_not_take_all_memory(read: Reads) -> None:
    def corner(book: Any) -> None:
        book.active.cell(1_048_576, 16_384, "x")

    told = refused(read, xlsx([HEAD, [1, 2, 3]], edit=corner))
    assert "[document-size] the sheet reaches to row 1048576 and column 16384" in told


def test_rows_and_cells_without_numbers_and_with_a_prefix_are_counted() -> None:
    xml = b'<x:worksheet><x:row><x:c><x:v>1</x:v></x:c></x:row><x:row/><x:row hidden="1"><x:c t="e"><x:v>#N/A</x:v></x:c></x:row></x:worksheet>'
    for size in (1, 7, len(xml)):
        facts = sheet_xml.survey(xml[at : at + size] for at in range(0, len(xml), size))
        assert (facts.filled, facts.first, facts.hidden, facts.marks) == (2, [1, 3], [3], {(3, 1): "#N/A"})
