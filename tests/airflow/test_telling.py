"""What the log of a task says about a delivery, in either language."""

import pytest

from pipelines.orchestrate.telling import line_of, nothing_waits, report_of

OUTCOME = {
    "file": "热线_202603.csv",
    "period": "2026-03",
    "batch": "hotline_orders-0004",
    "verdict": "refused",
    "delivered": 2000,
    "valid": 1760,
    "quarantined": 240,
    "message": "too many rows",
    "reasons": [{"rule": "subdistrict_code.reference", "text": "240 of 2000 rows"}],
    "examples": ["row 9: 街道代码"],
    "notes": ["one column is not loaded"],
}


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "zh")


def test_a_report_tells_why_how_much_and_where_to_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "en")
    assert report_of(OUTCOME, "en", "http://localhost/page").splitlines() == [
        "refused: 热线_202603.csv (hotline_orders-0004, period 2026-03)",
        "  too many rows",
        "2000 delivered = 1760 valid + 240 quarantined",
        "  subdistrict_code.reference: 240 of 2000 rows",
        "  row 9: 街道代码",
        "  one column is not loaded",
        "Data Docs: http://localhost/page",
    ]


def test_a_file_that_came_to_no_batch_has_no_page_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "en")
    told = report_of({**OUTCOME, "batch": "", "period": ""}, "en", "")
    assert told.startswith("refused: 热线_202603.csv (-, period -)")
    assert "Data Docs" not in told


def test_the_log_speaks_chinese(chinese: None) -> None:
    assert line_of(OUTCOME, "zh").splitlines() == [
        "已退回: 热线_202603.csv",
        "  hotline_orders-0004，账期 2026-03: 报送 2000 行 = 合格 1760 + 问题 240",
        "  one column is not loaded",
    ]
    assert "没有待办文件" in nothing_waits("governance.hotline_orders", "zh")
