"""Small cities for tests: a city pack and contracts, written as files and read by the real loader."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.contracts.city import load_city
from pipelines.contracts.load import load_contract
from pipelines.contracts.model import Contract

ZONE = "Asia/Shanghai"


def write_city(root: Path) -> Path:
    """Write the pack of a city that has no contract yet, and return its folder."""
    pack = {"name": "试验市", "division_prefix": "350200", "timezone": ZONE, "crs": "EPSG:4490"}
    place = root / "schemas" / "_city.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(pack, ensure_ascii=False), encoding="utf-8")
    return root


def write_code_list(city: Path, name: str, *lines: str) -> None:
    """Write a code list; each line is `code,name,valid_from,valid_to`."""
    place = city / "schemas" / "_shared" / f"{name}.csv"
    place.parent.mkdir(exist_ok=True)
    place.write_text("\n".join(["code,name,valid_from,valid_to", *lines, ""]), encoding="utf-8")


def column(
    name: str,
    kind: str = "string",
    *,
    key: bool = False,
    required: bool | None = None,
    title: str = "",
    options: Mapping[str, Any] | None = None,
    enum: Sequence[Any] = (),
    to: str = "",
    physical: str = "",
    level: str = "",
    unique: bool = False,
    **own: Any,
) -> dict[str, Any]:
    """Return one column in ODCS; `own` are keys of its `rongtong` property, `to` is a referenced `table.column`."""
    entry: dict[str, Any] = {"name": name, "businessName": title or f"列{name}", "logicalType": kind}
    optional = {
        "primaryKey": key,
        "required": key if required is None else required,
        "unique": unique,
        "logicalTypeOptions": dict(options or {}),
        "enum": [{"value": value} for value in enum],
        "relationships": [{"to": to}] if to else [],
        "physicalType": physical,
        "classification": level,
        "customProperties": [{"property": "rongtong", "value": own}] if own else [],
    }
    return entry | {key: value for key, value in optional.items() if value}


def contract(
    city: Path,
    columns: Sequence[dict[str, Any]],
    *,
    dataset: str = "test.orders",
    version: str = "1.0.0",
    status: str = "active",
    checks: Sequence[dict[str, Any]] = (),
    max_invalid_pct: float = 50,
    freshness: str = "",
    schedule: str = "",
    title: str = "",
    **ingest: Any,
) -> Contract:
    """Write a contract into the city (over an earlier one of the dataset) and return it as the loader reads it."""
    domain, _, table = dataset.partition(".")
    levels = [{"property": "frequency", "value": 1, "unit": "month"}]
    if freshness:
        levels.append({"property": "freshness", "value": 1, "unit": "d", "element": f"{table}.{freshness}"})
    schema = {
        "name": table,
        "businessName": "试验表",
        "logicalType": "object",
        "physicalType": "table",
        "properties": list(columns),
    }
    document = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": dataset,
        "name": title or f"试验数据{table}",
        "version": version,
        "status": status,
        "domain": domain,
        "description": {"purpose": "为试验而造。", "limitations": "虚构。"},
        "team": {"name": "试验组", "members": [{"username": "test@example.org", "name": "试验员", "role": "owner"}]},
        "slaProperties": levels,
        "schema": [schema | ({"quality": list(checks)} if checks else {})],
        "customProperties": [
            {
                "property": "rongtong",
                "value": {
                    "provider": "试验组",
                    **({"schedule": schedule} if schedule else {}),
                    "quality": {"maxInvalidPct": max_invalid_pct},
                    "ingest": {"mode": "append"} | ingest,
                },
            }
        ],
    }
    place = city / "schemas" / domain / f"{table}.odcs.yaml"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return load_contract(place, load_city(city))


BY_NAME = {"from": "file_name", "unit": "month", "pattern": r"(?P<year>20\d{2})(?P<month>\d{2})"}


def orders(city: Path, **changes: Any) -> Contract:
    """Return the usual contract of these tests: a key, a number from 0 to 9 and a mark; `changes` as for `contract`."""
    columns = changes.pop("columns", None) or [
        column("id", key=True),
        column("n", "integer", options={"minimum": 0, "maximum": 9}),
        column("mark"),
    ]
    return contract(city, columns, **changes)
