"""Trying a file: the same land and publish, then everything is rolled back. Needs no lake and leaves none."""

import tempfile
from dataclasses import replace
from pathlib import Path

from pipelines.contracts.model import Contract
from pipelines.lake.connection import lake_exists
from pipelines.settings import Settings
from pipelines.sources.landing import land
from pipelines.steps.ingest import manifest_numbers, writer
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.plan import plan_of
from pipelines.steps.publish import publish
from pipelines.steps.record import Look, Request


def check(
    settings: Settings,
    contract: Contract,
    path: Path,
    *,
    period: str | None = None,
    full: bool = False,
    look: Look | None = None,
) -> Outcome:
    """Return the verdict a file would get now (refused ones too), publishing nothing and keeping no bytes.

    With a lake, keys and references are held against what stands there; without one, a throw-away lake serves.
    `full` also lets Great Expectations count, as publishing does. `look` is shown the batch before it is rolled back.
    """
    with tempfile.TemporaryDirectory(prefix="rongtong-check-") as folder:
        where = settings if lake_exists(settings) else replace(settings, home=Path(folder) / "lake", catalogue="")
        con = writer(where)
        try:
            landed = land(contract, path, Path(folder) / "landing")
            request = Request(
                period=period,
                keep=False,
                again=True,
                report=full,
                manifest=manifest_numbers(contract, path, landed),
                origin=str(path),
                look=look,
            )
            outcome = publish(con, replace(where, data_docs=Path(folder)), plan_of(where, contract), landed, request)
        except RefusedOutcome as refused:
            outcome = refused.outcome
        finally:
            con.close()
    return replace(outcome, report="")  # its page went with everything else
