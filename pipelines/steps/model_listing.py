"""What tables are made, as rows to print: each with its layer, rows and state; and one of them with all that is known of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pipelines.lake.columns as columns
from pipelines.contracts.model import Contract
from pipelines.contracts.model_order import Made, domains
from pipelines.contracts.models import Models, city_models
from pipelines.derive.types import duckdb_type
from pipelines.errors import ContractError
from pipelines.lake.connection import Connection, lake_exists, open_for_reading
from pipelines.lake.pack import create_pack
from pipelines.settings import Settings
from pipelines.steps.transform.state import digest_of, inputs_of, last_made, ledger_state, standing

# Columns by which ads.data_status may name the table that a caption is about.
_STATUS_NAMES = ("mart", "model", "table_name")


def model_rows(settings: Settings) -> list[dict[str, Any]]:
    """Return one row per model that applies to the city: table, title, layer, rows, state and when it was made; broken ones say so."""
    try:
        models = city_models(settings)
    except ContractError:  # the city pack is broken, which the listing of datasets tells
        return []
    seen = _seen(settings, models)
    rows = [
        {
            "model": one.name,
            "title": one.contract.title,
            "layer": one.contract.layer,
            "domain": one.contract.domain,
            **seen[one.name],
        }
        for one in models.made
    ]
    broken = sorted({problem.file for problem in models.problems})
    nothing = {"title": "", "layer": "", "domain": "", "rows": None, "state": "broken", "made at": ""}
    return rows + [{"model": file, **nothing} for file in broken]


def as_dataset_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's row under the names that the rows of datasets have, so that all are one list."""
    return {
        "dataset": f"{row['domain']}.{row['model'].rpartition('.')[2]}" if row["layer"] else row["model"],
        "title": row["title"], "status": "broken" if row["state"] == "broken" else "active", "mode": "model", "table": row["model"],
        "valid rows": row["rows"] or 0, "to period": "", "last verdict": row["state"], "last at": row["made at"],
    }  # fmt: skip


def model_page(settings: Settings, one: Made) -> dict[str, Any]:
    """Return a model's contract, policies with their values, what it reads and who reads it, and its last making."""
    models = city_models(settings)
    contract = one.contract
    told = {
        "id": contract.id, "title": contract.title, "purpose": contract.purpose, "limitations": contract.limitations,
        "version": contract.version, "status": contract.status, "owner": contract.owner, "table": one.name, "sql": one.sql_path,
        "dag": f"transform__{contract.domain}", "reads": list(one.reads), "read by": readers_of(models, one.name),
        "unfolds to": one.model.unfold.source if one.model.unfold else "", "grade": contract.grade,
        "regraded": [f"{c.name} → {c.level}: {c.regraded.reason} ({c.regraded.by})" for c in contract.columns if c.regraded],
    }  # fmt: skip
    return {
        **told, **_seen(settings, models)[one.name], **_from_lake(settings, one), "columns": _columns(contract),
        "lineage": lineage_of(models, one.name),
    }  # fmt: skip


def readers_of(models: Models, name: str) -> list[str]:
    """Return the tables whose SELECT reads a relation."""
    return [one.name for one in models.made if name in one.reads]


def lineage_of(models: Models, name: str) -> list[dict[str, str]]:
    """Return the columns a table is made of, and those that are made of it: (column, direction, other table, other column)."""
    origins = [
        {"column": column, "way": "←", "table": source, "of": origin}
        for one in models.made if one.name == name for column, source, origin in one.lineage
    ]  # fmt: skip
    uses = [
        {"column": origin, "way": "→", "table": one.name, "of": column}
        for one in models.made for column, source, origin in one.lineage if source == name
    ]  # fmt: skip
    return origins + sorted(uses, key=lambda row: (row["column"], row["table"], row["of"]))


def _columns(contract: Contract) -> list[dict[str, Any]]:
    return [
        {"column": c.name, "name": c.title, "type": duckdb_type(c), "unit": c.unit, "key": c.key_position or "", "level": c.level,
         "personal": c.mask if c.personal else "", "description": c.description}
        for c in contract.columns
    ]  # fmt: skip


def _seen(settings: Settings, models: Models) -> Mapping[str, dict[str, Any]]:
    """Rows, state and time of the last making of each model: made, stale (what it reads has changed), refused, or never made."""
    never = {"rows": None, "state": "never made", "made at": ""}
    if not lake_exists(settings):
        return {one.name: never for one in models.made}
    con = open_for_reading(settings)
    try:
        if "rows" not in columns.present(con, "quality", "transforms"):  # a lake of an earlier release
            return {one.name: never for one in models.made}
        stale = _stale(con, settings, models.made)
        found = con.execute(
            "SELECT model, arg_max(\"rows\", seq) FILTER (verdict = 'published'), arg_max(verdict, seq), "
            "max(finished_at) FILTER (verdict = 'published') FROM city.quality.transforms GROUP BY model"
        ).fetchall()
    finally:
        con.close()
    known = {
        str(model): {"rows": rows, "state": _state(str(verdict), str(model) in stale), "made at": str(at or "")[:19]}
        for model, rows, verdict, at in found
    }
    return {one.name: known.get(one.name, never) for one in models.made}


def _state(verdict: str, stale: bool) -> str:
    return "refused" if verdict == "refused" else "stale" if stale else "made"


def _stale(con: Connection, settings: Settings, models: Sequence[Made]) -> set[str]:
    """The models whose SELECT, contract or inputs are others than when they were made, and those that read one of these."""
    pack = create_pack(con, settings)
    known, stands = last_made(con), standing(con)
    made = {name: one.transform_id for name, one in known.items()}
    order = list(domains(models))
    ledger = {domain: ledger_state(con, order[:place]) for place, domain in enumerate(order)}
    stale: set[str] = set()
    for one in models:
        before = known.get(one.name)
        if before is None or before.digest != digest_of(one) or stale & set(one.reads):
            stale.add(one.name)
            continue
        now = inputs_of(one, pack, stands, made, ledger[one.contract.domain])
        if now != before.inputs:
            stale.add(one.name)
    return stale


def _from_lake(settings: Settings, one: Made) -> dict[str, Any]:
    """The values of the policies a model needs, and the caption of ads.data_status, as far as the lake has them."""
    if not lake_exists(settings):
        return {"policies": [], "caption": ""}
    con = open_for_reading(settings)
    try:
        create_pack(con, settings)
        return {"policies": _policies(con, one), "caption": _caption(con, one)}
    finally:
        con.close()


def _policies(con: Connection, one: Made) -> list[dict[str, Any]]:
    if not one.model.policies:
        return []
    cursor = con.execute(
        "SELECT policy, item, coalesce(CAST(value AS VARCHAR), text) AS value, unit, valid_from AS since, valid_to AS until, "
        "concat_ws(': ', basis_kind, basis_ref) AS basis FROM memory.pack.policies WHERE list_contains(?, policy) ORDER BY ALL",
        [list(one.model.policies)],
    )
    names = [entry[0] for entry in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _caption(con: Connection, one: Made) -> str:
    have = columns.present(con, "ads", "data_status")
    name = next((name for name in _STATUS_NAMES if name in have), "")
    if not name or "caption" not in have:
        return ""
    rows = con.execute(
        f"SELECT DISTINCT caption FROM city.ads.data_status WHERE {name} = ? ORDER BY 1", [one.name]
    ).fetchall()
    return " ".join(str(row[0]) for row in rows)
