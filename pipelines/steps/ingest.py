"""Taking a delivery in: land it, publish it, remember that it was seen. One connection, one transaction a delivery."""

from dataclasses import replace
from pathlib import Path

from pipelines.contracts.city import load_city
from pipelines.contracts.model import Contract
from pipelines.errors import RongtongError, SourceError, UsageError
from pipelines.lake.connection import Connection
from pipelines.lake.create import open_for_writing
from pipelines.lake.pseudonym import install_macros, key_of
from pipelines.settings import Settings
from pipelines.sources.inbox import remember, waiting
from pipelines.sources.landed import Landed
from pipelines.sources.landing import keep_unread, land
from pipelines.sources.manifest import read_manifest
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.plan import Plan, plan_of
from pipelines.steps.publish import publish, refuse_unread, told_period
from pipelines.steps.pull import pull
from pipelines.steps.record import Request


def writer(settings: Settings) -> Connection:
    """Return a connection that can publish: the lake attached, pseudonym macros installed."""
    con = open_for_writing(settings, timezone=load_city(settings.city).timezone)
    install_macros(con, key_of(settings))
    con.execute("SET python_enable_replacements = false")
    return con


def ingest(
    settings: Settings,
    contract: Contract,
    path: Path,
    *,
    period: str | None = None,
    accept: str | None = None,
    by: str | None = None,
    run: str = "",
) -> Outcome:
    """Return what became of one file; RefusedOutcome when it is refused, SourceError when it cannot even be landed."""
    con = writer(settings)
    try:
        return ingest_file(con, settings, contract, path, Request(period=period, accept=accept, by=by, run=run))
    finally:
        con.close()


def ingest_file(con: Connection, settings: Settings, contract: Contract, path: Path, request: Request) -> Outcome:
    """Land and publish one file on an open connection; the inbox will not offer it again once its verdict is recorded."""
    plan = plan_of(settings, contract)
    if request.origin:  # it was asked for, and never lay in an inbox
        return _land_and_publish(con, settings, plan, path, request)
    try:
        outcome = _land_and_publish(con, settings, plan, path, replace(request, origin=str(path)))
    except RefusedOutcome:
        remember(seen_file(settings, contract), path)
        raise
    remember(seen_file(settings, contract), path)
    return outcome


def _land_and_publish(con: Connection, settings: Settings, plan: Plan, path: Path, request: Request) -> Outcome:
    try:
        landed = land(plan.contract, path, settings.landing)
        request = replace(request, manifest=manifest_numbers(plan.contract, path, landed))
    except SourceError as error:
        if not path.is_file():
            raise
        error = SourceError(str(error).replace(f"{path}:", f"{request.origin}:"))
        refuse_unread(con, settings, plan, keep_unread(plan.contract, path, settings.landing), request, error)
    return publish(con, settings, plan, landed, request)


def manifest_numbers(contract: Contract, path: Path, landed: Landed) -> tuple[tuple[str, str], ...]:
    """Return what the manifest beside a delivery declares, as (`rows` or column, number); SourceError when its sha256 differs."""
    declared = read_manifest(contract, path)
    if declared is None:
        return ()
    if declared.sha256 and declared.sha256 != landed.sha256:
        raise SourceError(
            f"{path.name}: [manifest] the manifest says sha256 {declared.sha256}, the bytes are {landed.sha256}. Hint: send it again."
        )
    rows = () if declared.rows is None else (("rows", str(declared.rows)),)
    return (*rows, *((name, str(value)) for name, value in declared.sums))


def seen_file(settings: Settings, contract: Contract) -> Path:
    """File that lists which inbox files of a dataset already have a verdict."""
    return settings.home / "seen" / f"{contract.table}.jsonl"


def waiting_files(settings: Settings, contract: Contract, *, settle: float = 5.0) -> list[Path]:
    """Return the dataset's waiting deliveries in period order (file name where the rows will tell the period)."""
    found = waiting(
        settings.inbox,
        table=contract.table,
        domain=contract.domain,
        source=contract.ingest.inbox,
        seen=seen_file(settings, contract),
        settle=settle,
    )
    return sorted(found, key=lambda path: (_period_or_empty(contract, path), path.stat().st_mtime_ns, path.name))


def _period_or_empty(contract: Contract, path: Path) -> str:
    try:
        return told_period(contract, path.name, None)
    except UsageError:
        return ""


def ingest_waiting(
    settings: Settings,
    contract: Contract,
    *,
    period: str | None = None,
    run: str = "",
    settle: float = 5.0,
    again: bool = False,
) -> list[Outcome]:
    """Publish every waiting delivery in period order, one transaction each, then what the dataset's source has that is new.

    Refused ones are among the outcomes. A file that cannot be landed or has no period is told as a refusal too, and the
    others still go on. Environment faults (lock, disk, network) end the run: what was published stays, the rest waits for
    the retry. A source that fails after files were published is told as a refusal, or their outcomes would be lost.
    `period` asks the source for that period alone; `again`, also for what was refused and has not changed since.
    """
    files = [] if period else waiting_files(settings, contract, settle=settle)
    if not files and not contract.ingest.is_pulled:
        return []
    con = writer(settings)
    try:
        outcomes = [_one_of_many(con, settings, contract, path, run) for path in files]
        if contract.ingest.is_pulled:
            outcomes += ingest_pulled(
                con, settings, contract, Request(period=period, run=run), told=outcomes, again=again
            )
        return outcomes
    finally:
        con.close()


def ingest_pulled(
    con: Connection, settings: Settings, contract: Contract, request: Request, *, told: list[Outcome], again: bool
) -> list[Outcome]:
    """Ask the dataset's source on an open connection; return what became of it: with `told` outcomes, a fault is one, too."""

    def publish_one(path: Path, request: Request) -> Outcome:
        return ingest_file(con, settings, contract, path, request)

    try:
        return pull(con, settings, plan_of(settings, contract), request, publish_one, again=again)
    except RongtongError as error:
        if not told:
            raise
        return [_not_taken(contract, Path(contract.ingest.source or contract.id), error)]


def _one_of_many(con: Connection, settings: Settings, contract: Contract, path: Path, run: str) -> Outcome:
    try:
        return ingest_file(con, settings, contract, path, Request(run=run))
    except RefusedOutcome as refused:
        return refused.outcome
    except (SourceError, UsageError) as error:
        remember(seen_file(settings, contract), path)
        return _not_taken(contract, path, error)


def _not_taken(contract: Contract, path: Path, error: RongtongError) -> Outcome:
    return Outcome(contract.id, path.name, "", "", "", "refused", 0, 0, 0, message=str(error))
