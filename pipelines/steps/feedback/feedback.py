"""Telling a department what is wrong with its delivery: after a refusal, after rows were set aside, or before sending."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.city import load_city
from pipelines.contracts.model import City, Contract
from pipelines.contracts.serial import from_json
from pipelines.errors import SourceError, UsageError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection, lake_exists
from pipelines.lake.ledger import KnownBatch
from pipelines.names import table_of_batch
from pipelines.settings import Settings
from pipelines.steps import quarantine
from pipelines.steps.check import check
from pipelines.steps.feedback.deadline import answer_days, due_day
from pipelines.steps.feedback.gathering import NOTHING_WRONG, Gatherer, Wrong, gathered
from pipelines.steps.feedback.sheets import Slip, write_slip
from pipelines.steps.find import find_batch
from pipelines.steps.ingest import writer
from pipelines.steps.locate import Place
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.plan import plan_of
from pipelines.steps.publish import publish
from pipelines.steps.replay import landed_of, request_again
from pipelines.wording import say

_BATCH = re.compile(r".+-\d{4,}$")
_HINT = re.compile(r"\s*(?:Hint:|提示：)")


@dataclass(frozen=True, slots=True)
class Told:
    """What was written for the department: how many rows, how many more there are, by when it is to answer."""

    batch: str
    file: str
    period: str
    rows: int
    left_out: int
    due: str
    out: str


def feedback(settings: Settings, name: str, out: Path) -> Told | None:
    """Write the workbook of a batch, or of a dataset's newest batch with open problems; None (no file) when there is none.

    UsageError: no such dataset or batch. LockHeld: a refused batch is checked again, beside nobody's publishing.
    """
    contract = find_contract(settings, table_of_batch(name) if _BATCH.match(name) else name)
    if not lake_exists(settings):
        return None
    con = writer(settings)
    try:
        batch = find_batch(con, contract.id, name) if _BATCH.match(name) else _newest(con, contract)
        if batch is None:
            return None
        outcome, wrong = _examined(con, settings, contract, batch)
        if not wrong.rows and outcome.verdict != "refused":
            return None
        return _written(settings, contract, outcome, wrong, out, asked=True)
    finally:
        con.close()


def check_report(
    settings: Settings, contract: Contract, path: Path, out: Path, *, period: str | None = None, full: bool = False
) -> Outcome:
    """Return the verdict a file would get, and write what is wrong with it as the workbook a department would be sent."""
    gatherer = Gatherer()
    outcome = check(settings, contract, path, period=period, full=full, look=gatherer)
    _written(settings, contract, replace(outcome, batch=""), gatherer.wrong, out, asked=False)
    return outcome


def _newest(con: Connection, contract: Contract) -> KnownBatch | None:
    """The newest batch with problems that no later delivery has mended."""
    known = ledger.batches(con, contract.id)
    unsettled = quarantine.open_rows(con, contract)
    return next(
        (batch for batch in reversed(known) if unsettled.get(batch.batch_id) or _is_unanswered(batch, known)), None
    )


def _is_unanswered(batch: KnownBatch, known: list[KnownBatch]) -> bool:
    """Whether a refused batch was followed by no published one of the same bytes or the same period."""
    later = [b for b in known if b.seq > batch.seq and b.verdict != "refused" and not b.is_retracted]
    same = [b for b in later if b.sha256 == batch.sha256 or batch.period in ("", b.period)]
    return batch.verdict == "refused" and not same


def _examined(con: Connection, settings: Settings, contract: Contract, batch: KnownBatch) -> tuple[Outcome, Wrong]:
    if batch.verdict == "refused":
        return _checked_again(con, settings, contract, batch)
    told = ledger.contract_of(con, contract.id, batch.batch_id)
    plan = plan_of(settings, from_json(told) if told else contract)
    entries = quarantine.rows(settings, contract, state="open", batch=batch.batch_id, con=con)
    found = [Place(**{name: entry[name] for name in Place.__slots__}) for entry in entries]
    try:
        landed = landed_of(con, settings, plan.contract, batch)
    except SourceError:
        landed = None
    wrong = gathered(con, plan, landed, batch.period, found)
    return _known(con, contract, batch), wrong


def _checked_again(con: Connection, settings: Settings, contract: Contract, batch: KnownBatch) -> tuple[Outcome, Wrong]:
    """A refused batch left no rows: its bytes are read again and rolled back. Bytes that could not be read stay unread."""
    try:
        landed = landed_of(con, settings, contract, batch)
    except SourceError:
        return _known(con, contract, batch), NOTHING_WRONG
    gatherer = Gatherer()
    request = replace(request_again(con, contract, batch, ""), keep=False, report=False, accept=None, look=gatherer)
    try:
        outcome = publish(con, settings, plan_of(settings, contract), landed, request)
    except RefusedOutcome as refused:
        outcome = refused.outcome
    except UsageError:  # nothing tells its period: it was refused before a row was read
        return _known(con, contract, batch), NOTHING_WRONG
    return replace(outcome, batch=batch.batch_id), gatherer.wrong


def _known(con: Connection, contract: Contract, batch: KnownBatch) -> Outcome:
    row = con.execute(
        "SELECT delivered, valid, quarantined, message FROM city.quality.batches WHERE dataset = ? AND batch_id = ?",
        [contract.id, batch.batch_id],
    ).fetchone()
    delivered, valid, quarantined, message = row or (0, 0, 0, "")
    file = ledger.file_name(con, contract.id, batch.delivery)
    return Outcome(
        contract.id, file, batch.period, batch.sha256, batch.batch_id, batch.verdict, delivered, valid, quarantined,
        message=message or "",
    )  # fmt: skip


def _written(settings: Settings, contract: Contract, outcome: Outcome, wrong: Wrong, out: Path, *, asked: bool) -> Told:
    city = load_city(settings.city)
    today = datetime.now(ZoneInfo(city.timezone)).date()
    days = answer_days(city)
    due = due_day(settings, today, days) if asked else None
    slip = Slip(
        outcome.batch,
        outcome.file,
        tuple(_facts(city, contract, outcome, today.isoformat(), _due_text(due, days) if asked else "")),
        _messages(contract, outcome, wrong),
        _advice(contract, outcome, wrong, asked=asked),
    )
    write_slip(out, slip, wrong)
    told = _due_text(due, days)
    return Told(outcome.batch, outcome.file, outcome.period, len(wrong.rows), wrong.left_out, told, str(out))


def _due_text(due: date | None, days: int) -> str:
    return say("due_day", day=due.isoformat(), days=days) if due else say("due_in", days=days)


def _facts(city: City, contract: Contract, outcome: Outcome, today: str, due: str) -> list[tuple[str, str | int]]:
    facts: list[tuple[str, str | int]] = [
        (say("dataset"), f"{contract.title} ({contract.id})"),
        (say("provider"), contract.provider),
        (say("file"), outcome.file),
        (say("period"), outcome.period),
        (say("verdict"), say(outcome.verdict if due else f"would_be_{outcome.verdict}")),
        (say("delivered"), outcome.delivered),
        (say("valid"), outcome.valid),
        (say("quarantined"), outcome.quarantined),
        (say("written_on"), today),
    ]
    if due:
        facts.append((say("due"), due))
    contacts = "、".join(f"{name} {address}" for name, address in contract.contacts)
    return [
        *facts,
        (say("sender"), f"{city.name} {contract.owner}"),
        *([(say("contact"), contacts)] if contacts else []),
    ]


def _messages(contract: Contract, outcome: Outcome, wrong: Wrong) -> tuple[str, ...]:
    """What concerns the whole file, without the hints that are for data engineers; and the headings, where no row was read."""
    if outcome.verdict != "refused":
        return ()
    told = [_HINT.split(line)[0] for line in outcome.message.splitlines()]
    headings = "、".join(column.title or column.name for column in contract.columns if column.required)
    return (*told, *([say("headings_wanted", headings=headings)] if headings and not wrong.rows else []))


def _advice(contract: Contract, outcome: Outcome, wrong: Wrong, *, asked: bool) -> tuple[str, ...]:
    if not wrong.rows and outcome.verdict != "refused":
        return (say("advice_sound"),)
    whole = contract.ingest.mode in ("replace", "replace_period")
    told = [say("advice_mend")] if wrong.rows else []
    told.append(say("advice_whole" if whole else "advice_rows") if asked else say("advice_check"))
    return (*told, say("advice_not_this"))
