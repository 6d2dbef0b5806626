"""Models of a test's own city: a SELECT and its contract, written as files; transforms measured by SQL alone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.contracts import models
from pipelines.contracts.model import City
from pipelines.contracts.model_order import Made
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.steps.transform import audit, run
from pipelines.steps.transform.breaches import Fresh, measure_breaches
from pipelines.steps.transform.outcome import Audited
from tests.spine.jobs import Act, Watched


def counted_once(
    con: Connection, settings: Settings, city: City, one: Made, name: str, fresh: Fresh | None = None
) -> Audited:
    """Stand in for the audit: SQL's measure alone, as importing Great Expectations costs ten seconds."""
    rules = audit._rules(settings, city, one)
    counted = measure_breaches(con, one, rules, fresh)
    return Audited(tuple(audit._result(rule, counted.rows, counted.broken[rule.id], None) for rule in rules))


def write_model(
    city: Path,
    table: str,
    sql: str,
    columns: Sequence[dict[str, Any]],
    *,
    version: str = "1.0.0",
    checks: Sequence[dict[str, Any]] = (),
    **model: Any,
) -> Path:
    """Write a model of the city, named by its id and layer (`test.ads.rates`), and return the folder of its two files."""
    domain, layer, name = table.split(".")
    schema = {"name": name, "businessName": f"试验表{name}", "logicalType": "object", "physicalType": "table"}
    document = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": f"{domain}.{name}",
        "name": f"试验表{name}",
        "version": version,
        "status": "active",
        "domain": domain,
        "description": {"purpose": "为试验而造。", "limitations": "虚构。"},
        "team": {"name": "试验组", "members": [{"username": "test@example.org", "name": "试验员", "role": "owner"}]},
        "schema": [schema | {"properties": list(columns)} | ({"quality": list(checks)} if checks else {})],
        "customProperties": [{"property": "rongtong", "value": {"model": model}}],
    }
    folder = city / "models" / layer
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.odcs.yaml").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / f"{name}.sql").write_text(sql, encoding="utf-8")
    return folder


def transform_watched(where: Settings, act: Act, watch: dict[str, Any]) -> None:
    """Make every model on a connection that acts at a statement."""
    opened = run.open_for_writing
    setattr(models, "PACKAGED", where.home / "no models")  # noqa: B010
    setattr(run, "audit_model", counted_once)  # noqa: B010
    setattr(run, "open_for_writing", lambda *a, **k: Watched(opened(*a, **k), act, **watch))  # noqa: B010
    run.transform(where, full=True)
