"""What children do: publish, read and maintain in processes of their own, and die or pause where a test says."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.lake.connection import Connection
from pipelines.settings import Settings
from pipelines.steps import ingest as ingest_step
from pipelines.steps import maintain as maintain_step
from pipelines.steps import publish as publish_step
from pipelines.steps import quarantine, rebuild, replay, retract  # noqa: F401  (imported once, before the fork)
from pipelines.steps.audit import Audit
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.record import Request
from tests.spine.zygote import tell, wait

Act = Callable[[], None]


def measured_once(con: Any, settings: Any, contract: Any, loaded: Any, batch: str, landed: Any) -> Audit:
    """Stand in for the audit: SQL's measure alone."""
    return Audit(loaded.results, None, (), {})


def alone() -> None:
    """Let SQL measure alone in this process; the forking process calls it."""
    publish_step.audit = measured_once


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def pause() -> None:
    """Tell the test that the point is reached, and go on when it says so."""
    tell("paused")
    wait()


@dataclass
class Watched:
    """A connection that acts before (or after) its n-th statement, or the first one that contains a text."""

    con: Connection
    act: Act
    number: int = -1
    text: str = ""
    after: bool = False
    count: int = 0

    def execute(self, query: str, *arguments: Any) -> Any:
        """Run a statement; act when it is the one."""
        self.count += 1
        hit = self.count == self.number or bool(self.text and self.text in query)
        if hit:
            self.text, self.number = "", -1
        if hit and not self.after:
            self.act()
        answer = self.con.execute(query, *arguments)
        if hit and self.after:
            self.act()
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)


def _ingest(con: Any, where: Settings, contract: Contract, path: Path, request: dict[str, Any]) -> Outcome:
    try:
        return ingest_step.ingest_file(con, where, contract, path, Request(**request))
    except RefusedOutcome as refused:
        return refused.outcome


def publish(
    where: Settings, contract: Contract, path: Path, *, ready: bool = False, **request: Any
) -> Outcome:
    """Ingest one file on a connection of its own; `ready`: wait for the test once it is open."""
    con = ingest_step.writer(where)
    if ready:
        tell("ready")
        wait()
    return _ingest(con, where, contract, path, request)


def publish_watched(
    where: Settings, contract: Contract, path: Path, act: Act, watch: dict[str, Any], **request: Any
) -> tuple[Outcome, int]:
    """Ingest one file and act at a statement; return the outcome and how many statements there were."""
    con = Watched(ingest_step.writer(where), act, **watch)
    return _ingest(con, where, contract, path, request), con.count


def step_watched(step: str, act: Act, watch: dict[str, Any], *arguments: Any, **named: Any) -> Any:
    """Run `retract`, `replay`, `rebuild` or `maintain` with a connection that acts at a statement."""
    module = {"retract": retract, "replay": replay, "rebuild": rebuild, "maintain": maintain_step}[step]
    real = ingest_step.writer
    module.writer = lambda where: Watched(real(where), act, **watch)  # type: ignore[attr-defined]
    return getattr(module, step)(*arguments, **named)


def maintain(where: Settings) -> dict[str, object]:
    """Maintain the lake."""
    return maintain_step.maintain(where)
