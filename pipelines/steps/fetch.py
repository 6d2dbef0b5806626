"""Asks a dataset's source for what is new: which periods, since when, into which file. Publishes nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo

from pipelines.contracts.model import Contract
from pipelines.contracts.pulling import overlap_of
from pipelines.derive.mapping import accepted_headings, plain
from pipelines.derive.periods import EXAMPLES, bounds, ended_before, is_period
from pipelines.errors import UsageError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.sources.faults import refusal
from pipelines.sources.transports.addresses import file_name_of, is_by_period, with_period
from pipelines.sources.transports.secrets import filled, secret
from pipelines.steps.plan import Plan
from pipelines.steps.remembered import Given, given_before

Mark = int | date | datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question to a source: `source` is what it is called in messages, `period` what the answer belongs to ('': unknown)."""

    source: str
    period: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the file (None: nothing new), what the ledger says of its origin, and what is to be remembered of it."""

    wanted: Wanted
    path: Path | None
    origin: str = ""
    given: Given = field(default_factory=Given)
    notes: tuple[str, ...] = ()


def questions(contract: Contract, period: str | None) -> list[Wanted]:
    """Return what to ask: the period given, the last ended ones where the source is asked by period, else one question.

    UsageError when a period is given that cannot be.
    """
    unit = contract.ingest.period.unit
    if period and not is_by_period(contract.ingest):
        raise UsageError(
            f"[period] {contract.id}: its source is not asked by period. Hint: leave --period out, or add --file."
        )
    if period and not is_period(period, unit):
        raise UsageError(f"[period] '{period}' is not a {unit}. Hint: write it like {EXAMPLES[unit]}.")
    if not is_by_period(contract.ingest):
        return [Wanted(_called(contract, ""))]
    now = datetime.now(ZoneInfo(contract.ingest.timezone)).replace(tzinfo=None)
    periods = [period] if period else ended_before(now, unit, contract.ingest.pull.periods)
    return [Wanted(_called(contract, each), each) for each in periods]


def _called(contract: Contract, period: str) -> str:
    sql = contract.ingest.sql
    if sql is None:
        return with_period(contract.ingest.source, period)
    return f"sql://{sql.connection}/{sql.table or 'query'}" + (f"?period={period}" if sql.parameters else "")


def fetch(
    con: Connection, settings: Settings, plan: Plan, wanted: Wanted, folder: Path, *, again: bool = False
) -> Fetched:
    """Return what one question brought, as a file in `folder`; SourceError or EnvironmentFault when it brought none.

    What was given before under this plan is nothing new; with `again`, only if it was not refused.
    """
    before = given_before(settings, plan.contract.table, wanted.source, plan.digest, again=again)
    if plan.contract.ingest.sql:
        fetched = _from_database(con, settings, plan.contract, wanted, folder)
    else:
        fetched = _from_address(settings, plan.contract, wanted, folder, before)
    if fetched.path is None:
        return fetched
    with fetched.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest == before.sha256:
        return replace(fetched, path=None)
    return replace(fetched, given=replace(fetched.given, sha256=digest))


def _from_address(settings: Settings, contract: Contract, wanted: Wanted, folder: Path, before: Given) -> Fetched:
    from pipelines.sources.transports.http import (
        Address,
        Bounds,
        Validators,
        auth_headers,
        fetch,
    )  # only where one is asked

    auth, pull = contract.ingest.auth, contract.ingest.pull
    headers = auth_headers(auth, secret(settings.home, auth.secret)) if auth.scheme else {}
    address = Address(filled(settings.home, wanted.source), wanted.source, headers)
    path = folder / file_name_of(
        wanted.source, f"{contract.table}{wanted.period and '_'}{wanted.period}.{contract.ingest.format}"
    )
    known = Validators(before.etag, before.modified)
    found = fetch(address, known, Bounds(pull.max_megabytes, pull.max_minutes), path)
    if found is None:
        return Fetched(wanted, None)
    return Fetched(wanted, path, wanted.source, Given(found.etag, found.modified))


def _from_database(con: Connection, settings: Settings, contract: Contract, wanted: Wanted, folder: Path) -> Fetched:
    from pipelines.sources.transports.sql import (
        Asked,
        draw,
        kinds_in,
        refuse_changed,
    )  # SQLAlchemy only where it is asked

    sql = contract.ingest.sql
    if sql is None:
        raise ValueError("the contract has no sql")
    standing = ledger.standing(con, contract.id)
    upto = last_mark(con, contract) if sql.watermark else None
    asked = Asked(
        secret(settings.home, sql.connection), wanted.source, sql, contract.ingest.pull, key_names(contract),
        _since(contract, wanted, upto), _parameters(wanted.period, sql.parameters),
    )  # fmt: skip
    path = folder / f"{contract.table}{wanted.period and '_'}{wanted.period}.parquet"
    drawn = draw(asked, path)
    if standing and standing[-1].contract_version == contract.version:
        refuse_changed(wanted.source, kinds_in(landed_file(settings, contract, standing[-1].sha256)), drawn.kinds)
    if sql.watermark and upto is not None and not drawn.rows:
        return Fetched(wanted, None)
    mark = drawn.upto if drawn.upto is not None else upto
    origin = f"{wanted.source}?upto={quote(str(mark), safe=': +-')}" if mark is not None else wanted.source
    return Fetched(wanted, path, origin, notes=drawn.notes)


def landed_file(settings: Settings, contract: Contract, sha256: str) -> Path:
    """Return where the Parquet file of an earlier delivery of the dataset lies, if it still does."""
    folder = settings.landing / contract.table / sha256
    return next(folder.glob("*.parquet"), folder / "gone")


def key_names(contract: Contract) -> tuple[frozenset[str], ...]:
    """Return, for each column of the key, the names by which a source may call it, as `plain` compares them."""
    return tuple(frozenset(map(plain, accepted_headings(contract.column(name)))) for name in contract.key)


def last_mark(con: Connection, contract: Contract) -> Mark | None:
    """Return the greatest watermark of the newest standing delivery that was read by one; None: read everything."""
    origins = {
        int(delivery): str(origin)
        for delivery, origin in con.execute(
            "SELECT delivery, origin FROM city.quality.deliveries WHERE dataset = ? AND origin LIKE 'sql:%'",
            [contract.id],
        ).fetchall()
    }
    for batch in reversed(ledger.standing(con, contract.id)):
        said = parse_qs(urlsplit(origins.get(batch.delivery, "")).query.replace("+", "%2B")).get("upto")
        if said:
            return _mark(said[0])
    return None


def _mark(text: str) -> Mark:
    if text.lstrip("-").isdigit():
        return int(text)
    return date.fromisoformat(text) if len(text) == len("2026-06-01") else datetime.fromisoformat(text)


def _since(contract: Contract, wanted: Wanted, upto: Mark | None) -> Mark | None:
    sql = contract.ingest.sql
    if sql is None or upto is None:
        return None
    overlap = overlap_of(sql.overlap)
    if isinstance(upto, int) and isinstance(overlap, int):
        return upto - overlap
    if isinstance(upto, date) and isinstance(overlap, timedelta):
        return upto - overlap
    if overlap == 0:
        return upto
    hint = "write a duration such as '2 d' for dates and timestamps, an amount for numbers"
    raise refusal(
        wanted.source, "watermark", f"overlap {sql.overlap} does not go with the watermark '{sql.watermark}'.", hint
    )


def _parameters(period: str, named: frozenset[str]) -> Mapping[str, Any]:
    if not period:
        return {}
    first, after = bounds(period)
    values = {"period": period, "period_start": first, "period_end": after}
    return {name: value for name, value in values.items() if name in named}
