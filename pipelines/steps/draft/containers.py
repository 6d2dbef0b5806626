"""Where the table is inside something else: the member of an archive, the array in a JSON document."""

import json
import re
from pathlib import Path
from typing import Any

from pipelines.settings import settings
from pipelines.sources.archive import members
from pipelines.sources.faults import refusal
from pipelines.sources.kinds import ZIP
from pipelines.sources.landed import Landed

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".jsonl", ".ndjson", ".json", ".geojson", ".parquet")
_DEPTH = 4


def member_meant(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the member of an archive that looks most like a table, and the others; ('', ()) for a file that is no archive."""
    try:
        with path.open("rb") as file:
            if file.read(len(ZIP)) != ZIP:
                return "", ()
        names = members(path, str(path))
    except OSError:  # landing tells what is wrong with it
        return "", ()
    if any(name.startswith("xl/") for name in names) or not names:
        return "", ()
    best = min(names, key=lambda name: _rank(name.lower()))
    return best, tuple(name for name in names if name != best)


def _rank(name: str) -> int:
    return next((place for place, ending in enumerate(_TABLES) if name.endswith(ending)), len(_TABLES))


def wildcard(name: str) -> str:
    """Return a member's name with its dates open: the next delivery has others.

    >>> wildcard("报表/明细_202607.csv"), wildcard("a[1].csv")
    ('报表/明细_*.csv', 'a[[]1].csv')
    """
    return re.sub(r"\d{4,}([-_.年]?\d{1,2}[月日]?){0,2}", "*", name.replace("[", "[[]"))


def path_to_records(landed: Landed) -> str:
    """Return the keys, with dots, that lead to the longest array of objects; '' when the document is one itself."""
    with landed.readable.open("rb") as file:
        file.seek(landed.bom)
        start = file.read(1024).lstrip()
    if not start.startswith(b"{"):
        return ""
    limit = settings().max_document_mb
    if landed.readable.stat().st_size > limit << 20:
        hint = "write `path` into a contract by hand, or raise RONGTONG_MAX_DOCUMENT (MB)"
        raise refusal(landed.file_name, "document-size", f"the records of {limit} MB of JSON are not looked for.", hint)
    try:
        document = json.loads(landed.readable.read_bytes()[landed.bom :])
    except (ValueError, RecursionError):  # the reader tells what is wrong with it
        return ""
    return max(_arrays(document), key=lambda found: found[1], default=("", 0))[0]


def _arrays(value: Any, keys: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    if isinstance(value, list):
        return [(".".join(keys), len(value))] if value and isinstance(value[0], dict) else []
    if not isinstance(value, dict) or len(keys) >= _DEPTH:
        return []
    return [found for key, inner in value.items() if "." not in key for found in _arrays(inner, (*keys, key))]
