"""Persons planted in every format and in free text are found in landing alone: after every verb, in every artefact, in every encoding."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.contracts import models
from pipelines.contracts.model import Contract
from pipelines.demo.page import write_page
from pipelines.steps.check import check
from pipelines.steps.explain.explaining import explain
from pipelines.steps.feedback.feedback import feedback
from pipelines.steps.maintain import maintain
from pipelines.steps.mirror.mirror import mirror
from pipelines.steps.notify import tell_outcomes
from pipelines.steps.quarantine import rows as quarantined
from pipelines.steps.transform import run
from tests.bi import bi_database
from tests.spine.channel import Channel, posted_in_this_process
from tests.spine.city import column, write_city
from tests.spine.lake import Lake, lake_settings
from tests.spine.models import counted_once, write_model
from tests.spine.privacy import planted_bytes_in, planted_in_text

NAME, PHONE, CITIZEN, CARD, PLATE = (
    "欧阳测试甲",
    "13912340001",
    "350203199001010011",
    "6222021234567890123",
    "闽D·A1234",
)
IN_TEXT = (
    "13912340002",
    "0592-2233441",
    "350203 19900101 002X",
    "6222 0212 3456 7890 124",
    "闽D12345",
    "闽DF12345",
    "some.one@example.org",
)
PLANTED = (NAME, PHONE, CITIZEN, CARD, PLATE, *IN_TEXT, "1391234000199", "3502031990010100119")
HEADINGS = ("编号", "姓名", "电话", "身份证号", "卡号", "车牌", "内容", "数量", "备注", "单位")
SOUND = ("k1", NAME, PHONE, CITIZEN, CARD, PLATE, "来电" + "，".join(IN_TEXT), "1", "已回访", "甲处")
# the wrong form, the wrong column, all columns shifted. Not planted: a phone alone where the contract has a number, a name
# where it has none, and what strays into a row that breaks no rule
BAD = (
    ("k2", NAME, PHONE + "99", CITIZEN + "9", CARD, PLATE, IN_TEXT[0], "2", "", ""),
    ("k3", NAME, PHONE, CITIZEN, CARD, PLATE, "x", f"电{PHONE}", "回电" + "或".join(IN_TEXT), PHONE),
    ("key", NAME, CITIZEN, PHONE, PLATE, CARD, IN_TEXT[3], PLATE, CARD, CITIZEN),
    (CARD, NAME, PHONE, CITIZEN, CARD, PLATE, "x", "4", "长" * 195 + PHONE, "甲处"),
    (*SOUND[2:], "", ""),
    (PLATE, *SOUND[1:9], PLATE),
    ("k1", *SOUND[1:7], "99", f"改拨{PHONE}", "乙处"),
)


def _csv(path: Path, rows: list[tuple[str, ...]]) -> None:
    path.write_bytes("".join(",".join(row) + "\r\n" for row in (HEADINGS, *rows)).encode("gb18030"))


def _xlsx(path: Path, rows: list[tuple[str, ...]]) -> None:
    book = openpyxl.Workbook()
    for row in (HEADINGS, *rows):
        book.active.append(row)
    book.save(path)


def _jsonl(path: Path, rows: list[tuple[str, ...]]) -> None:
    lines = (json.dumps(dict(zip(HEADINGS, row, strict=True)), ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _parquet(path: Path, rows: list[tuple[str, ...]]) -> None:
    pq.write_table(pa.table(dict(zip(HEADINGS, zip(*rows, strict=True), strict=True))), path)


WRITERS: dict[str, Callable[[Path, list[tuple[str, ...]]], None]] = {
    "csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl, "parquet": _parquet,
}  # fmt: skip


def _people(lake: Lake, form: str) -> Contract:
    said: dict[str, Any] = {"personal": True, "level": "3"}
    columns = [
        column("record_id", title="编号", key=True, options={"pattern": r"^k\d$"}),
        column("person_name", title="姓名", mask="drop", **said),
        column("phone", title="电话", mask="hmac", options={"pattern": r"^1\d{10}$"}, **said),
        column("id_card", title="身份证号", mask="hmac", options={"maxLength": 18}, **said),
        column("card_no", title="卡号", mask="hmac", **said),
        column("plate_no", title="车牌", mask="hmac", **said),
        column("content", title="内容", mask="scrub", **said),
        column("amount", "integer", title="数量", options={"maximum": 9}),
        column("remark", title="备注", options={"maxLength": 200}),
        column("unit", title="单位", enum=["甲处", "乙处"]),
    ]
    return lake.contract(columns, dataset=f"test.people_{form}", format=form, max_invalid_pct=20)


@pytest.fixture
def lake(tmp_path: Path, second_measure: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    monkeypatch.setattr(models, "PACKAGED", tmp_path / "no models")
    monkeypatch.setattr(run, "audit_model", counted_once)
    made = Lake(lake_settings(tmp_path, write_city(tmp_path / "city"), ""), tmp_path / "files")
    made.folder.mkdir()
    yield made
    made.close()


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    with posted_in_this_process(monkeypatch) as up:
        yield up


def _model(lake: Lake) -> None:
    said: dict[str, Any] = {"personal": True, "level": "3"}
    columns = [
        column("phone", key=True, mask="hmac", **said),
        column("told", mask="scrub", **said),
        column("persons", "integer", level="1", regraded={"by": "试验员", "reason": "只计人数"}),
    ]
    sql = "SELECT phone, max(content) AS told, count(id_card) AS persons FROM dwd.people_csv GROUP BY phone"
    unfold = {"source": "dwd.people_csv", "rows": "phone = $phone"}
    write_model(lake.city, "test.ads.persons", sql, columns, unfold=unfold)


def test_planted_persons_are_found_in_landing_alone(
    lake: Lake, channel: Channel, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO)
    told: list[object] = []
    for form, write in WRITERS.items():
        people = _people(lake, form)
        for verdict, rows in (
            ("published", [SOUND]),
            ("refused", [*BAD, ("k9", *SOUND[1:])]),
            ("conceded", [*BAD, ("k8", *SOUND[1:])]),
        ):
            path = lake.folder / f"{verdict}.{form}"
            write(path, rows)
            request = {"accept": "needed", "by": "Wang"} if verdict == "conceded" else {}
            outcome = lake.ingest(people, path, **request)
            assert outcome.verdict == verdict
            told += [outcome, outcome.as_dict()]
            lake.close()
            told.append(tell_outcomes(replace(lake.where, notify=channel.url()), people, [outcome]))
        told += [check(lake.where, people, lake.folder / f"refused.{form}"), quarantined(lake.where, people)]
        assert feedback(lake.where, people.id, lake.folder / f"back_{form}.xlsx")
    _model(lake)
    told += [one.as_dict() for one in run.transform(lake.where)]
    told.append(explain(lake.where, "ads.persons", "persons > 0").as_dict())
    told += _by_command(lake, monkeypatch)
    with bi_database(new_database) as url:
        told += _mirrored(lake, url)
    lake.close()
    page = write_page(lake.where).read_text(encoding="utf-8")
    assert "改拨〔电话〕" in page, "the refused file is not beside its twin"
    told += [page, maintain(lake.where, keep_days=30)]
    told += [channel.told(), caplog.text, *capfd.readouterr()]
    assert "refused" in str(told)
    assert planted_in_text(str(told), PLANTED) == []
    lake.close()
    assert planted_bytes_in(lake.where.home, PLANTED) == []
    assert PHONE.encode() in (lake.where.landing / "people_csv").rglob("*.csv").__next__().read_bytes(), (
        "nothing was planted"
    )


def _by_command(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("RONGTONG_HOME", str(lake.where.home))
    monkeypatch.setenv("RONGTONG_CITY", str(lake.city))
    exported = lake.where.home / "quarantine.csv"
    asked = [
        ("sql", f"SELECT * FROM dwd.people_csv WHERE phone <> '{PHONE}'"),
        ("quarantine", "list", "test.people_csv"),
        ("quarantine", "export", "test.people_csv", "--out", str(exported)),
        ("show", "ads.persons"),
        ("show", "test.people_csv", "--json"),
        ("batches", "test.people_xlsx"),
        ("explain", "ads.persons", "--where", "persons > 0"),
    ]
    results = [CliRunner().invoke(app, list(arguments)) for arguments in asked]
    assert [str(result.exception) for result in results if result.exception] == []
    assert exported.is_file()
    return [result.output for result in results]


def _mirrored(lake: Lake, database: str) -> list[object]:
    """Mirror the lake, and return what was said of it and every row there is."""
    told = mirror(replace(lake.where, bi=database)).as_dict()
    with psycopg.connect(database, autocommit=True) as pg:
        listed = (
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = pg.execute(listed).fetchall()
        assert ("ads", "persons") in tables
        rows = [pg.execute(f'SELECT * FROM "{schema}"."{name}"'.encode()).fetchall() for schema, name in tables]
    return [told, rows]
