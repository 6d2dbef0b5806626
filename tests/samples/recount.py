"""The deliveries counted again by the contracts' rules, without the product: what every test of this folder may trust."""

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml
from python_calamine import load_workbook

CITY = Path(__file__).parents[2]
SAMPLES = CITY / "data_samples"
LISTED = yaml.safe_load((SAMPLES / "deliveries.yaml").read_text(encoding="utf-8"))
DELIVERIES: list[dict[str, Any]] = [*LISTED["deliveries"], *LISTED["extra"]]
DATASETS = sorted({delivery["dataset"] for delivery in DELIVERIES})
HOTLINE, AIR, STREETS = "governance.hotline_orders", "environment.air_quality_hourly", "base.subdistricts"
BEIJING = timezone(timedelta(hours=8))
BAD, CUT_OFF = object(), "\0"
_ORDERED = {  # the row checks that compare two columns: rule, the one that must not be less, the other
    HOTLINE: [("dispatched_after_accepted", "dispatched_at", "accepted_at")],
    AIR: [
        ("reported_after_observed", "reported_at", "observed_at"),
        ("pm25_within_pm10", "pm10_ug_m3", "pm25_ug_m3"),
    ],
    "environment.water_levels": [("reported_after_observed", "reported_at", "observed_at")],
    "mobility.card_trips": [("alighted_after_boarded", "alighted_at", "boarded_at")],
}

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


def own(dataset: str) -> dict[str, Any]:
    found: dict[str, Any] = contract(dataset)["customProperties"][0]["value"]
    return found


def ingest(dataset: str) -> dict[str, Any]:
    found: dict[str, Any] = own(dataset)["ingest"]
    return found


@cache
def codes(name: str) -> frozenset[str]:
    with (CITY / "schemas/_shared" / f"{name}.csv").open(encoding="utf-8") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))


def raw_rows(dataset: str, path: Path) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows as delivered."""
    match path.suffix:
        case ".geojson":
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
            headings = [*features[0]["properties"], "geometry"]
            return headings, [[*f["properties"].values(), f["geometry"]] for f in features]
        case ".jsonl":
            return _lines_of_json(path.read_text(encoding="utf-8").splitlines())
        case ".parquet":
            table = pq.read_table(path)
            return table.column_names, [list(row.values()) for row in table.to_pylist()]
        case ".xlsx" | ".xls":
            return _sheet(ingest(dataset), path)
    encoding = {"utf-8": "utf-8-sig"}.get(ingest(dataset)["encoding"], ingest(dataset)["encoding"])
    rows = [row for row in csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")) if row]
    return rows[0], rows[1:]


def _lines_of_json(lines: list[str]) -> tuple[list[str], list[list[Any]]]:
    rows = []
    for line in lines:
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            rows.append([CUT_OFF] * 7)
            continue
        inner = {f"station.{key}": value for key, value in record.pop("station").items()}
        rows.append([*inner.values(), *record.values()])
        headings = [*inner, *record]
    return headings, rows


def _sheet(settings: dict[str, Any], path: Path) -> tuple[list[str], list[list[Any]]]:
    book = load_workbook(path)
    sheet = book.get_sheet_by_name(settings.get("sheet", book.sheet_names[0]))
    rows = sheet.to_python(skip_empty_area=False)
    first = settings["headerRow"] - 1
    last = first + settings.get("headerRows", 1)
    parts = rows[first:last]
    for group in parts[:-1]:
        for place in range(1, len(group)):
            group[place] = group[place] or group[place - 1]
    return [" ".join(filter(None, part)) for part in zip(*parts, strict=True)], rows[last:]


def moment(text: str, settings: dict[str, Any]) -> Any:
    for form in settings.get("formats", ()):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    if settings.get("serial") and re.fullmatch(r"\d{5}(\.\d+)?", text):
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
    if "formats" in settings:
        return BAD
    try:
        return local(datetime.fromisoformat(text))
    except ValueError:
        return BAD


def local(at: datetime) -> datetime:
    """Beijing's clock time."""
    return at.astimezone(BEIJING).replace(tzinfo=None) if at.tzinfo else at


def typed(value: Any, column: dict[str, Any], settings: dict[str, Any]) -> Any:
    """The value, None when it is missing, BAD when it is not of its type."""
    if isinstance(value, datetime):
        return local(value)
    if value is None or value is CUT_OFF or isinstance(value, bool | dict | date):
        return value
    text = f"{value:.15g}" if isinstance(value, float) else str(value).strip()
    text = unicodedata.normalize("NFKC", text) if settings.get("fullWidth") else text
    if text in ("", *settings.get("nulls", ())):
        return None
    match column["logicalType"]:
        case "timestamp" | "date":
            return moment(text, settings)
        case "number":
            return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else BAD
        case "integer":
            return int(text) if re.fullmatch(r"-?\d+", text) else BAD
        case "boolean":
            return True if text in settings["trueValues"] else False if text in settings["falseValues"] else BAD
    return text


@cache
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


@cache
def known(table: str) -> frozenset[str]:
    """The keys that references may lead to."""
    if table == "subdistricts":
        rows, _ = typed_rows(STREETS, SAMPLES / "base/subdistricts/subdistricts_2025.geojson")
        return frozenset(row["subdistrict_code"] for row in rows)
    path = SAMPLES / "service/public_facilities/facilities_2026Q1.geojson"
    return frozenset(row["facility_id"] for row in typed_rows("service.public_facilities", path)[0])


def broken_by_column(row: Row, column: dict[str, Any], settings: dict[str, Any]) -> list[str]:
    name, options = column["name"], column.get("logicalTypeOptions", {})
    value = row[name]
    if value is None:
        return [f"{name}.required"] if column.get("required") else []
    if value is BAD:
        return [f"{name}.type"]
    lost = [f"{name}.precision_lost"] if isinstance(value, str) and re.fullmatch(r"\d\.\d+e\+\d+", value) else []
    if "pattern" in options and not re.search(options["pattern"], value):
        return [*lost, f"{name}.pattern"]
    if "enum" in column and value not in [item["value"] for item in column["enum"]]:
        return [f"{name}.enum"]
    low, high = options.get("minimum", value), options.get("maximum", value)
    if column["logicalType"] in ("number", "integer") and not low <= value <= high:
        return [f"{name}.range"]
    if "codeList" in settings and value not in codes(settings["codeList"]):
        return [f"{name}.code_list"]
    if "relationships" in column and value not in known(column["relationships"][0]["to"].partition(".")[0]):
        return [f"{name}.reference"]
    return []


def broken_by_row(dataset: str, row: Row) -> list[str]:
    """The contracts' row checks, said again in Python."""

    def less(name: str, than: str) -> bool:
        there = all(row[n] is not None and row[n] is not BAD for n in (name, than))
        return there and row[name] < row[than]

    found = [f"row.{rule}" for rule, later, earlier in _ORDERED.get(dataset, ()) if less(later, earlier)]
    if dataset == HOTLINE and not found:
        start = "dispatched_at" if row["dispatched_at"] is not None else "accepted_at"
        return ["row.closed_after_dispatched"] if less("closed_at", start) else []
    if dataset == "service.public_facilities" and row["geometry"]:
        lon, lat = row["geometry"]["coordinates"]
        return [] if 117.8 <= lon <= 118.5 and 24.3 <= lat <= 25.0 else ["row.within_the_city"]
    return found


def key_of(dataset: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[column["name"]] for column, _ in columns(dataset) if column.get("primaryKey"))


def broken_rows(dataset: str, rows: list[Row]) -> list[list[str]]:
    """The rules that each row breaks."""
    keys = Counter(key_of(dataset, row) for row in rows)
    result = []
    for row in rows:
        if CUT_OFF in row.values():
            result.append(["row.structure"])
            continue
        found = [rule for column, settings in columns(dataset) for rule in broken_by_column(row, column, settings)]
        found += broken_by_row(dataset, row)
        if ingest(dataset)["mode"] != "upsert" and keys[key_of(dataset, row)] > 1:
            found.append("order_id.unique")
        result.append(found)
    return result
