"""Reading the lake as an analyst does: read-only, the whole catalogue at one snapshot where asked."""

from datetime import datetime

from pipelines.errors import UsageError
from pipelines.lake.connection import Connection, open_for_reading
from pipelines.names import literal
from pipelines.settings import Settings, settings


def connect(at: str | int | None = None, *, where: Settings | None = None) -> Connection:
    """Return a DuckDB connection with the lake attached read-only as `city`; `at` is a snapshot, a time or a pin's name.

    A day, a month of an instant is that of the city's zone.
    """
    chosen = where or settings()
    return open_for_reading(chosen, at=snapshot_option(chosen, at) if at is not None else "")


def connect_to_newest(where: Settings) -> tuple[Connection, int]:
    """Return a connection on which all tables stay as they are now, whatever is published meanwhile, and its snapshot."""
    con = open_for_reading(where)
    try:
        row = con.execute("SELECT max(snapshot_id) FROM city.snapshots()").fetchone()
    finally:
        con.close()
    snapshot = int(row[0]) if row else 0
    return connect(snapshot, where=where), snapshot


def snapshot_option(where: Settings, at: str | int) -> str:
    """Return the ATTACH option for a snapshot id, an ISO time or the name of a pin; UsageError for none of these."""
    text = str(at).strip()
    if text.isdigit():
        return f"SNAPSHOT_VERSION {text}"
    pinned = pinned_snapshot(where, text)
    if pinned is not None:
        return f"SNAPSHOT_VERSION {pinned}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"[at] '{text}' is not a snapshot id, an ISO time or a pin. Hint: `rongtong pin SNAPSHOT NAME`."
        ) from None
    zoned = moment if moment.tzinfo else moment.astimezone()
    return f"SNAPSHOT_TIME {literal(zoned.isoformat())}"


def pinned_snapshot(where: Settings, name: str) -> int | None:
    """Return the snapshot a pin names (the latest pin of that name), or None."""
    con = open_for_reading(where)
    try:
        row = con.execute(
            "SELECT arg_max(snapshot_id, pinned_at) FROM city.quality.pins WHERE name = ?", [name]
        ).fetchone()
    finally:
        con.close()
    return None if row is None or row[0] is None else int(row[0])
