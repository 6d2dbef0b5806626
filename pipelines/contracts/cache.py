"""Compiled answers as JSON files named by a digest. Losing them costs time only; a damaged one counts as lost."""

import json
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_KEEP_SECONDS = 24 * 3600


def read_cached(folder: Path, key: str) -> Any:
    """Return the answer kept under a key, None when there is none."""
    try:
        return json.loads((folder / f"{key}.json").read_bytes())
    except (OSError, ValueError):
        return None


def is_cached(folder: Path, key: str) -> bool:
    """Whether something is kept under a key."""
    return (folder / f"{key}.json").is_file()


def write_cached(folder: Path, key: str, answer: Any) -> None:
    """Keep an answer under a key, whole or not at all; without a writable folder nothing is kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{key[:12]}-", suffix=".tmp")
    except OSError:
        return
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(answer, file, ensure_ascii=False, separators=(",", ":"))
        Path(name).replace(folder / f"{key}.json")
    except OSError:
        Path(name).unlink(missing_ok=True)


def forget_others(folder: Path, keys: Iterable[str]) -> None:
    """Delete answers of other keys that are older than a day (another process may be about to read a younger one)."""
    kept = {f"{key}.json" for key in keys}
    limit = time.time() - _KEEP_SECONDS
    try:
        for path in folder.iterdir():
            if path.name not in kept and path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)
    except OSError:
        return
