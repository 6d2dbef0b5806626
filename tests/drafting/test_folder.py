"""A folder of two hundred files: one contract for each dataset in it, nothing overwritten, and a row that says what became of each."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.contracts.catalog import all_contracts
from pipelines.errors import SourceError, UsageError
from pipelines.settings import settings
from pipelines.steps.draft.folder import Row, draft_folder
from pipelines.steps.draft.options import DraftOptions
from tests.drafting.conftest import Desk

HEAD = ["编号", "登记日期", "状态"]
WHAT = ["路灯", "井盖", "公园", "水库", "河道", "渣土车", "充电桩", "停车场", "许可证", "监测点"]
DONE = ["故障", "巡查", "维修", "投诉", "检测"]


def drafted(folder: Path, domain: str = "governance", **options: Any) -> list[Row]:
    return draft_folder(settings(), folder, domain, DraftOptions(**options))


def table(month: int, delimiter: str = ",", title: str = "") -> str:
    rows = [HEAD, *([f"N{n:03d}", f"2026-{month:02d}-{n + 1:02d}", "完好"] for n in range(6))]
    return title + "".join(delimiter.join(row) + "\r\n" for row in rows)


def write(place: Path, kind: int, month: int) -> None:
    """A delivery of one of seven kinds: UTF-8, GB18030 with a title line, tabs, Parquet, GeoJSON, XLSX, JSON Lines."""
    place.parent.mkdir(parents=True, exist_ok=True)
    rows = [dict(zip(HEAD, line.split(","), strict=True)) for line in table(month).splitlines()[1:]]
    match kind:
        case 3:
            pq.write_table(pa.Table.from_pylist(rows), place.with_suffix(".parquet"))
        case 4:
            point = {"type": "Point", "coordinates": [118.1, 24.5]}
            features = [{"type": "Feature", "properties": row, "geometry": point} for row in rows]
            collection = {"type": "FeatureCollection", "features": features}
            place.with_suffix(".geojson").write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
        case 5:
            book = openpyxl.Workbook()
            for line in table(month, title="登记表\r\n").splitlines():
                book.active.append(line.split(","))
            book.save(place.with_suffix(".xlsx"))
        case 6:
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            place.with_suffix(".jsonl").write_text(lines, "utf-8")
        case 1:
            place.with_suffix(".csv").write_bytes(table(month, title="登记表,,\r\n").encode("gb18030"))
        case _:
            place.with_suffix(".csv").write_text(table(month, "\t" if kind == 2 else ","), "utf-8")


def test_two_hundred_files_become_one_contract_for_each_dataset(desk: Desk) -> None:
    for number, (what, done) in enumerate((what, done) for what in WHAT for done in DONE):
        for month in (5, 6, 7, 8):
            write(desk.files / f"{what}{done}表_2026{month:02d}", number % 7, month)
    assert len(list(desk.files.iterdir())) == 200
    rows = drafted(desk.files)
    contracts, problems = all_contracts(settings())
    assert problems == []
    assert Counter(row.status for row in rows) == {"draft": 50}
    assert {row.dataset for row in rows} == {contract.id for contract in contracts}
    formats = {"csv": 22, "parquet": 7, "geojson": 7, "xlsx": 7, "jsonl": 7}
    assert Counter(row.format for row in rows) == formats, [row.why for row in rows if row.why]
    assert {(len(row.files), row.rows) for row in rows} == {(4, 6)}
    assert all("202608" in row.files[-1] and row.todos for row in rows)
    assert {"governance.light_fault", "governance.zhatuche_repaired"} <= {row.dataset for row in rows}
    assert {contract.ingest.period.source for contract in contracts} == {"file_name"}


def test_existing_contracts_are_left_as_they_are(desk: Desk) -> None:
    write(desk.files / "路灯故障_202606", 0, 6)
    (first,) = drafted(desk.files)
    path = desk.files.parent / "city/schemas/governance/light_fault.odcs.yaml"
    path.write_text(path.read_text("utf-8").replace("# Comments", "# 已审。Comments"), "utf-8")
    before = path.read_bytes()
    write(desk.files / "路灯故障_202607", 0, 7)
    (again,) = drafted(desk.files, "another")
    assert (first.status, again.status, again.dataset, len(again.files)) == ("draft", "exists", first.dataset, 2)
    assert path.read_bytes() == before


def test_files_of_one_name_with_other_headings_are_another_dataset(desk: Desk) -> None:
    desk.write("编号,状态\n1,好\n", "路灯_202606.csv")
    desk.write("状态,编号\n好,1\n", "路灯_202607.csv")
    desk.write("杆号,高度\n1,2\n", "路灯_202608.csv")
    assert [(row.dataset, len(row.files)) for row in drafted(desk.files)] == [
        ("governance.light", 2), ("governance.light_2", 1),
    ]  # fmt: skip
    assert [row.status for row in drafted(desk.files)] == ["exists", "exists"]


def test_what_cannot_be_drafted_says_why_and_the_others_go_on(desk: Desk) -> None:
    desk.write("编号,状态\n1,好\n", "井盖.csv")
    (desk.files / "空.csv").write_bytes(b"")
    (desk.files / "坏.parquet").write_bytes(b"PAR1 cut off")
    (desk.files / "通知.pdf").write_bytes(b"%PDF-1.7 ...")
    (desk.files / "~$井盖.csv").write_bytes(b"lock")
    rows = {row.files[0]: row for row in drafted(desk.files)}
    assert sorted(rows) == ["井盖.csv", "坏.parquet", "空.csv", "通知.pdf"]
    assert rows["井盖.csv"].status == "draft"
    assert {name: row.status for name, row in rows.items() if row.why} == dict.fromkeys(
        ["坏.parquet", "空.csv", "通知.pdf"], "failed"
    )
    assert "PDF" in rows["通知.pdf"].why
    assert str(desk.files) not in rows["通知.pdf"].why


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("关于报送6月份水位监测数据的函.csv", "governance.water_level_observed"),
        ("附件1：学校名单（2025年）.csv", "governance.school"),
        ("Trip Records 2026Q1.csv", "governance.trip_records"),
        ("渣土车轨迹.csv", "governance.zhatuche_guiji"),
        ("12345热线工单2026年6月-更正.csv", "governance.hotline_order"),
        ("市政/202606.csv", "governance.shizheng"),
        ("1.csv", "governance.dataset"),
    ],
)
def test_ids_come_from_what_files_are_called(desk: Desk, name: str, dataset: str) -> None:
    (desk.files / name).parent.mkdir(exist_ok=True)
    desk.write("a,b\n1,2\n", name)
    assert [row.dataset for row in drafted(desk.files)] == [dataset]


def test_one_dictionary_serves_the_whole_folder(desk: Desk) -> None:
    desk.write(
        "表名,字段名,中文名,类型,主键\n灯,lamp_no,编号,字符,是\n盖,cover_no,编号,字符,是\n盖,depth,深度,数值,\n",
        "字典.csv",
    )
    desk.write("编号\n1\n2\n", "路灯.csv")
    desk.write("编号,深度\n1,2\n", "井盖.csv")
    rows = drafted(desk.files, dictionary=desk.files / "字典.csv", provider="市政园林局", mode="replace")
    contracts, _ = all_contracts(settings())
    assert {row.dataset for row in rows} == {"governance.light", "governance.manhole"}
    assert {contract.key for contract in contracts} == {("lamp_no",), ("cover_no",)}


def test_the_command_prints_a_table_and_says_in_its_exit_code_that_some_could_not(desk: Desk) -> None:
    desk.write("编号,状态\n1,好\n", "井盖.csv")
    run = CliRunner()
    good = run.invoke(app, ["new", "--from-folder", str(desk.files), "--domain", "governance"])
    assert (good.exit_code, "governance.manhole" in good.output, "draft 1" in good.output) == (0, True, True)
    (desk.files / "空.csv").write_bytes(b"")
    bad = run.invoke(app, ["new", "--from-folder", str(desk.files), "--domain", "governance", "--json"])
    assert bad.exit_code == 1
    assert [row["status"] for row in json.loads(bad.output)] == ["exists", "failed"]


def test_what_cannot_be_asked_of_a_folder_is_told(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no file"):
        drafted(desk.files)
    with pytest.raises(UsageError, match="no folder"):
        drafted(desk.files / "nowhere")
    desk.write("a\n1\n", "a.csv")
    with pytest.raises(UsageError, match="no domain"):
        drafted(desk.files, "Über")
    desk.write("a\n1\n", "b.csv")
    with pytest.raises(SourceError, match=r"\[dictionary\]"):
        drafted(desk.files, dictionary=desk.files / "a.csv")
    for words in (["new", "x.y", "--from-folder", "d"], ["new", "x.y"], ["new", "--from", "f"]):
        result = CliRunner().invoke(app, words)
        assert isinstance(result.exception, UsageError), words
