"""The standards' macros and tables for a connection: a small DuckDB file beside the lake, attached read-only as `standards`.

Defining seventy macros costs some 70 ms a connection, attaching the file 3 ms. The file's name tells what is in it, so a release
that words a macro differently makes its own; whoever may not write there defines them in memory instead.
"""

import hashlib
import os
import secrets
from pathlib import Path

import duckdb

from pipelines.names import literal
from pipelines.settings import Settings
from pipelines.standards.macros import create_standards

SEARCH_PATH = "standards.main"
# Macros that call others find them on the search path, also while they are being defined.
_FIND_EACH_OTHER = f"SET search_path = 'memory.main,{SEARCH_PATH}'"


def standards_statements(settings: Settings) -> list[str]:
    """Return the statements that give a connection the standards; their schema must then be on its search path."""
    path = _file(settings)
    try:
        if not path.is_file():
            _make(path)
    except (OSError, duckdb.IOException):
        return ["ATTACH IF NOT EXISTS ':memory:' AS standards", _FIND_EACH_OTHER, *create_standards()]
    return [f"ATTACH IF NOT EXISTS {literal(str(path))} AS standards (READ_ONLY)"]


def _file(settings: Settings) -> Path:
    text = "\n".join([duckdb.__version__, *create_standards()])
    return settings.home / f"standards-{hashlib.sha256(text.encode()).hexdigest()[:12]}.duckdb"


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".standards-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        con = duckdb.connect()
        try:
            con.execute(f"ATTACH {literal(str(draft))} AS standards")
            for statement in (_FIND_EACH_OTHER, *create_standards()):
                con.execute(statement)
            con.execute("RESET search_path")
            con.execute("DETACH standards")  # which writes the file whole
        finally:
            con.close()
        draft.replace(path)  # of two that made it at once either is right
    finally:
        draft.unlink(missing_ok=True)
