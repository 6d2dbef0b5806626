"""Who asked what of the lake: the relations of each query, never its text or a value, noted in files of the lake's owner.

A line is one query. Noting waits for nobody and fails no query; the ledger takes the files in later.
"""

import getpass
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.lake.connection import Connection
from pipelines.settings import Settings

_LONGEST = 3_500  # one write of this size is one piece, also beside other processes


def usage_folder(settings: Settings) -> Path:
    """Return the folder of the notes."""
    return settings.home / "usage"


def relations_of(con: Connection, query: str) -> tuple[str, ...]:
    """Return the relations that a query names with their schema, as it names them; () where DuckDB cannot tell.

    The query is parsed, not bound: binding opens every view, and cannot do so outside of the query's own session.
    """
    try:
        row = con.cursor().execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    except duckdb.Error:
        return ()
    return tuple(sorted(set(_named(json.loads(row[0]) if row else None))))


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _named(part)
    elif isinstance(node, dict):
        if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
            yield f"{node['schema_name']}.{node['table_name']}"
        for part in node.values():
            yield from _named(part)


def note_use(settings: Settings, via: str, relations: Iterable[str] = ()) -> None:
    """Note that somebody opened the lake or asked for relations; a folder that cannot be written is nobody's trouble."""
    line = {
        "id": uuid.uuid4().hex,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": _who(),
        "via": via,
        "relations": list(relations),
    }
    text = json.dumps(line, ensure_ascii=False) + "\n"
    if len(text.encode()) > _LONGEST:
        text = json.dumps(line | {"relations": []}, ensure_ascii=False) + "\n"
    folder = usage_folder(settings)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file = os.open(folder / f"{line['at'][:7]}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, text.encode())
        finally:
            os.close(file)
    except OSError:
        return


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
