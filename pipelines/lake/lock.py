"""The write lock every write transaction starts with: DuckLake itself protects neither ledger nor keys.

SQLite: one `flock` for the whole lake. PostgreSQL: advisory locks inside the transaction, shared on the lake and
exclusive on the dataset; DDL and maintenance take the lake exclusively.
"""

import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipelines.errors import LockHeld
from pipelines.lake.connection import Connection
from pipelines.names import literal

_POLL_SECONDS = 0.05
_LAKE_KEY = 0x52540001
_METADATA = "__ducklake_metadata_city"


@contextmanager
def file_lock(path: Path, *, seconds: float, who: str) -> Iterator[None]:
    """Hold the lake's lock file; LockHeld naming the holder after `seconds`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LockHeld(_held(path, seconds)) from None
                time.sleep(_POLL_SECONDS)
        _sign(handle.fileno(), who)
        try:
            yield
        finally:
            os.ftruncate(handle.fileno(), 0)


def _sign(descriptor: int, who: str) -> None:
    note = json.dumps(
        {"pid": os.getpid(), "who": who, "since": datetime.now().astimezone().isoformat(timespec="seconds")}
    )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, note.encode(), 0)


def _held(path: Path, seconds: float) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        named = f"process {holder['pid']} ({holder['who']}) since {holder['since']}"
    except (ValueError, KeyError, OSError):
        named = "another process"
    return f"[lock] the lake's write lock is held by {named}; waited {seconds:g} s. Hint: try again, or raise RONGTONG_LOCK_SECONDS."


def advisory_key(dataset: str) -> int:
    """Return the 31-bit key that stands for a dataset in PostgreSQL's advisory locks."""
    return zlib.crc32(dataset.encode()) & 0x7FFFFFFF


def try_advisory_lock(con: Connection, dataset: str | None) -> bool:
    """Take the locks inside the open transaction, or say False at once; `dataset` None means the whole lake.

    Tried and not waited for: a transaction that waits would keep the snapshot it had before the other one committed.
    """
    if dataset is None:
        asked = f"SELECT pg_try_advisory_xact_lock({_LAKE_KEY}, 0) AS got"
    else:
        asked = (
            f"SELECT CASE WHEN pg_try_advisory_xact_lock_shared({_LAKE_KEY}, 0) "
            f"THEN pg_try_advisory_xact_lock({_LAKE_KEY}, {advisory_key(dataset) or 1}) ELSE false END AS got"
        )
    row = con.execute(f"SELECT got FROM postgres_query({literal(_METADATA)}, {literal(asked)})").fetchone()
    return bool(row and row[0])
