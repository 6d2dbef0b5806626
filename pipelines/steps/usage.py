"""Taking the notes of who asked what into the ledger (`quality.usage`), each line once."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.derive.chinese import SCHEMAS
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.transaction import write_transaction
from pipelines.lake.usage import usage_folder
from pipelines.settings import Settings

_LAYERS = ("dwd", "dim", "dws", "ads")
_AT_ONCE = 500
_FIELDS = ("id", "at", "by", "via")


def take_usage(con: Connection, settings: Settings) -> int:
    """Return how many lines of the ledger were written: one for each relation of each query noted since the last time.

    Several transforms begin at once, and each takes what it finds: so files are set aside and read under the lock, and
    removed once their lines stand. What a killed process left is taken the next time, and a line that stands already is
    passed over. A line written in that very instant may be lost: it is a note.
    """
    folder = usage_folder(settings)
    if not any(file.suffix in (".jsonl", ".taken") for file in folder.glob("*")):
        return 0
    with write_transaction(con, settings, dataset="quality.usage", who="usage"):
        taken = _set_aside(folder)
        known = {str(row[0]) for row in con.execute("SELECT DISTINCT query FROM city.quality.usage").fetchall()}
        views = _views(con)
        rows = [row for file in taken for row in _rows(file, views) if row["query"] not in known]
        for first in range(0, len(rows), _AT_ONCE):
            ledger.add(con, "usage", rows[first : first + _AT_ONCE])
        con.execute("CALL city.set_commit_message('rongtong', ?)", [f"usage: {len(rows)}"])
    for file in taken:
        file.unlink(missing_ok=True)
    return len(rows)


def _set_aside(folder: Path) -> list[Path]:
    for file in folder.glob("*.jsonl"):
        file.rename(file.with_suffix(f".{uuid.uuid4().hex}.taken"))
    return sorted(folder.glob("*.taken"))


def _text(file: Path) -> str:
    """What a file says; nothing when another process has just removed it, for its lines stand then."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _rows(file: Path, views: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The lines of a file that are whole; a line cut off by a full disk is no use of anything."""
    for text in _text(file).splitlines():
        try:
            line = json.loads(text)
            shared = dict(zip(("query", "used_at", "used_by", "via"), (line[name] for name in _FIELDS), strict=True))
            names = {views.get(name, name) for name in line["relations"]}
        except (json.JSONDecodeError, KeyError, TypeError):
            continue
        tables = sorted(name for name in names if name.partition(".")[0] in _LAYERS)
        yield from ({**shared, "relation": name} for name in tables or [None])


def _views(con: Connection) -> dict[str, str]:
    """The Chinese views by the table each shows: its comment begins with the table's name."""
    layers = {schema: layer for layer, schema in SCHEMAS.items()}
    rows = con.execute(
        "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = 'city' AND comment IS NOT NULL"
    ).fetchall()
    return {f"{schema}.{view}": str(said).split(" ")[0] for schema, view, said in rows if schema in layers}
