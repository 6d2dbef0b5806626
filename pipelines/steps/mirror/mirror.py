"""Mirroring dim, dws and ads into PostgreSQL for BI tools, in one transaction there and at one snapshot of the lake."""

import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import psycopg

from pipelines.contracts.models import city_models
from pipelines.errors import ContractError, RongtongError, UsageError
from pipelines.lake.connection import Connection, open_for_reading
from pipelines.lake.faults import faults_translated
from pipelines.lake.transaction import transaction
from pipelines.settings import Settings
from pipelines.steps.mirror import copies, readers
from pipelines.steps.mirror.lake_tables import LakeTable, content_of, lake_tables
from pipelines.steps.mirror.passwords import passwords
from pipelines.steps.mirror.sending import prepare_sending, send_rows
from pipelines.steps.mirror.server import mirroring

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MirroredTable:
    """What became of one table, and in how many seconds."""

    table: str
    state: Literal["copied", "unchanged", "removed"]
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a mirror did: the lake's snapshot, its tables, and the address of each domain's reader (with its password)."""

    snapshot: int
    tables: tuple[MirroredTable, ...]
    readers: dict[str, str]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)


def mirror(settings: Settings, domains: Mapping[str, str] | None = None) -> Mirrored:
    """Return what was mirrored into the database of RONGTONG_BI_URL; `domains` is `layer.table` → whose reader may read it.

    Without it, as the city's models say. UsageError without that setting or without a lake, ContractError when a model is
    broken, EnvironmentFault when either database fails: then the mirror is as it was.
    """
    if not settings.bi:
        raise UsageError(
            "[mirror-where] no BI database is named. Hint: RONGTONG_BI_URL=postgresql://bi@db.example/bi (docs/for-analysts.md)."
        )
    started = time.monotonic()
    owners = domains_of(settings) if domains is None else domains
    with mirroring(settings) as pg:
        con = open_for_reading(settings)  # after the other mirrors' lock: none of them is newer
        try:
            prepare_sending(con)
            with faults_translated(), transaction(con, keep=False):
                wanted = lake_tables(con)
                snapshot, tables = _tables(con, pg, wanted)
                known = passwords(settings.home, set(owners.values()))
                readers.fit_roles(pg, known)
                readers.fit_grants(pg, wanted, owners, known)
        finally:
            con.close()
    uris = {domain: readers.reader_uri(settings.bi, domain, known[domain]) for domain in sorted(set(owners.values()))}
    return Mirrored(snapshot, tables, uris, round(time.monotonic() - started, 3))


def domains_of(settings: Settings) -> dict[str, str]:
    """Return `layer.table` → domain of the city's models; ContractError when one is broken: its readers would lose it."""
    models = city_models(settings)
    if models.problems:
        raise ContractError(list(models.problems))
    return {made.name: made.contract.domain for made in models.made}


def mirror_if_set(settings: Settings) -> Mirrored | None:
    """Return what was mirrored after a transform, which never fails for it: None where no BI database is set, or it failed (logged)."""
    if not settings.bi:
        return None
    try:
        return mirror(settings)
    except RongtongError as error:
        log.warning("the mirror for BI was not renewed: %s", error)
        return None


def _tables(con: Connection, pg: psycopg.Connection, wanted: list[LakeTable]) -> tuple[int, tuple[MirroredTable, ...]]:
    row = con.execute("SELECT max(snapshot_id) FROM city.snapshots()").fetchone()
    snapshot = int(row[0]) if row else 0
    copies.prepare(pg)
    have = copies.copies(pg)
    gone = sorted(set(have) - {(table.layer, table.name) for table in wanted})
    copies.drop(pg, gone)
    done = [_one(con, pg, table, have.get((table.layer, table.name)), snapshot) for table in wanted]
    return snapshot, (*done, *(MirroredTable(f"{layer}.{name}", "removed", 0, 0.0) for layer, name in gone))


def _one(
    con: Connection, pg: psycopg.Connection, table: LakeTable, have: copies.Copy | None, snapshot: int
) -> MirroredTable:
    started = time.monotonic()
    rows, content = content_of(con, table)
    same = have is not None and have.content == content and have.structure == table.structure
    same = same and copies.rows_there(pg, table) == rows
    if not same:
        copies.fit(pg, table, have)
        send_rows(con, pg, table, rows)
        copies.analyse(pg, table)
    if not same or have is None or have.comments != table.comments:
        copies.comment(pg, table)
        copies.keep(pg, table, rows, content, snapshot)
    return MirroredTable(table.full_name, "unchanged" if same else "copied", rows, round(time.monotonic() - started, 3))
