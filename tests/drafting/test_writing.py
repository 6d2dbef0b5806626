"""What is written loads back as the same contract, whatever the names and values in it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts.city import load_city
from pipelines.contracts.load import load_contract
from pipelines.contracts.model import Column, Contract, Control, Ingest, Period, Reference, Tolerance
from pipelines.contracts.writing import Remarks, to_yaml
from tests.drafting.conftest import ROOT

WORDS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
TRICKY = st.sampled_from(
    [
        "no",
        "0123",
        "12:30",
        "null",
        "~",
        "- a",
        "a: b",
        "# x",
        "'",
        '"',
        "{",
        "[]",
        "*",
        "&a",
        "!t",
        "2026-06-01",
        "1e3",
        "=",
        "|",
        ">",
        "%",
        "@",
        "`",
        ",",
        "\\",
    ]
)
TEXTS = WORDS | TRICKY
SOME = st.lists(TEXTS, unique=True, max_size=3).map(tuple)

CONTRACT = Contract(
    id="governance.things", version="1.0.0", status="draft", path="", digest="", title="东西", purpose="", limitations="",
    provider="某局", owner="某局", contacts=(), tags=(), columns=(), ingest=Ingest(), frequency=(1, "month"),
)  # fmt: skip


@st.composite
def text_columns(draw: st.DrawFn) -> Column:
    enum = draw(SOME)
    lenient = (("enum", Tolerance("warning", 2.5)),) if enum and draw(st.booleans()) else ()
    return Column(
        "", "string", required=draw(st.booleans()), unique=draw(st.booleans()), enum=enum, nulls=draw(SOME),
        trim=draw(st.booleans()), full_width=draw(st.booleans()), description=draw(TEXTS), tolerance=lenient,
    )  # fmt: skip


@st.composite
def number_columns(draw: st.DrawFn) -> Column:
    low = draw(st.integers(-100, 100))
    return Column(
        "",
        "number",
        minimum=low,
        maximum=low + draw(st.integers(0, 9)),
        thousands=draw(st.sampled_from(["", ",", "，"])),
        unit=draw(TEXTS),
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    drawn = draw(st.lists(text_columns() | number_columns(), min_size=1, max_size=5))
    columns = tuple(replace(column, name=f"c{place}", title=f"列{place}") for place, column in enumerate(drawn))
    return replace(
        CONTRACT,
        columns=columns,
        title=draw(TEXTS),
        provider=draw(TEXTS),
        owner=draw(TEXTS),
        purpose=draw(TEXTS),
        tags=draw(SOME),
    )


def written_and_loaded(contract: Contract, folder: Path, remarks: Remarks) -> Contract:
    path = folder / "schemas" / contract.domain / f"{contract.table}.odcs.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_yaml(contract, remarks), "utf-8")
    return replace(load_contract(path, replace(load_city(ROOT), root=str(folder))), path="", digest="")


def expected(contract: Contract) -> Contract:
    return replace(
        contract, ingest=replace(contract.ingest, timezone="Asia/Shanghai", crs=contract.ingest.crs or "EPSG:4490")
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contracts(), st.lists(st.text(), max_size=3))
def test_any_contract_comes_back(tmp_path: Path, contract: Contract, said: list[str]) -> None:
    remarks = Remarks({"top": said, "columns/c0": said, "mode": said, "name": said}, frozenset(["c0"]))
    assert written_and_loaded(contract, tmp_path, remarks) == expected(contract)


def test_everything_a_draft_may_hold_comes_back(tmp_path: Path) -> None:
    columns = (
        Column(
            "code", "string", "代码", key_position=1, required=True, pattern=r"^GD\d{12}$", aliases=("编码", "a: b")
        ),
        Column("area", "integer", "面积", physical_type="BIGINT", exclusive_minimum=0, multiple_of=5, thousands=","),
        Column("at", "timestamp", "时间", required=True, formats=("%Y-%m-%d %H:%M", "%Y年%m月%d日"), serial=True),
        Column("day", "date", "日期", minimum="2020-01-01"),
        Column("ok", "boolean", "是否", true_values=("是",), false_values=("否",)),
        Column("phone", "string", "电话", level=3, personal=True, mask="hmac", min_length=3, max_length=20),
        Column("ratio", "number", "比", decimal=",", unit="%"),
        Column("district_code", "string", "区划", code_list="divisions"),
        Column("ref", "string", "街道", reference=Reference("subdistricts", "subdistrict_code")),
        Column("shape", "object", "范围", physical_type="GEOMETRY"),
    )
    ingest = Ingest(
        encoding="gb18030", delimiter="|", quote="", header_row=3, source="x/*.csv", mode="upsert", order_by="at",
        delete_when="ok = false", crs="EPSG:4326", extra_columns="refuse",
        period=Period("file_name", "month", r"(?P<year>\d{4})(?P<month>\d{2})", "at"),
        control=Control("code", ("合计", "总 计"), ("area",), "day", "{name}.manifest.json"),
    )  # fmt: skip
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "_shared").symlink_to(ROOT / "schemas/_shared")
    contract = replace(CONTRACT, columns=columns, ingest=ingest, schedule="0 6 * * *", limitations="无")
    assert written_and_loaded(contract, tmp_path, Remarks()) == expected(contract)


@pytest.mark.parametrize("source", ["column", "parameter", "none"])
def test_periods_of_every_source_come_back(tmp_path: Path, source: str) -> None:
    period = {
        "column": Period("column", "day", column="at"),
        "parameter": Period("parameter", "year"),
        "none": Period(),
    }[source]
    columns = (Column("at", "timestamp", "时间", required=True),)
    contract = replace(CONTRACT, columns=columns, ingest=Ingest(period=period))
    assert written_and_loaded(contract, tmp_path, Remarks()) == expected(contract)


def test_a_remark_cannot_leave_its_line() -> None:
    text = to_yaml(
        replace(CONTRACT, columns=(Column("a", "string", "甲"),)),
        Remarks({"top": ["eins\nstatus: active\u2028x\x85y"]}),
    )
    assert text.splitlines()[0] == "# eins status: active x y"
