"""What `new` finds out about workbooks and JSON: the sheet, the rows of headings, types, units, totals, keys."""

import datetime as dt
from typing import Any

from pipelines.contracts.model import Control
from tests.drafting.conftest import Desk
from tests.sources.test_archives import packed
from tests.sources.workbooks import xls, xlsx

HEAD = [["厦门市各街道用电量", None, None, None], ["街道", "日期", "用电量（kWh）", "户数"]]
ROWS: list[list[Any]] = [["鼓浪屿", dt.date(2026, 7, 1), 12.5, 1200], ["开元", dt.date(2026, 7, 2), 3.25, 800]]


def test_a_title_types_units_and_the_total_row_of_a_workbook(desk: Desk) -> None:
    for name, made in (("用电.xlsx", xlsx), ("用电.xls", xls)):
        rows = [[str(cell) if isinstance(cell, dt.date) else cell for cell in row] for row in ROWS]
        file = desk.files / name
        file.write_bytes(made([*HEAD, *rows, ["合计", None, 15.75, 2000]]))
        found = desk.contract(file)
        assert (found.ingest.format, found.ingest.header_row, found.title) == (
            name[-4:].strip("."),
            2,
            "厦门市各街道用电量",
        )
        assert [(c.title, c.type, c.unit) for c in found.columns[2:]] == [
            ("用电量（kWh）", "number", "kWh"),
            ("户数", "integer", ""),
        ]
        assert found.columns[1].type == "date"
        assert found.ingest.control == Control("subdistrict_name", ("合计",), (found.columns[2].name, "households"), "")
        outcome = desk.check(file)
        assert (outcome.verdict, outcome.valid) == ("published", 2)


def test_headings_of_two_rows_merged_or_not(desk: Desk) -> None:
    head = [["街道", "用电量", None, "备注"], [None, "上半年", "下半年", None]]
    body = [["鼓浪屿", 1, 2, "无"], ["开元", 3, 4, None], ["中华", 5, 6, None]]
    for merges in (["A1:A2", "B1:C1", "D1:D2"], []):
        file = desk.files / "用电.xlsx"
        file.write_bytes(xlsx([*head, *body], merges=merges))
        found = desk.contract(file)
        assert (found.ingest.header_row, found.ingest.header_rows) == (1, 2)
        assert [column.title for column in found.columns] == ["街道", "用电量 上半年", "用电量 下半年", "备注"]
        assert desk.check(file).valid == 3


def test_the_sheet_with_a_table_is_chosen_and_the_others_are_named(desk: Desk) -> None:
    def more(book: Any) -> None:
        book.create_sheet("7月")
        for row in [["街道", "户数"], ["a", 1], ["b", 2]]:
            book["7月"].append(row)

    file = desk.files / "用电.xlsx"
    file.write_bytes(xlsx([], title="说明", edit=more))
    found = desk.contract(file)
    assert found.ingest.sheet == "7月"
    assert "# the workbook also has: 说明" in desk.draft(file, force=True).text


def test_merged_cells_among_the_rows_are_filled(desk: Desk) -> None:
    file = desk.files / "用电.xlsx"
    file.write_bytes(
        xlsx([["区", "街道", "户数"], ["思明", "a", 1], [None, "b", 2], ["湖里", "c", 3]], merges=["A2:A3"])
    )
    found = desk.contract(file)
    assert found.ingest.merged_cells == "fill"
    assert found.columns[0].required
    assert desk.check(file).valid == 3


def test_a_workbook_without_headings_gets_columns_by_place(desk: Desk) -> None:
    file = desk.files / "用电.xlsx"
    file.write_bytes(xlsx([[n, f"2026-07-{n:02}", n * 2] for n in range(1, 20)]))
    found = desk.contract(file)
    assert (found.ingest.header_row, len(found.columns)) == (0, 3)
    assert desk.check(file).valid == 19


def test_json_lines_with_nested_keys(desk: Desk) -> None:
    file = desk.write(
        '{"station":"S01","level_m":1.25,"loc":{"lon":118.1}}\n{"station":"S02","level_m":2,"loc":null}\n', "水位.jsonl"
    )
    found = desk.contract(file)
    assert found.ingest.format == "jsonl"
    assert [(c.title, c.type) for c in found.columns] == [
        ("station", "string"),
        ("level_m", "number"),
        ("loc.lon", "number"),
        ("loc", "string"),
    ]
    assert desk.check(file).valid == 2


def test_json_documents_and_where_their_records_are(desk: Desk) -> None:
    file = desk.write('{"code":0,"result":{"rows":[{"a":"x","n":1},{"a":"y","n":2}],"total":2}}', "设施.json")
    found = desk.contract(file)
    assert (found.ingest.format, found.ingest.path, [c.type for c in found.columns]) == (
        "json",
        "result.rows",
        ["string", "integer"],
    )
    assert desk.check(file).valid == 2
    file = desk.write('[{"a":"x"},{"a":"y"}]', "设施.json")
    assert desk.contract(file).ingest.path == ""
    assert desk.check(file).valid == 2


def test_archives_and_which_member_is_the_table(desk: Desk) -> None:
    file = desk.files / "报表_202607.zip"
    file.write_bytes(
        packed({"说明.pdf": b"%PDF-1.7", "明细_202607.csv": "街道,户数\n鼓浪屿,1\n开元,2\n".encode("gbk")})
    )
    found = desk.contract(file)
    assert (found.ingest.member, found.ingest.format, found.ingest.encoding) == ("明细_*.csv", "csv", "gb18030")
    assert "# the archive also has: 说明.pdf" in desk.draft(file, force=True).text
    assert desk.check(file).valid == 2
    file.write_bytes(packed({"明细_202607.xlsx": xlsx([["街道", "户数"], ["a", 1], ["b", 2]])}))
    found = desk.contract(file)
    assert (found.ingest.member, found.ingest.format) == ("明细_*.xlsx", "xlsx")
    assert desk.check(file).valid == 2
