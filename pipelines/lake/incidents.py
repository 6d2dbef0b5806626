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
    """One event of an incident. `kind`: refused, quarantined, overdue, fault, measures, calendar; `event`: opened, repeated, escalated, closed."""

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


@dataclass(frozen=True, slots=True)
class Message:
    """What is said of an event, in the words in which it goes out; kept where a channel did not take it."""

    incident: str
    dataset: str
    event: str
    subject: str
    body: str
    tone: str
    digest: str
    told_at: datetime


# The episode of an incident begins with the first opening after it was closed last.
_OPEN = """
WITH closed AS (
    SELECT incident, max(told_at) AS closed_at FROM city.quality.incidents WHERE event = 'closed' GROUP BY incident
), episode AS (
    SELECT i.*, min(CASE WHEN event = 'opened' THEN told_at END) OVER (PARTITION BY incident) AS opened_at,
        bool_or(event = 'escalated') OVER (PARTITION BY incident) AS escalated,
        row_number() OVER (PARTITION BY incident ORDER BY told_at DESC) AS newest
    FROM city.quality.incidents i LEFT JOIN closed USING (incident)
    WHERE kind NOT IN ('quarantined', 'measures') AND (closed_at IS NULL OR told_at > closed_at)
), unheard AS (
    SELECT n.incident FROM (
        SELECT incident, channel, arg_max(CASE WHEN state = 'suppressed' THEN 'sent' ELSE state END, told_at) AS state
        FROM city.quality.notices WHERE event = 'opened' GROUP BY ALL
    ) n GROUP BY n.incident HAVING NOT bool_and(n.state = 'sent')
)
SELECT {columns}, opened_at, escalated, incident IN (SELECT incident FROM unheard)
FROM episode WHERE newest = 1 AND opened_at IS NOT NULL ORDER BY incident"""
_SENT = """
SELECT DISTINCT digest, channel FROM city.quality.notices n
WHERE state = 'sent' AND told_at >= ? AND NOT EXISTS (
    SELECT 1 FROM city.quality.incidents i WHERE i.incident = n.incident AND i.event = 'closed' AND i.told_at >= n.told_at)"""
# What a channel has not got since it was said last, and is still true.
_UNSENT = """
WITH said AS (
    SELECT * FROM city.quality.messages WHERE told_at >= ? QUALIFY row_number() OVER (PARTITION BY digest ORDER BY told_at DESC) = 1
), heard AS (
    SELECT n.digest, n.channel, arg_max(n.state, n.told_at) AS state, count(*) AS tries
    FROM city.quality.notices n JOIN said USING (digest) WHERE n.told_at >= said.told_at AND n.state <> 'suppressed' GROUP BY ALL
), ended AS (
    SELECT incident, max(told_at) AS closed_at FROM city.quality.incidents WHERE event = 'closed' GROUP BY incident
)
SELECT {columns}, list(channel ORDER BY channel)
FROM said JOIN heard USING (digest) LEFT JOIN ended USING (incident)
WHERE state <> 'sent' AND tries < ? AND (event = 'closed' OR closed_at IS NULL OR closed_at < told_at)
GROUP BY ALL ORDER BY told_at, digest"""
_SAID = "incident, dataset, event, subject, body, tone, digest, told_at"
_COLUMNS = "incident, dataset, period, kind, event, batch_id, due_at, told, run, told_at"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that nothing has closed: its last event, when it opened, whether the second contact knows.

    `unheard`: a first contact has not got the notice of its opening.
    """

    last: Incident
    opened_at: datetime
    escalated: bool
    unheard: bool


def open_incidents(con: Connection) -> list[OpenIncident]:
    """Return the open incidents of the lake; [] for a lake of a release that kept none."""
    try:
        rows = con.execute(_OPEN.format(columns=_COLUMNS)).fetchall()
    except duckdb.CatalogException:
        return []
    return [OpenIncident(Incident(*row[:-3]), *row[-3:]) for row in rows]


def sent_since(con: Connection, since: datetime) -> set[tuple[str, str]]:
    """Return (digest, channel) of the notices that went out since a moment, and since their incident was closed last."""
    try:
        rows = con.execute(_SENT, [since]).fetchall()
    except duckdb.CatalogException:
        return set()
    return {(str(digest), str(channel)) for digest, channel in rows}


def unsent(con: Connection, since: datetime, tries: int) -> list[tuple[Message, list[str]]]:
    """Return what was said since a moment and is not over, each with the channels that did not take it in fewer than `tries`."""
    try:
        rows = con.execute(_UNSENT.format(columns=_SAID), [since, tries]).fetchall()
    except duckdb.CatalogException:
        return []
    return [(Message(*row[:-1]), [str(channel) for channel in row[-1]]) for row in rows]


def record(
    con: Connection, incidents: Sequence[Incident], notices: Sequence[Notice], messages: Sequence[Message]
) -> None:
    """Add events, notices and the words of those that failed, inside the open transaction, with a commit message."""
    ledger.add(con, "incidents", [_plain(incident) for incident in incidents])
    ledger.add(con, "notices", [_plain(notice) for notice in notices])
    ledger.add(con, "messages", [_plain(message) for message in messages])
    told = ", ".join(f"{incident.incident} {incident.event}" for incident in incidents[:5]) or "notices"
    con.execute("CALL city.set_commit_message('rongtong', ?)", [told])


def _plain(row: Incident | Notice | Message) -> dict[str, Any]:
    return asdict(row)
