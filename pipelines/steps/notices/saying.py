"""The words of notices: what happened, how much, by which rule, and the exact command to go on with. Never a value.

Only what the contract itself says is quoted (titles, rule names) and numbers of rows: the reasons that the command line
prints may quote headings and totals of the file, so they are not used.
"""

import re
import shlex
from collections.abc import Iterable, Iterator

from pipelines.contracts.model import Contract
from pipelines.errors import EnvironmentFault, RongtongError
from pipelines.lake.incidents import Incident, OpenIncident
from pipelines.lake.pseudonym import scrubbed
from pipelines.names import quoted
from pipelines.steps.late import Gap
from pipelines.steps.notices.event import Event, Kind
from pipelines.steps.outcome import TWO_MEASURES, Outcome, Reason
from pipelines.wording import kind_text, say, told

_SHOWN_REASONS = 6
_ID = re.compile(r"^(?:\S+ )?(\[[a-z-]+\])")
_BATCH_KINDS = {"rows": "rowCount"}


def refused(contract: Contract, outcome: Outcome) -> Event:
    """The event of a delivery that was refused."""
    file = scrubbed(outcome.file)
    lines = [*_numbers(outcome), say("notice_why"), *_reasons(contract, outcome.reasons)]
    lines += [say("notice_nothing_published"), say("notice_next")]
    if outcome.quarantined:
        lines.append(say("notice_feedback", command=f"rongtong feedback {contract.id} --out {contract.table}.xlsx"))
    lines.append(say("notice_check", command=f"rongtong check {contract.id} {shlex.quote(file)}"))
    lines.append(say("notice_ingest", command=ingest_command(contract, file, outcome.period)))
    if outcome.valid and outcome.quarantined:
        accept = f"{ingest_command(contract, file, outcome.period)} --accept REASON --by NAME"
        lines.append(say("notice_accept", command=accept))
    rules = sorted({reason.rule for reason in outcome.reasons})
    return _event(
        contract, "refused", outcome.period, lines, batch=outcome.batch, seed=(outcome.sha256 or file, *rules)
    )


def quarantined(contract: Contract, outcome: Outcome) -> Event:
    """The event of a delivery that was published but for some of its rows."""
    lines = [*_numbers(outcome), say("notice_why"), *_reasons(contract, outcome.reasons), say("notice_next")]
    lines.append(say("notice_list", command=f"rongtong quarantine list {contract.id} --batch {outcome.batch}"))
    lines.append(say("notice_feedback", command=f"rongtong feedback {outcome.batch} --out {outcome.batch}.xlsx"))
    return _event(contract, "quarantined", outcome.period, lines, batch=outcome.batch, seed=(outcome.sha256,))


def overdue(gap: Gap, days: int, *, escalated: OpenIncident | None = None) -> Event:
    """The event of periods that are due and not there; `escalated`: the first contact was told before."""
    contract, period = gap.contract, gap.periods[0]
    due = gap.due.day.isoformat()
    lines = [say("notice_due", period=gap.shown, due=due, days=days, count=len(gap.periods))]
    lines.append(say("notice_who", provider=contract.provider, owner=contract.owner))
    if escalated:
        lines.append(say("notice_first_told", day=f"{escalated.opened_at:%Y-%m-%d}"))
    if _may_be_empty(contract):
        lines.append(say("notice_empty"))
    lines += [say("notice_next"), say("notice_ingest", command=ingest_command(contract, "FILE", period))]
    lines.append(say("notice_late", command="rongtong show --late"))
    subject = _subject("matter_escalated" if escalated else "matter_overdue", contract, gap.shown)
    return Event(
        "overdue", "escalated" if escalated else "opened", subject, "\n".join(lines), contract, period,
        due_at=gap.due.moment, seed=(due,),
    )  # fmt: skip


def recovered(contract: Contract, was: OpenIncident, outcome: Outcome | None, also: Iterable[Incident] = ()) -> Event:
    """The event of a matter that is over; without an outcome it ended otherwise than by a delivery of now."""
    matter, day = say(f"matter_{was.last.kind}"), f"{was.opened_at:%Y-%m-%d}"
    if outcome is None:
        line = say("notice_withdrawn", matter=matter, day=day)
    else:
        line = say("notice_was", matter=matter, day=day, batch=outcome.batch, valid=outcome.valid)
    subject = _subject("matter_recovered", contract, was.last.period)
    return Event(
        _kind(was.last.kind), "closed", subject, line, contract, was.last.period, outcome.batch if outcome else None,
        seed=(was.opened_at.isoformat(),), also=tuple(also),
    )  # fmt: skip


def fault(contract: Contract, error: Exception, file: str) -> Event:
    """The event of our own failure: by its id, never by what a database said of values."""
    told = error_id(error)
    lines = [say("notice_not_yours", error=told)]
    again = ingest_command(contract, scrubbed(file), "") if file else f"rongtong ingest {contract.id}"
    lines += [say("notice_next"), say("notice_doctor", command="rongtong doctor"), say("notice_again", command=again)]
    return _event(contract, "fault", "", lines, seed=(told,))


def disagreement(contract: Contract, period: str, batch: str, alarms: Iterable[str]) -> Event:
    """The event of two counts of one rule that differ: the platform's people must know, the department has no part in it."""
    rules = sorted({alarm.removeprefix(TWO_MEASURES).strip().partition(":")[0] for alarm in alarms})
    lines = [say("notice_measures", batch=batch)]
    lines += [say("notice_reason_whole", what=rule_text(contract, rule)) for rule in rules[:_SHOWN_REASONS]]
    lines += [say("notice_next"), say("notice_report", batch=batch)]
    subject = _subject("matter_measures", contract, period)
    return Event(
        "measures", "opened", subject, "\n".join(lines), contract, period, batch, seed=(batch, *rules), ours=True,
    )  # fmt: skip


def calendar_ends(message: str) -> Event:
    """The event of a calendar that does not reach what is due."""
    return Event(
        "calendar", "opened", say("notice_own_subject", matter=say("matter_calendar")),
        say("notice_calendar", message=message), seed=(message[-60:],),
    )  # fmt: skip


def trial(city: str) -> Event:
    """The event of `notify --test`."""
    return Event(
        "test", "opened", say("notice_own_subject", matter=say("matter_test")), say("notice_test", city=city)
    )  # fmt: skip


def error_id(error: Exception) -> str:
    """Return what may be told of an error: the id in brackets of ours, the type of another."""
    found = _ID.match(str(error)) if isinstance(error, RongtongError) else None
    if found:
        return found[1]
    return "[environment]" if isinstance(error, EnvironmentFault) else f"[{type(error).__name__}]"


def ingest_command(contract: Contract, file: str, period: str) -> str:
    """Return the command that delivers a file, with its period where nothing else tells it."""
    told = f" --period {period}" if period and contract.ingest.period.source == "parameter" else ""
    return f"rongtong ingest {contract.id} --file {shlex.quote(file) if file != 'FILE' else file}{told}"


def _event(
    contract: Contract, kind: Kind, period: str, lines: Iterable[str], *, batch: str = "", seed: tuple[str, ...] = ()
) -> Event:
    subject = _subject(f"matter_{kind}", contract, period)
    return Event(kind, "opened", subject, "\n".join(lines), contract, period, batch or None, seed=seed)


def _subject(matter: str, contract: Contract, period: str) -> str:
    shown = "" if period in ("", "-") else period
    return say("notice_subject", matter=say(matter), title=contract.title, dataset=contract.id, period=shown).strip()


def _kind(text: str) -> Kind:
    kinds: tuple[Kind, ...] = ("refused", "quarantined", "overdue", "fault", "calendar")
    return next(kind for kind in kinds if kind == text)


def _numbers(outcome: Outcome) -> Iterator[str]:
    yield say("notice_file", file=scrubbed(outcome.file))
    if outcome.batch:
        yield say("notice_batch", batch=outcome.batch)
    if outcome.delivered:
        numbers = {name: getattr(outcome, name) for name in ("delivered", "valid", "quarantined")}
        yield say("notice_rows", **numbers)


def _reasons(contract: Contract, reasons: Iterable[Reason]) -> Iterator[str]:
    lines = dict.fromkeys(_reason(contract, reason) for reason in reasons)
    yield from list(lines)[:_SHOWN_REASONS] or [say("notice_reason_whole", what=say("unreadable"))]


def _reason(contract: Contract, reason: Reason) -> str:
    what = rule_text(contract, reason.rule)
    if reason.pct is None:
        return say("notice_reason_whole", what=what)
    return say("notice_reason", what=what, rows=reason.rows, pct=reason.pct)


def rule_text(contract: Contract, rule: str) -> str:
    """Return what breaking a rule means, in the contract's own words: the column's title, the check's description."""
    subject, _, kind = rule.partition(".")
    if subject == "row":
        described = [check.description for check in contract.row_checks if check.name == kind and check.description]
        return f"{(described or [kind_text('row')])[0]} [{rule}]"
    if subject == "batch":
        return f"{_batch_text(contract, kind)} [{rule}]"
    titles = [column.title for column in contract.columns if column.name == subject]
    name = titles[0] if titles and titles[0] else quoted(subject)
    return f"{told(name, _kind_text(kind))} [{rule}]"


def _batch_text(contract: Contract, name: str) -> str:
    for check in contract.batch_checks:
        if check.name == name:
            return check.description or _kind_text(check.metric)
    return say("unreadable") if name == "readable" else _kind_text(_BATCH_KINDS.get(name, name))


def _kind_text(kind: str) -> str:
    try:
        return kind_text(kind)
    except KeyError:
        return kind


def _may_be_empty(contract: Contract) -> bool:
    bands = [check for check in contract.batch_checks if check.metric == "rowCount"]
    return bool(bands) and all((check.minimum or 0) <= 0 for check in bands)
