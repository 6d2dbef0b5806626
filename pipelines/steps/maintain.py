"""Keeping the lake small and recoverable, every act under the exclusive lock: never beside an open publish."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipelines.errors import EnvironmentFault
from pipelines.lake.connection import Connection, catalogue_file
from pipelines.lake.making import SNAPSHOTS_OF_STANDING_TABLES
from pipelines.lake.transaction import write_transaction
from pipelines.names import literal, quoted
from pipelines.settings import Settings
from pipelines.steps.ingest import writer
from pipelines.steps.retention import clear_old
from pipelines.steps.usage import take_usage

Done = TypeVar("Done")
KEEP_DAYS = 30
BACKUPS = 7
_COMPACTING = {
    "flushed": "ducklake_flush_inlined_data('city')",
    "merged": "ducklake_merge_adjacent_files('city')",
    "rewritten": "ducklake_rewrite_data_files('city')",
}
# A file of a publish that is still open is younger than this; deleting it would destroy the table for ever.
_CLEANING = {
    "cleaned": "ducklake_cleanup_old_files('city', older_than => now() - INTERVAL 2 DAY)",
    "orphans": "ducklake_delete_orphaned_files('city', older_than => now() - INTERVAL 2 DAY)",
}


def maintain(settings: Settings, *, keep_days: int = KEEP_DAYS) -> dict[str, object]:
    """Return what was done, as numbers of things: {backup, flushed, merged, rewritten, expired, cleaned, orphans, landings, pages,
    incoming, standards}.

    Snapshots younger than `keep_days`, the newest, every pinned one, and those at which a table of dim, dws or ads was
    made as it stands, are kept. Raises LockHeld like any writer.
    """
    con = writer(settings)
    try:
        take_usage(con, settings)
        report: dict[str, object] = {"backup": str(_alone(con, settings, "back up", partial(_back_up, con, settings)))}
        for name, call in _COMPACTING.items():
            report[name] = _alone(con, settings, name, partial(_call, con, call))
        report["expired"] = _alone(con, settings, "expire", partial(_expire, con, keep_days))
        for name, call in _CLEANING.items():
            report[name] = _alone(con, settings, name, partial(_call, con, call))
        report |= _alone(con, settings, "retention", partial(clear_old, con, settings, keep_days))
        return report
    finally:
        con.close()


def _alone(con: Connection, settings: Settings, what: str, act: Callable[[], Done]) -> Done:
    with write_transaction(con, settings, dataset=None, who=f"maintain: {what}"):
        return act()


def _call(con: Connection, call: str) -> int:
    return len(con.execute(f"CALL {call}").fetchall())


def _expire(con: Connection, keep_days: int) -> int:
    """Expire by an explicit list: all but the newest, the young, the pinned, and those that show a standing table's making."""
    rows = con.execute(
        "SELECT snapshot_id FROM city.snapshots() WHERE snapshot_time < now() - to_days(CAST(? AS INTEGER))"
        " AND snapshot_id <> (SELECT max(snapshot_id) FROM city.snapshots())"
        " AND snapshot_id NOT IN (SELECT snapshot_id FROM city.quality.pins)"
        f" AND snapshot_id NOT IN ({SNAPSHOTS_OF_STANDING_TABLES}) ORDER BY 1",
        [keep_days],
    ).fetchall()
    if rows:
        con.execute(f"CALL ducklake_expire_snapshots('city', versions => [{', '.join(str(row[0]) for row in rows)}])")
    return len(rows)


def _back_up(con: Connection, settings: Settings) -> Path:
    folder = settings.home / "backup"
    folder.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    target = folder / (f"catalog-{stamp}.duckdb" if settings.catalogue else f"catalog-{stamp}.sqlite")
    draft = target.with_suffix(".part")
    if settings.catalogue:
        _copy_postgres(con, draft)
    else:
        _copy_sqlite(catalogue_file(settings), draft)
    draft.replace(target)
    for old in sorted(folder.glob("catalog-*"))[:-BACKUPS]:
        old.unlink() if old.is_file() else shutil.rmtree(old)
    return target


def _copy_sqlite(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    live.close()
    copy.close()


def _copy_postgres(con: Connection, target: Path) -> None:
    """Copy the catalogue's tables into a DuckDB file (`pg_dump` may not be installed where this runs)."""
    listed = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'ducklake%'"
    found = con.execute(
        f"SELECT table_name FROM postgres_query('__ducklake_metadata_city', {literal(listed)})"
    ).fetchall()
    names = sorted({str(row[0]) for row in found})
    if "ducklake_snapshot" not in names:
        raise EnvironmentFault(
            "[backup] the PostgreSQL catalogue's tables cannot be listed; nothing was backed up or cleaned."
        )
    copier = con.cursor()
    try:
        copier.execute(f"ATTACH {literal(str(target))} AS backup")
        for name in names:
            copier.execute(
                f"CREATE TABLE backup.{quoted(name)} AS SELECT * FROM __ducklake_metadata_city.{quoted(name)}"
            )
        copier.execute("DETACH backup")
    finally:
        copier.close()
