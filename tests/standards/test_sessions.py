"""Where the standards are: in every session, the plain CLI's too, for who may not write, and in the digest of a plan."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipelines.contracts.city import load_city
from pipelines.contracts.load import load_contract
from pipelines.contracts.model import RowCheck
from pipelines.derive.plan import plan_digest
from pipelines.lake import connect, standards
from pipelines.lake.binding import binding_problems
from pipelines.lake.create import open_for_writing
from pipelines.lake.query import attach_lines
from pipelines.settings import Settings, settings
from pipelines.standards.macros import MACROS

ASKED = "SELECT iaqi('pm25_24h', 75.0, DATE '2026-02-28'), is_uscc('91350100M000100Y43'), count(*) FROM quality.batches"
CONTRACT = Path(__file__).parents[2] / "schemas" / "economy" / "enterprises.odcs.yaml"


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RONGTONG_HOME", str(tmp_path / "lake"))
    here = replace(settings(), city=tmp_path)
    con = open_for_writing(here)
    assert con.execute(ASKED).fetchone() == (100, True, 0)
    con.close()
    return here


def test_readers_and_the_plain_command_line_have_them(lake: Settings) -> None:
    reader = connect(where=lake)
    assert reader.execute(ASKED).fetchone() == (100, True, 0)
    assert reader.execute("SELECT count(*) FROM standards.gbt36344").fetchone() == (20,)
    assert reader.execute("SELECT bp_100 FROM standards.aqi_breakpoints WHERE item = 'o3_8h'").fetchone() == (160,)
    reader.close()
    plain = duckdb.connect()
    for statement in attach_lines(lake).split(";"):
        if statement.strip():
            plain.execute(statement)
    assert plain.execute(ASKED).fetchone() == (100, True, 0)
    plain.close()


def test_who_may_not_write_beside_the_lake_defines_them_in_memory(
    lake: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only file system")

    next(lake.home.glob("standards-*.duckdb")).unlink()
    monkeypatch.setattr(standards, "_make", refuse)
    reader = connect(where=lake)
    assert reader.execute(ASKED).fetchone() == (100, True, 0)
    reader.close()


def test_the_city_s_own_year_is_known_and_a_broken_calendar_leaves_the_release_s(lake: Settings) -> None:
    file = lake.city / standards.CITY_CALENDAR
    file.parent.mkdir(parents=True)
    asked = "SELECT is_working_day(DATE '2027-01-04'), is_working_day(DATE '2027-01-01')"
    file.write_text("date,day,name,basis\n2027-01-01,holiday,元旦,示例\n", encoding="utf-8")
    reader = connect(where=lake)
    assert reader.execute(asked).fetchone() == (True, False)
    reader.close()
    file.write_text("date,day\n", encoding="utf-8")
    reader = connect(where=lake)
    with pytest.raises(duckdb.ConversionException, match="the calendar holds"):
        reader.execute(asked).fetchall()
    reader.close()


def test_a_plan_changes_with_the_wording_of_a_standard_it_uses_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = replace(load_contract(CONTRACT, load_city(CONTRACT.parents[2])), row_checks=(), batch_checks=())
    using = replace(plain, row_checks=(RowCheck("credit_code_checks", "is_uscc(credit_code)"),))
    before = [plan_digest(contract, {}, "Asia/Shanghai", "k1") for contract in (plain, using)]
    monkeypatch.setitem(MACROS, "is_uscc(code)", "true")  # type: ignore[arg-type]
    after = [plan_digest(contract, {}, "Asia/Shanghai", "k1") for contract in (plain, using)]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_a_row_check_that_duckdb_cannot_bind_is_a_problem_of_the_contract(lake: Settings) -> None:
    plain = load_contract(CONTRACT, load_city(CONTRACT.parents[2]))
    right = ("is_uscc(credit_code)", "working_days_between(established_date, established_date) < 8")
    conditions = (*right, "is_uscc(credit_code, 2)", "is_ussc(credit_code)", "no_column > 1")
    checks = tuple(RowCheck(f"check_{number}", text) for number, text in enumerate(conditions))
    problems = binding_problems(lake, [replace(plain, row_checks=checks)])
    assert [problem.rule for problem in problems] == ["row-check"] * 3
    assert ["check_2" in problems[0].message, "is_ussc" in problems[1].message, "no_column" in problems[2].message] == [
        True
    ] * 3
