"""Workbooks and JSON Lines on their whole way: verdict, places in the quarantine, control totals, notes."""

from typing import Any

import pytest

from pipelines.contracts.model import Contract
from pipelines.steps import quarantine
from tests.sources.workbooks import xls, xlsx
from tests.spine.city import column
from tests.spine.lake import Lake, broken
from tests.spine.truth import assert_dwd_is_right


def places(lake: Lake, described: Contract) -> list[tuple[Any, ...]]:
    found = quarantine.rows(lake.where, described, con=lake.con)
    return [(entry["sheet"], entry["line"], entry["rule"], entry["raw"]) for entry in found]


def firms(lake: Lake, **ingest: Any) -> Contract:
    columns = [
        column("code", key=True, title="代码"),
        column("kwh", "number", title="用电量 本月"),
        column("day", "date"),
    ]
    total = {"totalRow": {"column": "code", "markers": ["合计"], "sums": ["kwh"]}}
    return lake.contract(
        columns,
        **({"format": "xlsx", "headerRow": 2, "headerRows": 2, "control": total, "max_invalid_pct": 100} | ingest),
    )


HEAD: list[list[Any]] = [["2026年7月用电", None, None], ["代码", "用电量", "day"], [None, "本月", None]]
MERGES = ["A1:C1", "A2:A3", "C2:C3"]


def test_a_workbook_is_published_and_its_bad_rows_are_told_by_sheet_and_row(shared: Lake) -> None:
    described = firms(shared)
    rows = [["913502", 0.1, None], [350203199001011234, 0.2, None], [None] * 3, ["913503", "#REF!", "昨天"]]
    outcome = shared.deliver(described, "a.xlsx", xlsx([*HEAD, *rows, ["合计", 0.3, None]], merges=MERGES, hidden=[4]))
    assert (outcome.delivered, outcome.quarantined) == (3, 2)
    assert broken(outcome) == {"code.precision_lost": 1, "kwh.cell_error": 1, "kwh.type": 1, "day.type": 1}
    assert any("1 hidden rows" in note for note in outcome.notes)
    assert places(shared, described) == [
        ("数据", 5, "code.precision_lost", "3.50203199001011E+17"),
        ("数据", 7, "kwh.cell_error", "#REF!"),
        ("数据", 7, "kwh.type", "#REF!"),
        ("数据", 7, "day.type", "昨天"),
    ]
    assert_dwd_is_right(shared, described)


def test_a_total_row_that_differs_refuses_the_workbook(shared: Lake) -> None:
    described = firms(shared)
    outcome = shared.deliver(described, "a.xlsx", xlsx([*HEAD, ["a", 1.5, None], ["合计", 2, None]], merges=MERGES))
    assert outcome.verdict == "refused"
    assert "control total of kwh: the file says 2, its rows give 1.5" in outcome.message


@pytest.mark.parametrize("made", [xls, xlsx])
def test_numbers_beyond_their_range_and_headings_alone(shared: Lake, made: Any) -> None:
    described = shared.orders(format="xls", max_invalid_pct=100)
    outcome = shared.deliver(described, "a.xls", made([["id", "n", "mark"], ["a", 1e300, "x"], ["b", 1.5, "y"]]))
    assert broken(outcome) == {"n.type": 2, "n.precision_lost": 1}
    outcome = shared.deliver(described, "b.xls", made([["id", "n", "mark"]]))
    assert (outcome.verdict, outcome.delivered) == ("refused", 0)


def test_a_workbook_that_cannot_be_read_is_refused_and_on_record(shared: Lake) -> None:
    described = shared.orders(format="xlsx")
    for content in (b"<html><table></table></html>", xlsx([["id", "n", "mark"]])[:2000], b"id,n,mark\na,1,x\n"):
        assert shared.deliver(described, "a.xlsx", content).verdict == "refused"
    assert len(shared.verdicts(described)) == 3


def test_json_lines_are_published_and_broken_ones_quarantined_with_their_line(shared: Lake) -> None:
    described = shared.orders(format="jsonl", max_invalid_pct=100)
    text = '{"id":"a","n":1,"mark":"x"}\n{"id":"b","n":NaN,"mark":"y"}\n{"id":"c",\n\n{"id":"d","n":1e99,"mark":"z"}\n'
    outcome = shared.deliver(described, "a.jsonl", text)
    assert (outcome.delivered, outcome.quarantined) == (4, 3)
    assert places(shared, described) == [
        ("", 2, "n.type", "NaN"),
        ("", 3, "row.structure", "this is no JSON"),
        ("", 5, "n.type", "1e+99"),
    ]
    assert_dwd_is_right(shared, described)
