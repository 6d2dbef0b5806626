"""Asking a dataset's source and publishing what is new: each answer is a delivery like any other."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipelines.errors import RongtongError, SourceError, UsageError
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.sources.faults import NotThere
from pipelines.steps.fetch import Fetched, Wanted, fetch, questions
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.plan import Plan
from pipelines.steps.record import Request
from pipelines.steps.remembered import judged, remember_given
from pipelines.wording import say

Publish = Callable[[Path, Request], Outcome]


def pull(
    con: Connection, settings: Settings, plan: Plan, request: Request, publish: Publish, *, again: bool = False
) -> list[Outcome]:
    """Return what became of each answer of the source, oldest period first; refused ones among them.

    A period that the source does not have yet is left out, unless `request` names it. What stops one question does not
    stop the others: it is told as a refusal, or raised when it is the only thing to tell. `again`: see `fetch`.
    """
    outcomes: list[Outcome] = []
    for wanted in questions(plan.contract, request.period):
        try:
            outcomes.append(_one(con, settings, plan, wanted, request, publish, again))
        except NotThere:
            if request.period or not wanted.period:
                raise
        except RongtongError as error:
            if not outcomes and not isinstance(error, SourceError | UsageError):
                raise
            outcomes.append(not_taken(plan.contract.id, wanted.source, wanted.period, error))
    return outcomes


def _one(
    con: Connection, settings: Settings, plan: Plan, wanted: Wanted, request: Request, publish: Publish, again: bool
) -> Outcome:
    with _folder(settings) as folder:
        fetched = fetch(con, settings, plan, wanted, folder, again=again)
        if fetched.path is None:
            return _unchanged(plan, wanted)
        return _published(settings, plan, fetched, fetched.path, request, publish)


def _published(
    settings: Settings, plan: Plan, fetched: Fetched, path: Path, request: Request, publish: Publish
) -> Outcome:
    """Publish an answer; once it has a verdict, the source's answer is remembered, and is not fetched again."""
    wanted = fetched.wanted
    try:
        outcome = publish(path, replace(request, period=wanted.period or None, origin=fetched.origin))
    except RefusedOutcome as refused:
        outcome = refused.outcome
    except SourceError as error:
        outcome = not_taken(plan.contract.id, wanted.source, wanted.period, error)
    given = judged(fetched.given, plan.digest, refused=outcome.verdict == "refused")
    remember_given(settings, plan.contract.table, wanted.source, given)
    return replace(outcome, notes=(*outcome.notes, *fetched.notes))


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    settings.tmp.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="pull-", dir=settings.tmp))  # of mode 700
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unchanged(plan: Plan, wanted: Wanted) -> Outcome:
    message = say("source_unchanged", source=wanted.source)
    return Outcome(
        plan.contract.id, wanted.source, wanted.period, "", "", "already_published", 0, 0, 0, message=message
    )


def not_taken(dataset: str, name: str, period: str, error: RongtongError) -> Outcome:
    """Return the refusal of something that could not even be landed."""
    return Outcome(dataset, name, period, "", "", "refused", 0, 0, 0, message=str(error))
