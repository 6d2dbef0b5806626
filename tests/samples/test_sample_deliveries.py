"""deliveries.yaml tells the truth: its counts equal a count over the bytes, by the contracts' rules, with csv and json alone."""

import csv
import io
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

CITY = Path(__file__).parents[2]
SAMPLES = CITY / "data_samples"
LISTED = yaml.safe_load((SAMPLES / "deliveries.yaml").read_text(encoding="utf-8"))
DELIVERIES: list[dict[str, Any]] = [*LISTED["deliveries"], *LISTED["extra"]]
HOTLINE, AIR, STREETS = "governance.hotline_orders", "environment.air_quality_hourly", "base.subdistricts"
BAD = object()
Row = dict[str, Any]


def named(delivery: dict[str, Any]) -> str:
    return Path(delivery["file"]).name


@cache
def contract(dataset: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CITY / "schemas" / f"{dataset.replace('.', '/')}.odcs.yaml").read_text())
    return loaded


@cache
def columns(dataset: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every column with its own settings."""
    properties = contract(dataset)["schema"][0]["properties"]
    return [(p, p["customProperties"][0]["value"] if "customProperties" in p else {}) for p in properties]


def ingest(dataset: str) -> dict[str, Any]:
    found: dict[str, Any] = contract(dataset)["customProperties"][0]["value"]["ingest"]
    return found


def raw_rows(dataset: str, path: Path) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows as delivered."""
    if path.suffix == ".geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [*features[0]["properties"], "geometry"], [[*f["properties"].values(), f["geometry"]] for f in features]
    encoding = {"utf-8": "utf-8-sig"}.get(ingest(dataset)["encoding"], ingest(dataset)["encoding"])
    rows = [row for row in csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")) if row]
    return rows[0], rows[1:]


def moment(text: str, settings: dict[str, Any]) -> Any:
    for form in settings["formats"]:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    if settings.get("serial") and re.fullmatch(r"\d{5}(\.\d+)?", text):
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
    return BAD


def typed(value: Any, column: dict[str, Any], settings: dict[str, Any]) -> Any:
    """The value, None when it is missing, BAD when it is not of its type."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text in ("", *settings.get("nulls", ())):
        return None
    if column["logicalType"] == "timestamp":
        return moment(text, settings)
    if column["logicalType"] == "number":
        return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else BAD
    if column["logicalType"] == "boolean":
        return True if text in settings["trueValues"] else False if text in settings["falseValues"] else BAD
    return text


def typed_rows(dataset: str, path: Path) -> tuple[list[Row], list[Row]]:
    """Data rows and total rows; every column of the contract is found under its name, its business name or an alias."""
    headings, raw = raw_rows(dataset, path)
    place = {}
    for column, settings in columns(dataset):
        known = {column["name"], column.get("businessName"), *settings.get("aliases", ())}
        (place[column["name"]],) = [i for i, heading in enumerate(headings) if heading in known]
    assert sorted(place.values()) == list(range(len(headings))), "a column nobody knows"
    marks = ingest(dataset).get("control", {}).get("totalRow", {})
    total = [row for row in raw if marks and row[place[marks["column"]]] in marks["markers"]]
    data = [row for row in raw if row not in total]
    rows = [{c["name"]: typed(row[place[c["name"]]], c, s) for c, s in columns(dataset)} for row in data]
    return rows, [{name: row[i] for name, i in place.items()} for row in total]


def broken_by_column(row: Row, column: dict[str, Any], streets: set[str]) -> str:
    name, options = column["name"], column.get("logicalTypeOptions", {})
    value = row[name]
    if value is None:
        return f"{name}.required" if column.get("required") else ""
    if value is BAD:
        return f"{name}.type"
    if "pattern" in options and not re.search(options["pattern"], value):
        return f"{name}.pattern"
    if "enum" in column and value not in [item["value"] for item in column["enum"]]:
        return f"{name}.enum"
    low, high = options.get("minimum", value), options.get("maximum", value)
    if column["logicalType"] == "number" and not low <= value <= high:
        return f"{name}.range"
    if "relationships" in column and value not in streets:
        return f"{name}.reference"
    return ""


def broken_by_row(dataset: str, row: Row) -> str:
    """The contracts' row checks, said again in Python."""

    def both(a: Any, b: Any) -> bool:
        return a not in (None, BAD) and b not in (None, BAD)

    if dataset == HOTLINE:
        start = row["dispatched_at"] if row["dispatched_at"] is not None else row["accepted_at"]
        if both(row["accepted_at"], row["dispatched_at"]) and row["dispatched_at"] < row["accepted_at"]:
            return "row.dispatched_after_accepted"
        if both(start, row["closed_at"]) and row["closed_at"] < start:
            return "row.closed_after_dispatched"
    if dataset == AIR:
        if both(row["observed_at"], row["reported_at"]) and row["reported_at"] < row["observed_at"]:
            return "row.reported_after_observed"
        if both(row["pm25_ug_m3"], row["pm10_ug_m3"]) and row["pm25_ug_m3"] > row["pm10_ug_m3"]:
            return "row.pm25_within_pm10"
    return ""


@cache
def known_streets() -> set[str]:
    rows, _ = typed_rows(STREETS, SAMPLES / "base/subdistricts/subdistricts_2025.geojson")
    return {row["subdistrict_code"] for row in rows}


def broken_rows(dataset: str, rows: list[Row]) -> list[list[str]]:
    """The rules that each row breaks."""
    streets, keys = known_streets(), Counter(row.get("order_id") for row in rows)
    result = []
    for row in rows:
        found = [broken_by_column(row, column, streets) for column, _ in columns(dataset)]
        found.append(broken_by_row(dataset, row))
        if dataset == HOTLINE and keys[row["order_id"]] > 1:
            found.append("order_id.unique")
        result.append([rule for rule in found if rule])
    return result


@pytest.mark.parametrize("delivery", DELIVERIES, ids=named)
def test_counts_equal_a_count_over_the_bytes(delivery: dict[str, Any]) -> None:
    rows, _ = typed_rows(delivery["dataset"], SAMPLES / delivery["file"])
    broken = broken_rows(delivery["dataset"], rows)
    assert len(rows) == delivery["delivered"] == delivery["valid"] + delivery["quarantined"]
    assert sum(bool(rules) for rules in broken) == delivery["quarantined"]
    assert dict(Counter(rule for rules in broken for rule in rules)) == delivery["reasons"]
    assert max(len(rules) for rules in broken) <= 1, "each bad row breaks one rule"


@pytest.mark.parametrize("delivery", [d for d in DELIVERIES if d["dataset"] == HOTLINE], ids=named)
def test_total_row_says_what_is_declared(delivery: dict[str, Any]) -> None:
    rows, (total,) = typed_rows(HOTLINE, SAMPLES / delivery["file"])
    days = sum(row["handling_days"] or 0 for row in rows)
    assert {"rows": int(total["accepted_at"]), "handling_days": float(total["handling_days"])} == delivery["declared"]
    assert {"rows": len(rows), "handling_days": days} == delivery["counted"]
    assert (delivery["declared"] == delivery["counted"]) is (delivery.get("refused_by") != "totalRow")


@pytest.mark.parametrize("delivery", DELIVERIES, ids=named)
def test_period_of_the_name_is_the_period_of_the_rows(delivery: dict[str, Any]) -> None:
    period = ingest(delivery["dataset"])["period"]
    found = re.search(period["pattern"], named(delivery))
    assert found is None or "-".join(found.groups()) == delivery["period"]
    if "column" in period:
        rows, _ = typed_rows(delivery["dataset"], SAMPLES / delivery["file"])
        moments = [row[period["column"]] for row in rows if row[period["column"]] is not BAD]
        assert {str(at)[: len(delivery["period"])] for at in moments} == {delivery["period"]}


def test_only_the_extra_file_has_no_period_in_its_name() -> None:
    unnamed = [d["file"] for d in DELIVERIES if not re.search(ingest(d["dataset"])["period"]["pattern"], named(d))]
    assert unnamed == ["governance/hotline_orders/extra.csv"]


def test_verdicts_follow_from_the_thresholds() -> None:
    for delivery in DELIVERIES:
        most = contract(delivery["dataset"])["customProperties"][0]["value"]["quality"]["maxInvalidPct"]
        too_bad = 100 * delivery["quarantined"] > most * delivery["delivered"]
        miscounted = delivery.get("declared") != delivery.get("counted")
        assert (delivery["verdict"] == "refused") is (too_bad or miscounted), delivery["file"]
        assert delivery.get("refused_by") == ("maxInvalidPct" if too_bad else "totalRow" if miscounted else None)


def test_table_rows_follow_from_modes_and_verdicts() -> None:
    periods: dict[str, dict[str, int]] = {}
    latest: dict[tuple[Any, Any], datetime] = {}
    for delivery in DELIVERIES:
        dataset = delivery["dataset"]
        if delivery["verdict"] == "published" and "retract" not in delivery:
            rows, _ = typed_rows(dataset, SAMPLES / delivery["file"])
            clean = [row for row, rules in zip(rows, broken_rows(dataset, rows), strict=True) if not rules]
            if dataset == AIR:
                latest |= {(row["station_code"], row["observed_at"]): row["reported_at"] for row in clean}
            held = periods.setdefault(dataset, {})
            if dataset == STREETS:
                held.clear()
            held[delivery["period"]] = len(clean)
        expected = len(latest) if dataset == AIR else sum(periods.get(dataset, {}).values())
        assert delivery["table_rows"] == expected, delivery["file"]


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
