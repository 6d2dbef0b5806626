"""From a parsed and validated contract file to the model's Contract, with what the city pack says where it is silent."""

from typing import Any

from pipelines.contracts.channels import contract_channels
from pipelines.contracts.document import Document, Place
from pipelines.contracts.model import BatchCheck, City, Column, Contract, Control, Ingest, Period, RowCheck
from pipelines.contracts.places import PROPERTY, column_entries, quality_entries, rongtong_entry, table_entry
from pipelines.contracts.pulling import Auth, Pull, Sql
from pipelines.contracts.sla import sla_unit
from pipelines.contracts.to_checks import to_batch_check, to_row_check
from pipelines.contracts.to_column import to_bare_column, to_column, to_whole
from pipelines.contracts.to_model import to_model


def to_contract(document: Document, city: City, broken: frozenset[str]) -> Contract:
    """Return the contract in a document; parts named in `broken` (see scope_of) get their empty value."""
    data = document.data
    own = {key: value for key, value in rongtong_entry(data, ())[1].items() if f"{PROPERTY}/{key}" not in broken}
    top = {key: value for key, value in data.items() if key not in broken}
    description, team = top.get("description", {}), top.get("team", {})
    members = team.get("members", []) if isinstance(team, dict) else team
    rows, batches = _checks(data, broken)
    return Contract(
        id=top.get("id", ""),
        version=top.get("version", ""),
        status=top.get("status", "draft"),
        path=document.file,
        digest=document.digest,
        title=top.get("name", ""),
        purpose=description.get("purpose", ""),
        limitations=description.get("limitations", ""),
        provider=own.get("provider", ""),
        owner=_owner(members, team),
        contacts=(*_members(members), *_channels(top.get("support", []))),
        tags=tuple(top.get("tags", ())),
        columns=_columns(data, broken),
        ingest=_ingest(own.get("ingest", {}), city),
        row_checks=rows,
        batch_checks=batches,
        # What departments deliver is allowed to be wrong now and then, what is computed of it is not.
        max_invalid_pct=float(
            own.get("quality", {}).get("maxInvalidPct", 0 if "model" in own else city.max_invalid_pct)
        ),
        schedule=own.get("schedule", ""),
        stage=own.get("stage", ""),
        retention_days=to_whole(own.get("lifecycle", {}).get("landingDays")),
        sharing=tuple(own.get("sharing", {}).items()),
        channels=contract_channels(top.get("support", []), members),
        model=to_model(own["model"], document.file) if "model" in own else None,
        **_service_levels(top.get("slaProperties", [])),
    )


def scope_of(place: Place, data: dict[str, Any]) -> str:
    """Return the part of a contract that a fault spoils: `columns/speed`, `checks/0`, `rongtong/ingest`, `team`, …"""
    if place[:3] == ("schema", 0, "properties") and len(place) > 3:
        columns = dict(column_entries(data))
        return f"columns/{columns.get(place[:4], {}).get('name', '')}"
    if place[:3] == ("schema", 0, "quality") and len(place) > 3:
        return f"checks/{place[3]}"
    inner, value = rongtong_entry(data, ())
    if value and place[: len(inner)] == inner:
        return "/".join([PROPERTY, *(str(part) for part in place[len(inner) : len(inner) + 1])])
    return str(place[0]) if place else ""


def _columns(data: dict[str, Any], broken: frozenset[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    keys = 0
    for _, raw in column_entries(data):
        if not isinstance(raw.get("name"), str):
            continue
        if f"columns/{raw['name']}" in broken:
            columns.append(to_bare_column(raw))
            continue
        keys += bool(raw.get("primaryKey"))
        position = int(raw.get("primaryKeyPosition", keys)) if raw.get("primaryKey") else None
        columns.append(to_column(raw, position))
    return tuple(columns)


def _checks(data: dict[str, Any], broken: frozenset[str]) -> tuple[tuple[RowCheck, ...], tuple[BatchCheck, ...]]:
    rows: list[RowCheck] = []
    batches: list[BatchCheck] = []
    for place, column, raw in quality_entries(data):
        if scope_of(place, data) in broken or raw.get("type") == "text":
            continue
        if raw.get("type") == "custom":
            rows.append(to_row_check(raw))
        else:
            batches.append(to_batch_check(raw, column))
    return tuple(rows), tuple(batches)


def _ingest(raw: dict[str, Any], city: City) -> Ingest:
    period, control = raw.get("period", {}), raw.get("control", {})
    return Ingest(
        format=raw.get("format", "parquet" if "sql" in raw else "csv"),
        encoding=raw.get("encoding", ""),
        delimiter=raw.get("delimiter", ""),
        quote=raw.get("quote", '"'),
        header_row=int(raw.get("headerRow", 1)),
        header_rows=int(raw.get("headerRows", 1)),
        sheet=raw.get("sheet", ""),
        hidden_rows=raw.get("hiddenRows", "read"),
        merged_cells=raw.get("mergedCells", "first"),
        path=raw.get("path", ""),
        member=raw.get("member", ""),
        source=raw.get("source", ""),
        mode=raw.get("mode", "append"),
        order_by=raw.get("orderBy", ""),
        delete_when=raw.get("deleteWhen", ""),
        timezone=raw.get("timezone", city.timezone),
        crs=raw.get("crs", city.crs),
        extra_columns=raw.get("extraColumns", "warn"),
        period=Period(
            period.get("from", "none"), period.get("unit", "month"), period.get("pattern", ""), period.get("column", "")
        ),
        control=_control(control.get("totalRow", {}), control.get("manifest", "")),
        auth=_auth(raw.get("auth", {})),
        sql=_sql(raw["sql"]) if "sql" in raw else None,
        pull=_pull(raw.get("pull", {})),
    )


def _auth(raw: dict[str, Any]) -> Auth:
    if "header" in raw:
        return Auth("header", raw.get("secret", ""), raw["header"])
    return next((Auth(scheme, raw[scheme]) for scheme in ("bearer", "basic") if scheme in raw), Auth())


def _sql(raw: dict[str, Any]) -> Sql:
    return Sql(
        raw["connection"], raw.get("table", ""), raw.get("query", ""), raw.get("watermark", ""), str(raw.get("overlap", "")),
        tuple(raw.get("orderBy", ())),
    )  # fmt: skip


def _pull(raw: dict[str, Any]) -> Pull:
    keys = {"periods": "periods", "maxMegabytes": "max_megabytes", "maxMinutes": "max_minutes", "maxRows": "max_rows"}
    return Pull(**{name: int(raw[key]) for key, name in keys.items() if key in raw})


def _control(total: dict[str, Any], manifest: str) -> Control:
    markers, sums = tuple(total.get("markers", ())), tuple(total.get("sums", ()))
    return Control(total.get("column", ""), markers, sums, total.get("count", ""), manifest)


def _owner(members: list[dict[str, Any]], team: Any) -> str:
    named = [member.get("name") or member["username"] for member in members if member.get("role") == "owner"]
    fallback = team.get("name", "") if isinstance(team, dict) else ""
    return str((named or [fallback])[0])


def _members(members: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(member.get("name") or member.get("role", ""), member["username"]) for member in members]


def _channels(support: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(channel["channel"], channel.get("url") or channel.get("tool", "")) for channel in support]


def _service_levels(levels: list[dict[str, Any]]) -> dict[str, Any]:
    found = {level["property"]: level for level in levels if _is_count(level.get("value"))}
    result: dict[str, Any] = {}
    for name in ("frequency", "latency"):
        if name in found:
            result[name] = (found[name]["value"], sla_unit(found[name].get("unit", "")))
    if "freshness" in found:
        level = found["freshness"]
        column = level.get("element", "").rpartition(".")[2]
        result["freshness"] = (column, level["value"], sla_unit(level.get("unit", "")))
    begin = next((level.get("value") for level in levels if level["property"] == "generalAvailability"), "")
    return result | {"available_from": str(begin or "")[:10]}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def table_name(document: Document) -> str:
    """Return the name a contract gives to its table, '' when it gives none."""
    name = table_entry(document.data).get("name", "")
    return name if isinstance(name, str) else ""
