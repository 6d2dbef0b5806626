"""One citizen's complaint from the bytes of its line to the table: facts for the demo's page, nothing personal in them.

Bytes and text of personal columns are left out here already; of those the lake holds pseudonyms and scrubbed text alone.
"""

from dataclasses import dataclass
from typing import Any

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Column, Contract
from pipelines.derive.mapping import map_headings
from pipelines.derive.tables import ods_table
from pipelines.lake.connection import Connection
from pipelines.names import quoted
from pipelines.settings import Settings
from pipelines.sources.landing import open_landed
from pipelines.steps.quarantine import rows as quarantined_rows

DATASET, FILE = "governance.hotline_orders", "hotline_202602.csv"
_TELLING = "年".encode("gb18030")  # a moment written in Chinese shows best what reading does
_WRONG_ROWS = 9


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what stands in the file (`raw` and `text` are None where it is personal) and what the lake holds."""

    heading: str
    column: Column
    size: int
    raw: bytes | None
    text: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Journey:
    """A complaint's way: its batch (as `batch_rows` tells it), line, fields in the file's order, and the file's wrong rows."""

    contract: Contract
    batch: dict[str, Any]
    encoding: str
    line: int
    key: str
    fields: tuple[Field, ...]
    rules: int
    wrong: tuple[dict[str, Any], ...]


def journey_of(settings: Settings, con: Connection, batches: list[dict[str, Any]]) -> Journey | None:
    """Return the way of one complaint of the sample city; None where its file has not been published."""
    known = [row for row in batches if (row["dataset"], row["file"], row["state"]) == (DATASET, FILE, "standing")]
    if not known:
        return None
    contract, batch = find_contract(settings, DATASET), known[0]
    landed = open_landed(settings.landing, contract.table, batch["sha256"], contract)
    headings, *lines = landed.path.read_bytes().split(b"\r\n")
    names = headings.decode(landed.encoding).split(",")
    of_heading = {heading: name for name, heading in map_headings(contract, tuple(names)).sources.items()}
    rows = _complaints(con, contract, batch["batch"])
    for number, line in enumerate(lines, 2):
        parts = line.split(b",")
        row = rows.get(parts[0].decode("ascii", "replace"))
        if row and len(parts) == len(names) and b'"' not in line and _TELLING in line:
            fields = tuple(
                _field(contract.column(of_heading[name]), name, part, row, landed.encoding)
                for name, part in zip(names, parts, strict=True)
            )
            wrong = quarantined_rows(settings, contract, batch=batch["batch"])[:_WRONG_ROWS]
            return Journey(
                contract, batch, landed.encoding, number, str(row[contract.key[0]]), fields, _rules(con, batch["batch"]),
                tuple(wrong),
            )  # fmt: skip
    return None


def _complaints(con: Connection, contract: Contract, batch: str) -> dict[str, dict[str, Any]]:
    """Valid complaints of the batch whose text had a number in it, as text by order number."""
    shown = ", ".join(f"CAST({quoted(column.name)} AS VARCHAR)" for column in contract.columns)
    wanted = "_batch = ? AND _violations IS NULL AND category = '投诉' AND contains(content, '〔电话〕') AND closed_at IS NOT NULL"
    found = con.execute(f"SELECT {shown} FROM {ods_table(contract)} WHERE {wanted}", [batch]).fetchall()
    names = [column.name for column in contract.columns]
    return {str(row[names.index(contract.key[0])]): dict(zip(names, row, strict=True)) for row in found}


def _field(column: Column, heading: str, part: bytes, row: dict[str, Any], encoding: str) -> Field:
    value = "" if row[column.name] is None else str(row[column.name])
    if column.personal:
        return Field(heading, column, len(part), None, None, value)
    return Field(heading, column, len(part), part, part.decode(encoding), value)


def _rules(con: Connection, batch: str) -> int:
    row = con.execute(
        "SELECT count(*) FROM city.quality.check_results WHERE batch_id = ? AND agreed", [batch]
    ).fetchone()
    return int(row[0]) if row else 0
