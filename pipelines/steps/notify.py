"""Telling people what they must know: called where an outcome is final. Whatever a notice does, the outcome stands."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.city import load_city
from pipelines.contracts.model import Contract
from pipelines.errors import EngineFault, EnvironmentFault, RongtongError, SourceChanged
from pipelines.lake.incidents import Incident, Message, Notice, OpenIncident
from pipelines.settings import Settings
from pipelines.steps.notices import saying
from pipelines.steps.notices.event import Event
from pipelines.steps.notices.keeping import already_told, keep, not_heard, still_open
from pipelines.steps.notices.posting import notice, post
from pipelines.steps.notices.recipients import Recipient, recipients
from pipelines.steps.notices.sending import send
from pipelines.steps.outcome import TWO_MEASURES, Outcome
from pipelines.wording import say

log = logging.getLogger(__name__)
_TRIES = 24  # at a look an hour, a day
_FAILED = ("failed", "timed_out")
_PUBLISHED = ("published", "conceded", "already_published")


def tell_outcomes(
    settings: Settings, contract: Contract, outcomes: Sequence[Outcome], *, run: str = ""
) -> list[Notice]:
    """Tell what became of deliveries: refused, partly quarantined, recovered, counted in two ways; return the notices, those that failed among them."""
    try:
        return tell(settings, list(_events_of(contract, outcomes, still_open(settings))), run=run)
    except Exception as error:  # noqa: BLE001 - the deliveries have their verdict, and nothing here may take it from them
        log.warning("[notify] %s", saying.error_id(error))
        return []


def tell_fault(
    settings: Settings, contract: Contract, error: Exception, *, file: str = "", run: str = ""
) -> list[Notice]:
    """Tell that our side failed, unless the error is the user's to mend; whoever calls raises the error again."""
    ours = isinstance(error, EnvironmentFault | EngineFault) or not isinstance(error, RongtongError)
    if not ours or isinstance(error, SourceChanged):
        return []
    try:
        return tell(settings, [saying.fault(contract, error, file)], run=run)
    except Exception as second:  # noqa: BLE001 - the first error is the one to be raised
        log.warning("[notify] %s", saying.error_id(second))
        return []


def tell_models(
    settings: Settings, alarms: Sequence[tuple[Contract, Sequence[str]]], batch: str, *, run: str = ""
) -> list[Notice]:
    """Tell of the models whose rules were counted in two ways in the transform `batch`; return the notices."""
    try:
        return tell(settings, [saying.disagreement(made, "", batch, told) for made, told in alarms], run=run)
    except Exception as error:  # noqa: BLE001 - the tables are made, and nothing here may take that from them
        log.warning("[notify] %s", saying.error_id(error))
        return []


def tell_trial(settings: Settings) -> list[Notice]:
    """Send a test to every channel of the city and its contracts; return one notice per channel."""
    everyone: dict[tuple[str, str], Recipient] = {}
    for contract in (None, *all_contracts(settings)[0]):
        for recipient in recipients(settings, contract):
            everyone.setdefault((recipient.shown, recipient.url), recipient)
    event = saying.trial(load_city(settings.city).name)
    answers = send(event.subject, event.body, list(everyone.values()), seconds=settings.notify_seconds, kind=event.tone)
    now = datetime.now(UTC)
    said = event.said(now)
    notices = [notice(said, answer.recipient, answer.state, answer.detail, answer.seconds, now) for answer in answers]
    if notices:
        keep(settings, [], notices)
    return notices


def tell(
    settings: Settings,
    events: Sequence[Event],
    *,
    run: str = "",
    now: datetime | None = None,
    dead: set[str] | None = None,
) -> list[Notice]:
    """Post events to whom they concern, not twice within a day, and record both; a dead channel costs its time once."""
    if not events:
        return []
    moment = now or datetime.now(UTC)
    told = already_told(settings, moment)
    groups: dict[tuple[Recipient, ...], list[Message]] = {}
    notices: list[Notice] = []
    for event in events:
        fresh, message = [], event.said(moment)
        for recipient in recipients(settings, None if event.ours else event.contract):
            if recipient.is_second and event.happened != "escalated":
                continue
            if (event.digest, recipient.shown) in told:
                notices.append(notice(message, recipient, "suppressed", "told within a day", 0.0, moment))
            else:
                fresh.append(recipient)
        if fresh:
            groups.setdefault(tuple(fresh), []).append(message)
    silent = set() if dead is None else dead
    for to, messages in groups.items():
        notices += post(settings, to, messages, silent, moment)
    waiting = keep(settings, list(_incidents(events, run, moment)), notices, _unheard(events, notices, moment))
    if waiting:
        log.warning("[notify] kept outside the ledger for now: %s", waiting.splitlines()[0][:120])
    return notices


def tell_again(settings: Settings, now: datetime, dead: set[str]) -> list[Notice]:
    """Post what went out to some channel in vain within a day, to that channel, in the words it had; return the notices."""
    contracts = {contract.id: contract for contract in all_contracts(settings)[0]}
    groups: dict[tuple[Recipient, ...], list[Message]] = {}
    for message, channels in not_heard(settings, now, _TRIES):
        concerned = recipients(settings, contracts.get(message.dataset))
        to = tuple(recipient for recipient in concerned if recipient.shown in channels)
        if to:
            groups.setdefault(to, []).append(message)
    notices = [one for to, messages in groups.items() for one in post(settings, to, messages, dead, now)]
    if notices:
        keep(settings, [], notices)
    return notices


def _unheard(events: Sequence[Event], notices: Sequence[Notice], now: datetime) -> list[Message]:
    """The words to keep, where a channel did not take them; what is overdue the watchdog words anew at every look."""
    failed = {one.digest for one in notices if one.state in _FAILED}
    return [
        event.said(now)
        for event in events
        if event.digest in failed and (event.kind, event.happened) != ("overdue", "opened")
    ]


def _incidents(events: Iterable[Event], run: str, now: datetime) -> Iterable[Incident]:
    for event in events:
        yield Incident(
            event.incident, event.dataset, event.period, event.kind, event.happened, event.batch, event.due_at, event.subject,
            run, now,
        )  # fmt: skip
        for last in event.also:
            yield replace(last, event="closed", batch_id=event.batch, told=event.subject, run=run, told_at=now)


def _events_of(contract: Contract, outcomes: Iterable[Outcome], before: Iterable[OpenIncident]) -> Iterable[Event]:
    """The events of outcomes in their order: what one closes the next does not close again."""
    matters = {one.last.incident: one for one in before if one.last.dataset == contract.id}
    for outcome in outcomes:
        if outcome.verdict == "refused":
            event = saying.refused(contract, outcome)
            matters.setdefault(event.incident, _just_opened(event))
            yield event
        elif outcome.verdict in _PUBLISHED:
            if outcome.quarantined:
                yield saying.quarantined(contract, outcome)
            over = [one for one in matters.values() if _is_over(one, outcome)]
            over.sort(key=lambda one: one.last.period != outcome.period)  # the notice speaks of the period's own first
            for one in over:
                del matters[one.last.incident]
            if over:
                yield saying.recovered(contract, over[0], outcome, (one.last for one in over[1:]))
        if alarms := [note for note in outcome.notes if note.startswith(TWO_MEASURES)]:
            yield saying.disagreement(contract, outcome.period, outcome.batch, alarms)


def _just_opened(event: Event) -> OpenIncident:
    """A matter that a later outcome of the same run may close."""
    now = datetime.now(UTC)
    last = Incident(
        event.incident, event.dataset, event.period, event.kind, event.happened, event.batch, None, event.subject, "", now
    )  # fmt: skip
    return OpenIncident(last, now, escalated=False, unheard=False)


def _is_over(matter: OpenIncident, outcome: Outcome) -> bool:
    """Whether a published delivery ends a matter: that of its period, a file whose period nobody knows, our own fault."""
    if matter.last.kind == "fault" or matter.last.period in ("", "-"):
        return True
    return matter.last.kind in ("refused", "overdue") and matter.last.period == outcome.period


def failures(notices: Iterable[Notice]) -> list[str]:
    """Return one sentence per channel that did not get its notice."""
    return list(dict.fromkeys(
        say("notice_not_sent", channel=one.channel, state=one.state, detail=one.detail).rstrip()
        for one in notices if one.state in _FAILED
    ))  # fmt: skip
