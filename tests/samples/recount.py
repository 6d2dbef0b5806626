"""The deliveries counted again by the contracts' rules, without the product: what every test of this folder may trust."""

import csv
import gzip
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

from tests.samples.row_rules import BAD, CITY, HOTLINE, Row, broken_by_row

SAMPLES = CITY / "data_samples"
LISTED = yaml.safe_load((SAMPLES / "deliveries.yaml").read_text(encoding="utf-8"))
DELIVERIES: list[dict[str, Any]] = [*LISTED["deliveries"], *LISTED["extra"]]
DATASETS = sorted({delivery["dataset"] for delivery in DELIVERIES})
AIR, STREETS = "environment.air_quality_hourly", "base.subdistricts"
BEIJING = timezone(timedelta(hours=8))
CUT_OFF = "\0"


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
        case ".json":
            return _nested(json.loads(path.read_text(encoding="utf-8")), ingest(dataset)["path"])
        case ".parquet":
            table = pq.read_table(path)
            return table.column_names, [list(row.values()) for row in table.to_pylist()]
        case ".xlsx" | ".xls":
            return _sheet(ingest(dataset), path)
    encoding = {"utf-8": "utf-8-sig"}.get(ingest(dataset)["encoding"], ingest(dataset)["encoding"])
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text, delimiter = data.decode(encoding), ingest(dataset).get("delimiter", ",")
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    return rows[0], rows[1:]


def _flat(record: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Values of nested objects under keys with dots."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        found |= _flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return found


def _lines_of_json(lines: list[str]) -> tuple[list[str], list[list[Any]]]:
    records: list[dict[str, Any]] = []
    for line in lines:
        try:
            records.append(_flat(json.loads(line)))
        except json.JSONDecodeError:
            records.append({})
    headings = list(dict.fromkeys(key for record in records for key in record))
    return headings, [[record.get(key) if record else CUT_OFF for key in headings] for record in records]


def _nested(document: Any, path: str) -> tuple[list[str], list[list[Any]]]:
    for key in path.split("."):
        document = document[key]
    records = [_flat(record) for record in document]
    headings = list(dict.fromkeys(key for record in records for key in record))
    return headings, [[record.get(key) for key in headings] for record in records]


def _sheet(settings: dict[str, Any], path: Path) -> tuple[list[str], list[list[Any]]]:
    book = load_workbook(path)
    sheet = book.get_sheet_by_name(settings.get("sheet", book.sheet_names[0]))
    rows = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges if settings.get("mergedCells") == "fill" else ():
        for row in range(top, bottom + 1):
            rows[row][left : right + 1] = [rows[top][left]] * (right + 1 - left)
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
    text = text.replace(settings.get("thousands", "\0"), "")
    match column["logicalType"]:
        case "timestamp":
            return moment(text, settings)
        case "date":
            read = moment(text, settings)
            return read if read is BAD else read.date()
        case "number":
            return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else BAD
        case "integer":
            return int(text) if re.fullmatch(r"-?\d+", text) else BAD
        case "boolean":
            return (
                True
                if text in settings.get("trueValues", ())
                else False
                if text in settings.get("falseValues", ())
                else BAD
            )
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


_KNOWN_IN = {  # a delivery that holds every key its table has when the references are made
    "subdistricts": (STREETS, "subdistricts_2025.geojson"),
    "public_facilities": ("service.public_facilities", "facilities_2026Q1.geojson"),
    "hotline_orders": (HOTLINE, "hotline_202604.csv"),
    "service_items": ("service.service_items", "政务服务事项_2026Q2.xlsx"),
    "organisations": ("base.organisations", "organisations_2026.csv"),
    "enterprises": ("economy.enterprises", "企业名录_2026Q2.xlsx"),
    "water_levels": ("environment.water_levels", "water_levels_20260602.jsonl"),
    "iot_devices": ("environment.iot_devices", "iot_devices_2026Q2.csv"),
    "it_systems": ("operation.it_systems", "政务信息系统台账_2026.xlsx"),
}


@cache
def known(to: str) -> frozenset[str]:
    """The values that references to a column (table.column) may have."""
    table, _, column = to.partition(".")
    dataset, name = _KNOWN_IN[table]
    rows, _ = typed_rows(dataset, SAMPLES / dataset.replace(".", "/") / name)
    sound = (row for row, rules in zip(rows, broken_rows(dataset, rows), strict=True) if not rules)
    return frozenset(row[column] for row in sound)


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
    if "relationships" in column and value not in known(column["relationships"][0]["to"]):
        return [f"{name}.reference"]
    return []


@cache
def _key(dataset: str) -> tuple[str, ...]:
    return tuple(column["name"] for column, _ in columns(dataset) if column.get("primaryKey"))


def key_of(dataset: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _key(dataset))


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
            found.append(f"{key[0]}.unique" if len(key := _key(dataset)) == 1 else "key.unique")
        result.append(found)
    return result
