"""Keeping what was told: in the ledger, or, while the ledger cannot be written, in a file that the next notice takes up."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.contracts.city import load_city
from pipelines.errors import RongtongError
from pipelines.lake.connection import lake_exists, open_for_reading
from pipelines.lake.create import open_for_writing
from pipelines.lake.incidents import Incident, Message, Notice, OpenIncident, open_incidents, record, sent_since, unsent
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings

_LOCK_SECONDS = 10.0
_SAME_NEWS = timedelta(hours=24)
_SCOPE = "quality.notices"


def spool(settings: Settings) -> Path:
    """The file that holds what the ledger could not take yet."""
    return settings.home / "notices.jsonl"


def still_open(settings: Settings) -> list[OpenIncident]:
    """Return the open incidents of the lake; [] where there is no lake yet."""
    if not lake_exists(settings):
        return []
    con = open_for_reading(settings)
    try:
        return open_incidents(con)
    finally:
        con.close()


def already_told(settings: Settings, now: datetime) -> set[tuple[str, str]]:
    """Return (digest, channel) of what went out within a day; nothing when the ledger cannot be asked: better twice than never."""
    told = {
        (str(row["digest"]), str(row["channel"]))
        for row in _spooled(settings)
        if row.get("state") == "sent" and datetime.fromisoformat(row["told_at"]) >= now - _SAME_NEWS
    }
    try:
        if not lake_exists(settings):
            return told
        con = open_for_reading(settings)
        try:
            return told | sent_since(con, now - _SAME_NEWS)
        finally:
            con.close()
    except RongtongError:
        return told


def not_heard(settings: Settings, now: datetime, tries: int) -> list[tuple[Message, list[str]]]:
    """Return what was said within a day, with the channels that did not take it in fewer than `tries`; [] without a lake."""
    if not lake_exists(settings):
        return []
    con = open_for_reading(settings)
    try:
        return unsent(con, now - _SAME_NEWS, tries)
    finally:
        con.close()


def keep(
    settings: Settings, incidents: Sequence[Incident], notices: Sequence[Notice], messages: Sequence[Message] = ()
) -> str:
    """Record events, notices and the words of those that failed; '' when the ledger has them, else why they wait in the spool."""
    try:
        if not lake_exists(settings):
            raise RongtongError("there is no lake yet")
        _to_ledger(settings, incidents, notices, messages)
    except RongtongError as error:
        settings.home.mkdir(parents=True, exist_ok=True)
        with spool(settings).open("a", encoding="utf-8") as handle:
            rows = [*map(asdict, incidents), *map(asdict, notices), *map(asdict, messages)]
            handle.writelines(json.dumps(row, default=str) + "\n" for row in rows)
        return str(error)
    return ""


def _to_ledger(
    settings: Settings, incidents: Sequence[Incident], notices: Sequence[Notice], messages: Sequence[Message]
) -> None:
    patient = replace(settings, lock_seconds=min(_LOCK_SECONDS, settings.lock_seconds))
    con = open_for_writing(patient, timezone=load_city(settings.city).timezone)
    taken = spool(settings).with_name(f"notices.{os.getpid()}.jsonl")
    try:
        with write_transaction(con, patient, dataset=_SCOPE, who="notices"):
            if spool(settings).is_file():
                spool(settings).rename(taken)  # under the lock: nobody else takes it up
            waited = _read(taken)
            old = [Incident(**_timed(row)) for row in waited if "kind" in row]
            told = [Notice(**_timed(row)) for row in waited if "state" in row]
            said = [Message(**_timed(row)) for row in waited if "body" in row]
            record(con, [*old, *incidents], [*told, *notices], [*said, *messages])
        taken.unlink(missing_ok=True)
    finally:
        if taken.exists() and not spool(settings).exists():
            taken.rename(spool(settings))
        con.close()


def _spooled(settings: Settings) -> list[dict[str, Any]]:
    return _read(spool(settings))


def _read(path: Path) -> list[dict[str, Any]]:
    return list(_rows(path)) if path.is_file() else []


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:  # cut off by a full disk
            continue
        if isinstance(row, dict):
            yield row


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(row[name]) for name in ("told_at", "due_at") if row.get(name)}
    return {**row, **times}
