"""问题数据反馈单: a department's wrong rows, in its own headings, after a refusal, after a concession, and before sending."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contracts.city import load_city
from pipelines.contracts.model import Contract
from pipelines.errors import ContractError, EnvironmentFault, SourceError, UsageError
from pipelines.sources.returned import refuse_feedback
from pipelines.steps.feedback import gathering
from pipelines.steps.feedback.deadline import answer_days, due_day
from pipelines.steps.feedback.feedback import Told, check_report, feedback
from tests.department.conftest import mode_of, sheets, text_of
from tests.spine.city import BY_NAME, column, write_city
from tests.spine.lake import Lake

HEAD = "报修记录表,,,\n编号,区域,数量,联系电话\n"


@pytest.fixture
def repairs(lake: Lake) -> Contract:
    columns = [
        column("id", key=True, title="编号"),
        column("area", title="所属区", codeList="areas", aliases=["区域"]),
        column("n", "integer", title="数量", options={"minimum": 0, "maximum": 9}),
        column("phone", title="联系电话", level="3", personal=True, mask="hmac"),
    ]
    return lake.contract(columns, mode="replace_period", period=BY_NAME, headerRow=2, max_invalid_pct=20)


def written(lake: Lake, name: str, out: Path) -> Told:
    lake.close()
    told = feedback(lake.where, name, out)
    assert told is not None
    return told


def rows_by_line(path: Path) -> dict[int, tuple[Any, ...]]:
    return {row[1]: row for row in sheets(path)[1][2:]}


def deliver(lake: Lake, repairs: Contract, *rows: str, name: str = "报修_202608.csv", **request: Any) -> Any:
    return lake.deliver(repairs, name, (HEAD + "\n".join(rows) + "\n").encode("gb18030"), **request)


def test_a_refused_delivery_comes_back_with_its_own_rows_and_headings(
    lake: Lake, repairs: Contract, tmp_path: Path, lang: str
) -> None:
    outcome = deliver(
        lake, repairs, "01,A1,1,13800000001", "002,B7,99,13800000002", ",A2,x,=1+1", "04,A1,1,13800000004"
    )
    assert outcome.verdict == "refused"
    told = written(lake, repairs.id, tmp_path / "out.xlsx")
    assert (told.batch, told.rows, told.left_out) == (outcome.batch, 2, 0)
    found = rows_by_line(tmp_path / "out.xlsx")
    assert found[4][0] == "报修_202608.csv"
    assert found[4][3:] == ("002", "B7", "99", "13800000002")
    assert found[5][3:] == (None, "A2", "x", "=1+1")
    assert sheets(tmp_path / "out.xlsx")[1][1][3:] == ("编号", "区域", "数量", "联系电话")
    assert "区域" in found[4][2]
    assert "A1 东区" in found[4][2]
    assert "旧区" not in found[4][2]
    assert {"zh": "应 ≥ 0, ≤ 9", "en": "should be ≥ 0, ≤ 9"}[lang] in found[4][2]
    assert {"zh": "“编号”必填项为空", "en": "编号: required value missing"}[lang] in found[5][2]


def test_the_workbook_is_its_owner_s_alone_and_nothing_in_it_is_a_formula(
    lake: Lake, repairs: Contract, tmp_path: Path
) -> None:
    deliver(lake, repairs, "=cmd|' /C calc'!A0,B7,1,@SUM(1)", "2,A1,1,http://example.org")
    out = tmp_path / "out.xlsx"
    out.write_bytes(b"an older file that everybody may read")
    out.chmod(0o644)
    written(lake, repairs.id, out)
    assert mode_of(out) == 0o600
    cells = [cell for sheet in openpyxl.load_workbook(out).worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    assert "=cmd|' /C calc'!A0" in text_of(out)
    assert [path.name for path in tmp_path.iterdir()] == ["out.xlsx"]


def test_wrong_cells_are_marked_and_right_ones_are_not(lake: Lake, repairs: Contract, tmp_path: Path) -> None:
    deliver(lake, repairs, "1,B7,1,1", "2,A1,1,2")
    written(lake, repairs.id, tmp_path / "out.xlsx")
    row = list(openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[1].iter_rows())[2]
    marked = [cell.value for cell in row[3:] if cell.fill.fill_type == "solid"]
    assert marked == ["B7"]


def test_after_a_concession_the_open_rows_are_told_until_a_delivery_closes_them(
    lake: Lake, repairs: Contract, tmp_path: Path
) -> None:
    rows = ["1,B7,1,1", "2,A1,1,2"]
    assert deliver(lake, repairs, *rows).verdict == "refused"
    conceded = deliver(lake, repairs, *rows, accept="看板8点要用", by="张三")
    told = written(lake, repairs.id, tmp_path / "a.xlsx")
    assert (told.batch, told.rows) == (conceded.batch, 1)
    assert rows_by_line(tmp_path / "a.xlsx")[3][3:] == ("1", "B7", "1", "1")
    deliver(lake, repairs, "1,A2,1,1", "2,A1,1,2")
    lake.close()
    assert feedback(lake.where, repairs.id, tmp_path / "b.xlsx") is None
    assert feedback(lake.where, conceded.batch, tmp_path / "b.xlsx") is None
    assert not (tmp_path / "b.xlsx").exists()


def test_duplicates_and_keys_of_other_periods_are_told_for_a_refused_delivery(
    lake: Lake, repairs: Contract, tmp_path: Path
) -> None:
    deliver(lake, repairs, "1,A1,1,1", "2,A1,1,2", name="报修_202607.csv")
    deliver(lake, repairs, "1,A1,1,1", "3,A1,1,2", "3,A2,1,2")
    written(lake, repairs.id, tmp_path / "out.xlsx")
    found = {line: row[2] for line, row in rows_by_line(tmp_path / "out.xlsx").items()}
    assert found == {
        3: "编号: already published in another batch", 4: "编号: not unique within the batch",
        5: "编号: not unique within the batch",
    }  # fmt: skip


def test_a_line_of_the_wrong_width_is_shown_whole(lake: Lake, repairs: Contract, tmp_path: Path, lang: str) -> None:
    deliver(lake, repairs, "1,A1,1,1", "2,A1,1", '3,A1,"1,1', "4,A1,1,1")
    written(lake, repairs.id, tmp_path / "out.xlsx")
    found = rows_by_line(tmp_path / "out.xlsx")
    assert found[4][3] == "2,A1,1"
    assert {"zh": "3 列，应为 4 列", "en": "3 columns instead of 4"}[lang] in found[4][2]
    assert found[5][3] == '3,A1,"1,1'


def test_a_file_whose_columns_are_wrong_is_told_as_a_whole_without_hints_for_engineers(
    lake: Lake, repairs: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "zh")
    lake.deliver(repairs, "报修_202608.csv", "报修\n号,区域,数量,联系电话\n1,A1,1,1\n")
    told = written(lake, repairs.id, tmp_path / "out.xlsx")
    assert told.rows == 0
    text = text_of(tmp_path / "out.xlsx")
    assert "缺少必填列“编号”" in text
    assert "文件应有这些列：编号。" in text
    assert "aliases" not in text
    assert len(sheets(tmp_path / "out.xlsx")) == 1


def test_a_file_that_could_not_be_read_is_told_in_one_sentence(lake: Lake, repairs: Contract, tmp_path: Path) -> None:
    lake.deliver(repairs, "报修_202608.csv", b"%PDF-1.4 no table")
    written(lake, repairs.id, tmp_path / "out.xlsx")
    assert "the file is a PDF document" in text_of(tmp_path / "out.xlsx")


def test_more_rows_than_anybody_mends_by_hand_are_counted_not_listed(
    lake: Lake, repairs: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_ROWS", 5)
    deliver(lake, repairs, *(f"{n},B7,1,1" for n in range(12)), *(f"a{n},A1,x,1" for n in range(3)))
    told = written(lake, repairs.id, tmp_path / "out.xlsx")
    assert (told.rows, told.left_out) == (5, 10)
    assert sorted(rows_by_line(tmp_path / "out.xlsx")) == [3, 4, 5, 6, 7]
    assert "5 rows are shown; 10 more have problems" in text_of(tmp_path / "out.xlsx")


def test_a_deadline_in_working_days_stands_on_the_summary(
    lake: Lake, repairs: Contract, tmp_path: Path, lang: str
) -> None:
    deliver(lake, repairs, "1,B7,1,1")
    told = written(lake, repairs.id, tmp_path / "out.xlsx")
    days = {"zh": "前（10 个工作日）", "en": "(10 working days)"}
    assert days[lang] in told.due
    assert told.due in text_of(tmp_path / "out.xlsx")


def test_checking_before_sending_gives_the_same_rows_and_keeps_nothing(
    lake: Lake, repairs: Contract, tmp_path: Path, lang: str
) -> None:
    lake.close()
    file = lake.file("报修_202608.csv", HEAD + "1,B7,1,1\n2,A1,1,2\n")
    before = {path for path in lake.where.home.rglob("*") if path.is_file()}
    outcome = check_report(lake.where, repairs, file, tmp_path / "out.xlsx")
    assert outcome.verdict == "refused"
    assert rows_by_line(tmp_path / "out.xlsx")[3][3:] == ("1", "B7", "1", "1")
    assert {path for path in lake.where.home.rglob("*") if path.is_file() and "lock" not in path.name} <= before
    sound = check_report(lake.where, repairs, lake.file("报修_202609.csv", HEAD + "1,A1,1,1\n"), tmp_path / "ok.xlsx")
    assert sound.verdict == "published"
    assert {"zh": "未发现问题，可以报送。", "en": "it can be sent"}[lang] in text_of(tmp_path / "ok.xlsx")


def test_rows_of_a_workbook_are_told_by_sheet_and_row(lake: Lake, tmp_path: Path, lang: str) -> None:
    columns = [column("id", key=True, title="编号"), column("n", "integer", title="数量")]
    repairs = lake.contract(columns, format="xlsx", headerRow=2, sheet="八月*", mode="append")
    book = openpyxl.Workbook()
    book.active.title = "说明"
    page = book.create_sheet("八月明细")
    for row in (["报修记录表"], ["编号", "数量"], ["01", 5], ["02", "很多"], [], ["03", 7.5]):
        page.append(row)
    book.save(tmp_path / "报修.xlsx")
    lake.ingest(repairs, tmp_path / "报修.xlsx")
    written(lake, repairs.id, tmp_path / "out.xlsx")
    found = sheets(tmp_path / "out.xlsx")[1]
    assert found[1][1:3] == {"zh": ("工作表", "行号"), "en": ("sheet", "line")}[lang]
    assert [(row[1], row[2], *row[4:]) for row in found[2:]] == [
        ("八月明细", 4, "02", "很多"),
        ("八月明细", 6, "03", "7.5"),
    ]


def test_rows_of_a_format_without_lines_are_told_by_their_number(lake: Lake, tmp_path: Path) -> None:
    columns = [column("id", key=True, title="编号"), column("n", "integer", title="数量", options={"maximum": 9})]
    repairs = lake.contract(columns, format="parquet", mode="append")
    pq.write_table(pa.table({"编号": ["a", "b", "c"], "数量": [1, 77, 88]}), tmp_path / "a.parquet")
    lake.ingest(repairs, tmp_path / "a.parquet")
    written(lake, repairs.id, tmp_path / "out.xlsx")
    assert {line: row[3:] for line, row in rows_by_line(tmp_path / "out.xlsx").items()} == {
        2: ("b", "77"),
        3: ("c", "88"),
    }


def test_rows_whose_bytes_are_gone_are_told_by_their_reasons(lake: Lake, repairs: Contract, tmp_path: Path) -> None:
    deliver(lake, repairs, "1,B7,1,1", *(f"{n},A1,1,1" for n in range(2, 9)))
    shutil.rmtree(lake.where.landing / repairs.table)
    assert written(lake, repairs.id, tmp_path / "out.xlsx").rows == 1
    (row,) = sheets(tmp_path / "out.xlsx")[1][2:]
    assert (row[1], "区" in row[2], len(row)) == (None, True, 3)


def resaved(path: Path, name: str, *, marked: bool) -> Path:
    book = openpyxl.load_workbook(path)
    if not marked:
        del book.custom_doc_props["rongtong-feedback"]
    book.save(path.with_name(name))
    return path.with_name(name)


def test_a_workbook_that_is_sent_back_is_recognised_and_refused_by_name(
    lake: Lake, repairs: Contract, tmp_path: Path, lang: str
) -> None:
    batch = deliver(lake, repairs, "1,B7,1,1").batch
    out = tmp_path / "反馈单.xlsx"
    written(lake, repairs.id, out)
    as_text = tmp_path / "反馈单_202608.csv"
    as_text.write_text("\n".join(",".join(str(cell or "") for cell in row) for row in sheets(out)[1]), "gb18030")
    for file in (resaved(out, "a.xlsx", marked=True), resaved(out, "b.xlsx", marked=False), as_text):
        with pytest.raises(SourceError, match=r"\[feedback\]") as caught:
            refuse_feedback(file)
        assert batch in str(caught.value)
        assert {"zh": "不是报送文件", "en": "not a delivery"}[lang] in str(caught.value)


def test_a_workbook_that_only_speaks_of_feedback_is_none(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["编号", "类型"], ["1", "问题数据反馈单"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.csv").write_text("编号,类型\n1,问题数据反馈单\n", "utf-8")
    refuse_feedback(tmp_path / "a.xlsx")
    refuse_feedback(tmp_path / "a.csv")


def test_a_workbook_that_is_sent_back_is_refused_and_the_ledger_knows_it(
    lake: Lake, repairs: Contract, tmp_path: Path
) -> None:
    deliver(lake, repairs, "1,B7,1,1")
    written(lake, repairs.id, tmp_path / "反馈单.xlsx")
    refused = lake.ingest(repairs, tmp_path / "反馈单.xlsx", period="2026-08")
    assert (refused.verdict, "[feedback]" in refused.message) == ("refused", True)
    assert len(lake.verdicts(repairs)) == 2


def test_what_cannot_be_is_told(lake: Lake, repairs: Contract, tmp_path: Path) -> None:
    deliver(lake, repairs, "1,B7,1,1")
    lake.close()
    with pytest.raises(UsageError, match=r"\[out\]"):
        feedback(lake.where, repairs.id, tmp_path / "nowhere" / "out.xlsx")
    with pytest.raises(UsageError, match=r"end in \.xlsx"):
        feedback(lake.where, repairs.id, tmp_path / "out.csv")
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(EnvironmentFault, match=r"\[out\]"):
        feedback(lake.where, repairs.id, tmp_path / "folder.xlsx")
    with pytest.raises(UsageError, match="has no batch"):
        feedback(lake.where, f"{repairs.table}-0099", tmp_path / "out.xlsx")
    empty = replace(lake.where, home=tmp_path / "no-lake")
    assert feedback(empty, repairs.id, tmp_path / "out.xlsx") is None


@pytest.mark.parametrize("told", ["5", "{days: 5}", "{workingDays: 0}", "{workingDays: true}", "{workingDays: ten}"])
def test_a_deadline_that_is_none_is_a_fault_of_the_city_pack(tmp_path: Path, told: str) -> None:
    pack = write_city(tmp_path) / "schemas/_city.yaml"
    pack.write_text(pack.read_text("utf-8")[:-1] + f', "feedback": {told}}}', "utf-8")
    with pytest.raises(ContractError, match=r"feedback|[dD]ays"):
        load_city(tmp_path)


def test_the_city_gives_its_own_deadline_and_a_calendar_that_ends_gives_days_alone(lake: Lake, tmp_path: Path) -> None:
    pack = write_city(tmp_path) / "schemas/_city.yaml"
    assert answer_days(load_city(tmp_path)) == 10
    pack.write_text(
        pack.read_text("utf-8")[:-1] + ', "feedback": {workingDays: 5, basis: {kind: law, ref: a law}}}', "utf-8"
    )
    assert answer_days(load_city(tmp_path)) == 5
    assert due_day(lake.where, date(2026, 9, 30), 5) == date(2026, 10, 13)
    assert due_day(lake.where, date(2099, 1, 1), 5) is None
