"""Reading and writing what people must know: `quality.incidents` and `quality.notices`. Rows are only ever added."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipelines.lake import ledger
from pipelines.lake.connection import Connection


@dataclass(frozen=True, slots=True)
class Incident:
    """One event of an incident. `kind`: refused, quarantined, overdue, fault, calendar; `event`: opened, repeated, escalated, closed."""

    incident: str
    dataset: str
    period: str
    kind: str
    event: str
    batch_id: str | None
    due_at: datetime | None
    told: str
    run: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one channel. `state`: sent, failed, timed_out or suppressed (the same news went there already)."""

    incident: str
    dataset: str
    event: str
    channel: str
    is_second: bool
    subject: str
    digest: str
    state: str
    detail: str
    seconds: float
    told_at: datetime


_OPEN = """
SELECT * EXCLUDE (n, opened_at, escalated), opened_at, escalated FROM (
    SELECT *, row_number() OVER (PARTITION BY incident ORDER BY told_at DESC) AS n,
        max(CASE WHEN event = 'opened' THEN told_at END) OVER (PARTITION BY incident) AS opened_at,
        max(CASE WHEN event = 'escalated' THEN told_at END) OVER (PARTITION BY incident) AS escalated
    FROM city.quality.incidents WHERE kind <> 'quarantined'
) WHERE n = 1 AND event <> 'closed' ORDER BY incident"""
_COLUMNS = "incident, dataset, period, kind, event, batch_id, due_at, told, run, told_at"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that nothing has closed: its last event, when it opened, and whether the second contact knows."""

    last: Incident
    opened_at: datetime
    escalated: bool


def open_incidents(con: Connection) -> list[OpenIncident]:
    """Return the open incidents of the lake; [] for a lake of a release that kept none."""
    query = _OPEN.replace("* EXCLUDE (n, opened_at, escalated)", _COLUMNS)
    try:
        rows = con.execute(query).fetchall()
    except duckdb.CatalogException:
        return []
    return [
        OpenIncident(Incident(*row[:-2]), row[-2], row[-1] is not None and row[-1] >= row[-2])
        for row in rows if row[-2] is not None
    ]  # fmt: skip


def sent_since(con: Connection, since: datetime) -> set[tuple[str, str]]:
    """Return (digest, channel) of the notices that went out since a moment."""
    try:
        rows = con.execute(
            "SELECT DISTINCT digest, channel FROM city.quality.notices WHERE state = 'sent' AND told_at >= ?", [since]
        ).fetchall()
    except duckdb.CatalogException:
        return set()
    return {(str(digest), str(channel)) for digest, channel in rows}


def record(con: Connection, incidents: Sequence[Incident], notices: Sequence[Notice]) -> None:
    """Add events and notices, inside the open transaction, with a commit message."""
    ledger.add(con, "incidents", [_plain(incident) for incident in incidents])
    ledger.add(con, "notices", [_plain(notice) for notice in notices])
    told = ", ".join(f"{incident.incident} {incident.event}" for incident in incidents[:5]) or "notices"
    con.execute("CALL city.set_commit_message('rongtong', ?)", [told])


def _plain(row: Incident | Notice) -> dict[str, Any]:
    return asdict(row)
