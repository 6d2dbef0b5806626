"""A query's result for people: a workbook or a CSV whose headings are Chinese, whose ids stay texts, without formulas."""

import csv
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from pipelines.errors import UsageError
from pipelines.lake import query, sheet
from pipelines.lake.query import run_query
from tests.spine.city import column
from tests.spine.lake import Lake

COLUMNS = [
    column("id", key=True, title="编号"),
    column("n", "integer", title="件数"),
    column("note", title="备注"),
    column("seen_at", "timestamp", title="时间"),
]
ROWS = "编号,件数,备注,时间\n00012,7,=1+1,2026-06-01 08:00\n110101199003070039,12345678901234567,http://x,2026-06-02 09:30\n3,,-5,\n"


@pytest.fixture(scope="module")
def orders(embedded: Lake) -> tuple[Lake, str]:
    contract = embedded.contract(COLUMNS, title="订单")
    assert embedded.deliver(contract, "a.csv", ROWS).valid == 3
    embedded.close()
    return embedded, contract.table


def ask(orders: tuple[Lake, str], text: str, out: Path, form: str, **said: Any) -> str:
    lake, table = orders
    return run_query(lake.where, text.format(t=table), out=out, form=form, **said)


def test_a_workbook_has_chinese_headings_texts_as_texts_and_no_formula(
    orders: tuple[Lake, str], tmp_path: Path
) -> None:
    out = tmp_path / "订单.xlsx"
    ask(orders, "SELECT *, n + 1 AS more FROM dwd.{t} ORDER BY seen_at NULLS LAST;", out, "xlsx", headings="zh")
    [first, *rows] = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert first == ["编号", "件数", "备注", "时间", "more"]
    assert rows[0] == ["00012", 7.0, "=1+1", datetime(2026, 6, 1, 8), 8.0]
    assert rows[1][:3] == ["110101199003070039", "12345678901234567", "http://x"]
    assert rows[2] == ["3", "", "-5", "", ""]
    with zipfile.ZipFile(out) as parts:
        cells = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in cells
        assert b"hyperlink" not in cells
    assert list(tmp_path.iterdir()) == [out]


def test_a_view_and_a_join_have_their_headings_and_doubtful_ones_stay(orders: tuple[Lake, str], tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    ask(
        orders,
        "SELECT a.id, b.id AS n, a.note || '' FROM dwd.{t} a JOIN ods.{t} b USING (id)",
        out,
        "csv",
        headings="zh",
    )
    [headings, *_] = csv.reader(out.read_text("utf-8-sig").splitlines())
    assert headings[:2] == ["编号", "件数"]
    ask(orders, "SELECT id, id AS id FROM dwd.{t}", out, "csv", headings="zh")
    assert out.read_text("utf-8-sig").splitlines()[0] == "编号（id）,编号（id） 2"


def test_a_csv_for_people_has_a_bom_and_no_formula_and_one_for_scripts_is_left_alone(
    orders: tuple[Lake, str], tmp_path: Path
) -> None:
    out = tmp_path / "a.csv"
    ask(orders, "SELECT id, note FROM dwd.{t} ORDER BY id", out, "csv", headings="zh")
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert out.read_text("utf-8-sig").splitlines() == [
        "编号,备注",
        "00012,'=1+1",
        "110101199003070039,http://x",
        "3,-5",
    ]
    ask(orders, "SELECT id, note FROM dwd.{t} ORDER BY id", out, "csv")
    assert out.read_text("utf-8-sig").splitlines()[:2] == ["id,note", "00012,=1+1"]


def test_what_a_sheet_cannot_hold_is_refused_or_said(
    orders: tuple[Lake, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.xlsx"
    assert "1 texts were longer" in ask(orders, "SELECT repeat('长', 40000) AS x", out, "xlsx")
    monkeypatch.setattr(sheet, "_ROWS", 3)
    with pytest.raises(UsageError, match="more than 2 rows"):
        ask(orders, "SELECT * FROM dwd.{t}", tmp_path / "b.xlsx", "xlsx")
    assert list(tmp_path.iterdir()) == [out]
    for said, told in (
        ({"form": "xlsx", "out": None}, "needs a file"),
        ({"form": "csv", "headings": "fr"}, "not a language"),
    ):
        with pytest.raises(UsageError, match=told):
            run_query(orders[0].where, "SELECT 1", **said)  # type: ignore[arg-type]
    with pytest.raises(query.QueryError):
        ask(orders, "SELECT nope FROM dwd.{t}", out, "csv", headings="zh")
