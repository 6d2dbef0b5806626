"""What there is, as rows to print: datasets, batches, columns."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.model import Contract
from pipelines.derive.tables import dwd_table
from pipelines.derive.types import duckdb_type
from pipelines.lake.connection import Connection, lake_exists, open_for_reading
from pipelines.settings import Settings

_BATCHES = """
SELECT b.batch_id AS batch, b.dataset, b.period, d.file_name AS file, b.verdict,
    CASE WHEN b.verdict = 'refused' THEN 'refused' WHEN b.is_retracted THEN 'retracted' WHEN b.stands THEN 'standing' ELSE 'superseded' END AS state,
    b.delivered, b.valid, b.quarantined, s.snapshot_id AS snapshot, b.contract_version, b.accepted_by, b.accepted_reason, b.message, b.run,
    b.finished_at, b.seconds, b.sha256
FROM quality.batch_state b
LEFT JOIN (SELECT dataset, delivery, any_value(file_name) AS file_name FROM quality.deliveries GROUP BY ALL) d USING (dataset, delivery)
LEFT JOIN (SELECT commit_extra_info->>'batch' AS batch_id, max(snapshot_id) AS snapshot_id FROM city.snapshots() GROUP BY ALL) s USING (batch_id)
WHERE ($dataset IS NULL OR b.dataset = $dataset) ORDER BY b.finished_at, b.seq"""


def _rows(con: Connection, query: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    cursor = con.execute(query, dict(values))
    names = [entry[0] for entry in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def batch_rows(settings: Settings, dataset: str | None) -> list[dict[str, Any]]:
    """Return every batch, oldest first, with its state and (while it is kept) its snapshot; [] when there is no lake."""
    if not lake_exists(settings):
        return []
    con = open_for_reading(settings)
    try:
        return _rows(con, _BATCHES, {"dataset": dataset})
    finally:
        con.close()


def dataset_rows(settings: Settings) -> list[dict[str, Any]]:
    """Return one row per contract: what is published of it, up to which period, since when; broken contracts say so."""
    contracts, problems = all_contracts(settings)
    upserted = _upserted_rows(settings, contracts)
    newest: dict[str, dict[str, Any]] = {}
    for row in batch_rows(settings, None):
        known = newest.setdefault(row["dataset"], {"periods": set(), "rows": 0, "last": None, "at": None})
        if row["state"] == "standing":
            known["periods"].add(row["period"])
            known["rows"] += row["valid"]
        known["last"], known["at"] = row["verdict"], row["finished_at"]
    for dataset, rows in upserted.items():
        newest[dataset]["rows"] = rows
    listed = [_dataset_row(contract, newest.get(contract.id)) for contract in contracts]
    broken = sorted({problem.file for problem in problems})
    return listed + [
        dict.fromkeys(listed[0] if listed else ("dataset",), "") | {"dataset": file, "status": "broken"}
        for file in broken
    ]


def _upserted_rows(settings: Settings, contracts: list[Contract]) -> dict[str, int]:
    """Rows of the upsert tables: there a delivery's valid rows replace others, so that they do not add up."""
    if not lake_exists(settings):
        return {}
    con = open_for_reading(settings)
    try:
        there = {
            str(row[0])
            for row in con.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'city' AND schema_name = 'dwd'"
            ).fetchall()
        }
        wanted = [contract for contract in contracts if contract.ingest.mode == "upsert" and contract.table in there]
        return {
            contract.id: int((con.execute(f"SELECT count(*) FROM {dwd_table(contract)}").fetchone() or (0,))[0])
            for contract in wanted
        }
    finally:
        con.close()


def _dataset_row(contract: Contract, known: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "dataset": contract.id, "title": contract.title, "status": contract.status, "mode": contract.ingest.mode,
        "table": f"dwd.{contract.table}", "valid rows": known["rows"] if known else 0, "to period": max(known["periods"], default="") if known else "",
        "last verdict": known["last"] if known else "", "last at": str(known["at"])[:19] if known else "",
    }  # fmt: skip


def column_rows(contract: Contract) -> list[dict[str, Any]]:
    """Return one row per column of a contract."""
    return [
        {"column": c.name, "name": c.title, "type": duckdb_type(c), "key": c.key_position or "", "required": "✓" if c.required else "",
         "level": c.level, "personal": c.mask if c.personal else "", "description": c.description}
        for c in contract.columns
    ]  # fmt: skip


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as UTF-8 CSV with BOM, readable by its owner alone; headings only when there is no row."""
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        names = list(rows[0]) if rows else ["batch", "period", "file", "line", "column", "rule", "raw", "state"]
        writer = csv.DictWriter(handle, names)
        writer.writeheader()
        writer.writerows(rows)
