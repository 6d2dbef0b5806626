"""Write, audit, publish: one delivery becomes one batch in one transaction, or nothing does."""

from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import NoReturn

from pipelines.contracts.model import Contract
from pipelines.derive.periods import EXAMPLES, NO_PERIOD, is_period, period_from_name
from pipelines.errors import ReaderStumbled, SourceError, UsageError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.ledger import KnownBatch
from pipelines.lake.threads import fit_threads
from pipelines.lake.transaction import write_transaction
from pipelines.names import batch_id_of
from pipelines.settings import Settings
from pipelines.sources.landed import Landed
from pipelines.steps.audit import Audit, audit
from pipelines.steps.checks import Counts, Result
from pipelines.steps.chinese import fit_names, names_fit
from pipelines.steps.load import Loaded, Task, load
from pipelines.steps.locate import examples_of
from pipelines.steps.outcome import Outcome, Reason, RefusedOutcome
from pipelines.steps.plan import Plan
from pipelines.steps.record import Attempt, Request, record
from pipelines.steps.standing import restand
from pipelines.steps.tables import fit_tables, tables_fit
from pipelines.steps.versions import must_not_break
from pipelines.wording import say


class Refusal(Exception):
    """Ends the transaction of a refused batch; carries what was measured."""

    def __init__(self, outcome: Outcome, attempt: Attempt, audited: Audit) -> None:
        self.outcome, self.attempt, self.audited = outcome, attempt, audited


def publish(con: Connection, settings: Settings, plan: Plan, landed: Landed, request: Request) -> Outcome:
    """Return the outcome of publishing a landed delivery; RefusedOutcome when the contract's thresholds say no.

    A text over which the fast reader stumbles is read exactly, in a transaction of its own. A refusal's own record is
    written in a second transaction: a kill between the two leaves "not published", and the rerun refuses again.
    """
    fit_threads(con, settings, landed.readable.stat().st_size)
    try:
        return _publish(con, settings, plan, landed, request)
    except ReaderStumbled:
        if request.exact:
            raise
        return _publish(con, settings, plan, landed, replace(request, exact=True))


def _publish(con: Connection, settings: Settings, plan: Plan, landed: Landed, request: Request) -> Outcome:
    contract = plan.contract
    _must_be_publishable(contract, request)
    period = told_period(contract, landed.file_name, request.period)
    scope = contract.id if tables_fit(con, contract) and names_fit(con, contract) else None
    who = f"{request.run or 'rongtong'} {contract.id} {landed.file_name}"
    try:
        with write_transaction(con, settings, dataset=scope, who=who, keep=request.keep):
            must_not_break(con, contract)
            fit_tables(con, contract)
            known = ledger.batches(con, contract.id)
            already = _already(con, plan, landed, period, request, known)
            if already is not None:
                return already
            fit_names(con, contract)
            attempt = attempt_of(plan, landed, period, request, known)
            outcome = write_batch(con, settings, attempt)
        if request.keep:
            outcome = replace(outcome, snapshot=ledger.last_snapshot(con))
        return outcome
    except Refusal as refused:
        if request.keep:
            with write_transaction(con, settings, dataset=contract.id, who=who):
                _record_refusal(con, refused)
        raise RefusedOutcome(refused.outcome) from None


def refuse_unread(
    con: Connection, settings: Settings, plan: Plan, landed: Landed, request: Request, error: SourceError
) -> NoReturn:
    """Record that a delivery cannot be read at all (empty, cut off, no text) and raise RefusedOutcome: the ledger knows it came."""
    contract = plan.contract
    _must_be_publishable(contract, request)
    try:
        period = told_period(contract, landed.file_name, request.period)
    except UsageError:
        period = ""
    loaded = _unreadable(period, error)
    audited = Audit(loaded.results, None, (), {})
    attempt = attempt_of(plan, landed, period, request, ledger.batches(con, contract.id))
    refused = Refusal(_outcome(attempt, loaded, audited, "refused"), attempt, audited)
    with write_transaction(con, settings, dataset=contract.id, who=f"{request.run or 'rongtong'} {contract.id}"):
        _record_refusal(con, refused)
    raise RefusedOutcome(refused.outcome)


def _unreadable(period: str, error: SourceError) -> Loaded:
    result = Result(
        "batch.readable", "structure", (), "0602", "error", None, 1, 1, "fail", str(error), concedable=False
    )
    return Loaded(period, Counts(0, 0, {}, {}), (), [result], None, {})


def _record_refusal(con: Connection, refused: Refusal) -> None:
    """Write the refusal down; another process may have taken the batch's number since the rollback, then it gets the next."""
    attempt = refused.attempt
    known = ledger.batches(con, attempt.contract.id)
    again = attempt_of(attempt.plan, attempt.landed, attempt.period, attempt.request, known)
    refused.outcome = replace(refused.outcome, batch=again.batch)
    record(con, replace(again, started=attempt.started, clock=attempt.clock), refused.audited, refused.outcome)


def told_period(contract: Contract, file_name: str, given: str | None) -> str:
    """Return the period known before reading: given, told by the file's name, or '' when the rows will tell; UsageError otherwise."""
    period = contract.ingest.period
    if given:
        if period.source == "none":
            raise UsageError(f"[period] {contract.id} has no periods. Hint: leave --period out.")
        if not is_period(given, period.unit):
            raise UsageError(f"[period] '{given}' is not a {period.unit}. Hint: write it like {EXAMPLES[period.unit]}.")
        return given
    if period.source == "none":
        return NO_PERIOD
    if period.source == "column":
        return ""
    told = period_from_name(file_name, period) if period.source == "file_name" else None
    if told is None and period.column:
        return ""
    if told is None:
        raise UsageError(
            f"[period] {contract.id}: " + say("period_needed", name=file_name, example=EXAMPLES[period.unit])
        )
    return told


def _must_be_publishable(contract: Contract, request: Request) -> None:
    if request.keep and contract.status not in ("active", "deprecated"):
        raise UsageError(f"[status] {contract.id}: " + say("draft", status=contract.status))
    if request.accept and not request.by:
        raise UsageError("[accept] a concession needs the name of who decides. Hint: --accept REASON --by NAME.")


def _already(
    con: Connection, plan: Plan, landed: Landed, period: str, request: Request, known: list[KnownBatch]
) -> Outcome | None:
    """Return what to say when the same bytes were published before under this plan, or taken back; None when there is work."""
    contract = plan.contract
    same = [b for b in known if b.sha256 == landed.sha256 and b.verdict != "refused" and period in ("", b.period)]
    if not same or request.again:
        return None
    last = same[-1]
    if last.is_retracted:
        why = ledger.retraction_reason(con, contract.id, last.delivery)
        message = say("was_retracted", batch=last.batch_id, dataset=contract.id, reason=why)
    elif last.plan_digest != plan.digest:
        return None
    elif last.stands:
        message = say("no_change", batch=last.batch_id)
    else:
        instead = [batch.batch_id for batch in known if batch.stands and batch.delivery > last.delivery]
        message = say("no_change_superseded", batch=last.batch_id, instead=instead[-1] if instead else "?")
    return Outcome(
        contract.id, landed.file_name, last.period, landed.sha256, last.batch_id, "already_published", 0, 0, 0, message=message
    )  # fmt: skip


def attempt_of(plan: Plan, landed: Landed, period: str, request: Request, known: list[KnownBatch]) -> Attempt:
    """Return the next attempt at a delivery: its batch's number, and the delivery's (the old one when it is known)."""
    same = [batch.delivery for batch in known if batch.sha256 == landed.sha256 and period in ("", batch.period)]
    seq = max((batch.seq for batch in known), default=0) + 1
    fresh = max((batch.delivery for batch in known), default=0) + 1
    return Attempt(
        plan.contract, landed, plan, request, batch_id_of(plan.contract.id, seq), seq, same[-1] if same else fresh, not same,
        period, datetime.now(UTC), perf_counter(), tuple(known),
    )  # fmt: skip


def write_batch(con: Connection, settings: Settings, attempt: Attempt, *, update_dwd: bool = True) -> Outcome:
    """Return the outcome of loading, auditing and recording one attempt inside the open transaction; raises Refusal."""
    before = frozenset(batch.batch_id for batch in attempt.known if batch.stands)
    loaded = _load_or_fail(con, attempt)
    if attempt.request.look:
        attempt.request.look(con, attempt, loaded)
    audited = Audit(loaded.results, None, (), {})
    if loaded.counts.delivered and attempt.request.report:
        audited = audit(con, settings, attempt.contract, loaded, attempt.batch, attempt.landed)
    failed = [result for result in audited.results if result.refuses]
    if failed and (not attempt.request.accept or not all(result.concedable for result in failed)):
        raise Refusal(
            _outcome(attempt, loaded, audited, "refused", examples=_examples(con, attempt, loaded)), attempt, audited
        )
    outcome = _outcome(attempt, loaded, audited, "conceded" if failed else "published")
    record(con, attempt, audited, outcome)
    if update_dwd and attempt.batch not in restand(con, attempt.contract, before, fresh=attempt.batch):
        outcome = replace(outcome, notes=(*outcome.notes, say("not_standing")))
    return outcome


def _examples(con: Connection, attempt: Attempt, loaded: Loaded) -> tuple[str, ...]:
    if not loaded.counts.quarantined:
        return ()
    around = attempt.plan.around(loaded.period, attempt.landed)
    return examples_of(con, attempt.contract, around, attempt.landed, attempt.batch)


def _load_or_fail(con: Connection, attempt: Attempt) -> Loaded:
    """Load, turning a file that cannot be read into a result of its own, so that the refusal is recorded like any other."""
    task = Task(
        attempt.contract, attempt.landed, attempt.plan.around(attempt.period, attempt.landed), attempt.batch, attempt.period,
        attempt.started.isoformat(), lambda period: other_batches(attempt, period), dict(attempt.request.manifest), attempt.request.exact,
    )  # fmt: skip
    try:
        return load(con, task)
    except SourceError as error:
        return _unreadable(attempt.period, error)


def other_batches(attempt: Attempt, period: str) -> list[str]:
    """Return the standing batches whose keys a delivery of this period must not repeat, as the mode has it."""
    mode = attempt.contract.ingest.mode
    if mode in ("upsert", "replace"):
        return []
    others = [batch for batch in attempt.known if batch.stands and batch.delivery != attempt.delivery]
    if mode == "replace_period":
        others = [batch for batch in others if batch.period != period]
    return [batch.batch_id for batch in others]


def _share(result: Result, delivered: int) -> float | None:
    """Percentage of the delivered rows; None for a result that does not count rows."""
    return round(100 * result.unexpected / delivered, 3) if delivered and not result.rule.startswith("batch.") else None


def _outcome(attempt: Attempt, loaded: Loaded, audited: Audit, verdict: str, examples: tuple[str, ...] = ()) -> Outcome:
    counts = loaded.counts
    failed = [result for result in audited.results if result.refuses]
    reasons = tuple(
        Reason(r.rule, r.unexpected, _share(r, counts.delivered), r.text)
        for r in sorted(audited.results, key=lambda r: (not r.refuses, -r.unexpected)) if r.unexpected and (r.refuses or r.kind != "quarantined")
    )  # fmt: skip
    message = "\n".join(dict.fromkeys(result.text for result in failed))
    if attempt.request.accept and not all(result.concedable for result in failed):
        message += "\n" + say("not_concedable")
    return Outcome(
        attempt.contract.id, attempt.landed.file_name, loaded.period, attempt.landed.sha256, attempt.batch, verdict, counts.delivered,
        counts.delivered - counts.quarantined, counts.quarantined, report=str(audited.page) if audited.page else "", message=message,
        reasons=reasons, examples=examples, notes=(*attempt.landed.notes, *loaded.notes, *audited.notes), seconds={**loaded.seconds, **audited.seconds},
    )  # fmt: skip
