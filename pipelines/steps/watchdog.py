"""The watchdog: what is due and not there opens an incident, goes to the second contact, and is closed when it comes."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.city import load_city
from pipelines.errors import CalendarEnds
from pipelines.lake.calendar import calendar_of
from pipelines.lake.incidents import Notice, OpenIncident
from pipelines.settings import Settings
from pipelines.standards.working_days import Calendar
from pipelines.steps.late import Gap, Lateness, lateness
from pipelines.steps.notices import saying
from pipelines.steps.notices.event import Event, incident_of
from pipelines.steps.notices.keeping import still_open
from pipelines.steps.notify import tell, tell_again

_TRIES = timedelta(hours=24)  # so long a first notice that did not go out is tried again at every look


def watch(settings: Settings, now: datetime, *, run: str = "") -> list[Notice]:
    """Send again what did not go out, compare cycle and calendar with the ledger, tell what is new; return the notices."""
    dead: set[str] = set()
    again = tell_again(settings, now, dead)
    found = lateness(settings, now)
    return [*again, *tell(settings, list(_news(settings, found, still_open(settings))), run=run, now=now, dead=dead)]


def _news(settings: Settings, found: Lateness, before: list[OpenIncident]) -> Iterator[Event]:
    overdue = {one.last.incident: one for one in before if one.last.kind == "overdue"}
    after = load_city(settings.city).notify.escalate_after
    calendar = calendar_of(settings)
    missing = {incident_of(gap.contract.id, period, "overdue"): gap for gap in found.gaps for period in gap.periods}
    for gap in found.gaps:
        yield from _of_gap(gap, overdue, found.now, after, calendar)
    yield from _over(settings, overdue, missing)
    known = {one.last.told for one in before if one.last.kind == "calendar"}
    for message in found.untold:
        event = saying.calendar_ends(message)
        if event.subject not in known:
            yield event


def _of_gap(
    gap: Gap, overdue: Mapping[str, OpenIncident], now: datetime, after: int, calendar: Calendar
) -> Iterator[Event]:
    """What is new about a gap: nobody knows of it yet (or a channel failed), or the first contact has known for too long."""
    days = (now.date() - gap.due.day).days
    known = overdue.get(incident_of(gap.contract.id, gap.periods[0], "overdue"))
    if known is None or (known.unheard and now - known.opened_at < _TRIES):
        yield saying.overdue(gap, days)
    elif not known.escalated and _worked_since(known.opened_at, now, calendar) >= after:
        yield saying.overdue(gap, days, escalated=known)


def _worked_since(opened: datetime, now: datetime, calendar: Calendar) -> int:
    """Working days since a moment; days as they are where the calendar ends, so that nobody waits for ever."""
    start, end = opened.astimezone(now.tzinfo).date(), now.date()
    try:
        return calendar.between(start, end)
    except CalendarEnds:
        return (end - start).days


def _over(settings: Settings, overdue: Mapping[str, OpenIncident], missing: Mapping[str, Gap]) -> Iterator[Event]:
    """Incidents whose period is there by now, or is not asked for any more."""
    contracts = {contract.id: contract for contract in all_contracts(settings)[0]}
    for incident, one in overdue.items():
        if incident not in missing and one.last.dataset in contracts:
            yield saying.recovered(contracts[one.last.dataset], one, None)
