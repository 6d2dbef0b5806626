"""deliveries.yaml tells the truth: its counts equal a count over the bytes, by the contracts' rules, without the product."""

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.samples.recount import (
    BAD,
    CUT_OFF,
    DATASETS,
    DELIVERIES,
    HOTLINE,
    SAMPLES,
    broken_rows,
    ingest,
    key_of,
    named,
    own,
    typed_rows,
)
from tests.samples.row_rules import warned_by_row

TOTALLED = [dataset for dataset in DATASETS if "totalRow" in ingest(dataset).get("control", {})]


@pytest.mark.parametrize("delivery", DELIVERIES, ids=named)
def test_counts_equal_a_count_over_the_bytes(delivery: dict[str, Any]) -> None:
    rows, _ = typed_rows(delivery["dataset"], SAMPLES / delivery["file"])
    broken = broken_rows(delivery["dataset"], rows)
    assert len(rows) == delivery["delivered"] == delivery["valid"] + delivery["quarantined"]
    assert sum(bool(rules) for rules in broken) == delivery["quarantined"]
    assert dict(Counter(rule for rules in broken for rule in rules)) == delivery["reasons"]
    warned = Counter(rule for row in rows for rule in warned_by_row(delivery["dataset"], row))
    assert dict(warned) == delivery.get("warnings", {})
    assert all(len(rules) <= 1 or "credit_code.precision_lost" in rules for rules in broken), (
        "a bad row breaks one rule"
    )


@pytest.mark.parametrize("delivery", [d for d in DELIVERIES if d["dataset"] in TOTALLED], ids=named)
def test_total_row_says_what_is_declared(delivery: dict[str, Any]) -> None:
    rows, (total,) = typed_rows(delivery["dataset"], SAMPLES / delivery["file"])
    marks = ingest(delivery["dataset"])["control"]["totalRow"]
    told = {name: float(total[name]) for name in marks["sums"]}
    told["rows"] = int(total[marks["count"]]) if "count" in marks else len(rows)
    counted = {name: sum(row[name] or 0 for row in rows) for name in marks["sums"]}
    assert told == delivery["declared"]
    assert counted | {"rows": len(rows)} == delivery["counted"]
    assert (delivery["declared"] == delivery["counted"]) is (delivery.get("refused_by") != "totalRow")


def period_of_name(delivery: dict[str, Any]) -> str:
    found = re.search(ingest(delivery["dataset"])["period"]["pattern"], named(delivery))
    parts = found.groupdict().items() if found else ()
    return "-".join(f"Q{value}" if name == "quarter" else value for name, value in parts)


def period_of(at: date, unit: str) -> str:
    return {
        "quarter": f"{at:%Y}-Q{(at.month + 2) // 3}",
        "month": f"{at:%Y-%m}",
        "day": f"{at:%Y-%m-%d}",
        "year": f"{at:%Y}",
    }[unit]


@pytest.mark.parametrize("delivery", DELIVERIES, ids=named)
def test_period_of_the_name_is_the_period_of_the_rows(delivery: dict[str, Any]) -> None:
    period = ingest(delivery["dataset"])["period"]
    assert period_of_name(delivery) in ("", delivery["period"])
    if "column" in period:
        rows, _ = typed_rows(delivery["dataset"], SAMPLES / delivery["file"])
        moments = [row[period["column"]] for row in rows if row[period["column"]] not in (BAD, CUT_OFF)]
        assert {period_of(at, period["unit"]) for at in moments} == {delivery["period"]}


def test_only_the_extra_file_has_no_period_in_its_name() -> None:
    unnamed = [delivery["file"] for delivery in DELIVERIES if not period_of_name(delivery)]
    assert unnamed == ["governance/hotline_orders/extra.csv"]


def test_verdicts_follow_from_the_thresholds() -> None:
    for delivery in DELIVERIES:
        most = own(delivery["dataset"])["quality"]["maxInvalidPct"]
        too_bad = 100 * delivery["quarantined"] > most * delivery["delivered"]
        miscounted = delivery.get("declared") != delivery.get("counted")
        assert (delivery["verdict"] == "refused") is (too_bad or miscounted), delivery["file"]
        assert delivery.get("refused_by") == ("maxInvalidPct" if too_bad else "totalRow" if miscounted else None)


def test_table_rows_follow_from_modes_and_verdicts() -> None:
    periods: dict[str, dict[str, int]] = {}
    latest: dict[str, dict[Any, tuple[datetime, bool]]] = {}
    for delivery in DELIVERIES:
        dataset = delivery["dataset"]
        mode, held = ingest(dataset)["mode"], periods.setdefault(dataset, {})
        if delivery["verdict"] == "published" and "retract" not in delivery:
            rows, _ = typed_rows(dataset, SAMPLES / delivery["file"])
            clean = [row for row, rules in zip(rows, broken_rows(dataset, rows), strict=True) if not rules]
            for row in clean if mode == "upsert" else ():
                told = (row[ingest(dataset)["orderBy"]], row.get("is_withdrawn", False))
                before = latest.setdefault(dataset, {}).get(key_of(dataset, row), told)
                latest[dataset][key_of(dataset, row)] = max(before, told)
            if mode == "replace":
                held.clear()
            held[delivery["period"]] = len(clean)
        there = sum(not withdrawn for _, withdrawn in latest.get(dataset, {}).values())
        assert delivery["table_rows"] == (there if mode == "upsert" else sum(held.values())), delivery["file"]


def test_corrections_come_after_what_they_correct() -> None:
    seen: Counter[tuple[str, str, int]] = Counter((d["dataset"], d["period"], d["wave"]) for d in DELIVERIES)
    assert max(seen.values()) == 1, "two files of one period in one wave"
    assert [d["wave"] for d in DELIVERIES] == sorted(d["wave"] for d in DELIVERIES)


def test_free_text_holds_planted_numbers_and_names_beyond_gbk() -> None:
    rows, _ = typed_rows(HOTLINE, SAMPLES / "governance/hotline_orders/hotline_202601.csv")
    texts = [row["content"] for row in rows]
    assert sum(bool(re.search(r"1[3-9]\d{9}", text)) for text in texts) > 20
    assert sum(bool(re.search(r"\d{17}[\dX]", text)) for text in texts) > 5
    assert any("\n" in text for text in texts)
    assert any("𠮷" in text for text in texts)
    with pytest.raises(UnicodeEncodeError):
        "".join(texts).encode("gbk")


def test_a_generated_month_holds_what_the_generator_says(tmp_path: Path) -> None:
    run = [sys.executable, str(SAMPLES / "generate.py"), "--out", str(tmp_path), "--mixed-dates"]
    run += ["--rows", "4000", "--bad-share", "0.02"]
    told = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    rows, (total,) = typed_rows(HOTLINE, Path(told["file"]))
    broken = broken_rows(HOTLINE, rows)
    assert len(rows) == told["delivered"] == int(total["accepted_at"])
    assert sum(map(bool, broken)) == told["quarantined"] == 80
    assert {len(rules) for rules in broken} == {0, 1}
    assert len({rule for rules in broken for rule in rules}) == 9, "every kind of bad row"
