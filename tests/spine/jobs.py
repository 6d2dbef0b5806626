"""What children do: publish, read and maintain in processes of their own, and die or pause where a test says."""

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from pipelines.cli import app
from pipelines.contracts.model import Contract
from pipelines.lake import connect
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
    setattr(publish_step, "audit", measured_once)  # noqa: B010


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def pause() -> None:
    """Tell the test that the point is reached, and go on when it says so."""
    tell("paused")
    wait()


@dataclass
class Watched:
    """A connection that acts before (or after) its n-th statement, or one that contains a text, after skipping some."""

    con: Connection
    act: Act
    number: int = -1
    text: str = ""
    skip: int = 0
    after: bool = False
    count: int = 0

    def execute(self, query: str, *arguments: Any) -> Any:
        """Run a statement; act when it is the one."""
        self.count += 1
        hit = self.count == self.number or bool(self.text and self.text in query)
        if hit and self.skip:
            self.skip, hit = self.skip - 1, False
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


def publish(where: Settings, contract: Contract, path: Path, **request: Any) -> Outcome:
    """Ingest one file on a connection of its own."""
    return _ingest(ingest_step.writer(where), where, contract, path, request)


def publish_when_told(where: Settings, contract: Contract, path: Path, **request: Any) -> tuple[Outcome, float]:
    """Ingest one file once the test says so, the connection being open; return the outcome and the seconds it took."""
    con = ingest_step.writer(where)
    pause()
    started = perf_counter()
    return _ingest(con, where, contract, path, request), perf_counter() - started


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


def write_for(seconds: float, where: Settings, contract: Contract, folder: Path, who: str) -> tuple[int, list[str]]:
    """Publish one small delivery after the other; return how many were committed, and everything that went wrong."""
    con = ingest_step.writer(where)
    committed = 0
    wrong: list[str] = []
    pause()
    end = monotonic() + seconds
    while monotonic() < end:
        path = folder / f"{who}-{committed + len(wrong)}.csv"
        rows = "".join(f"{path.stem}-{row},{row % 10},{path.stem}\n" for row in range(ROWS - 1))
        path.write_text(f"id,n,mark\n{rows}shared-{path.stem},1,{path.stem}\n")
        try:
            outcome = _ingest(con, where, contract, path, {})
        except Exception as error:  # noqa: BLE001  (whatever it is, the test shall hear of it)
            wrong.append(f"{type(error).__name__}: {error}")
            continue
        committed += outcome.verdict == "published"
        if (outcome.verdict, outcome.valid) != ("published", ROWS):
            wrong.append(str(outcome))
    return committed, wrong


def read_for(seconds: float, where: Settings, append: str, upsert: str) -> tuple[int, list[str]]:
    """Ask again and again whether whole deliveries are to be seen; return how often, and everything that went wrong."""
    number = 0
    wrong: list[str] = []
    con = connect(where=where)
    pause()
    end = monotonic() + seconds
    while monotonic() < end:
        number += 1
        try:
            if number % 7 == 0:  # now and then as a newcomer
                con.close()
                con = connect(where=where)
            wrong += [f"{query}: {answer}" for query in WHOLE if (answer := _answer(con, query, append, upsert)) != []]
        except Exception as error:  # noqa: BLE001
            wrong.append(f"{type(error).__name__}: {error}")
    return number, wrong


def _answer(con: Connection, query: str, append: str, upsert: str) -> list[tuple[Any, ...]]:
    return con.execute(query.format(append=append, upsert=upsert, rows=ROWS)).fetchall()


ROWS = 12
WHOLE = (
    "SELECT mark, count(*) FROM dwd.{append} GROUP BY mark HAVING count(*) <> {rows}",
    "SELECT id, count(*) FROM dwd.{upsert} GROUP BY id HAVING count(*) > 1",
    """SELECT told, seen FROM (SELECT coalesce(sum(valid), 0) AS told FROM quality.batches WHERE dataset = 'test.{append}'),
        (SELECT count(*) AS seen FROM dwd.{append}) WHERE told <> seen""",
)


def command(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run the command line; return its exit code and all that it printed."""
    os.environ.update(environment)
    sys.argv = ["rongtong", *arguments]
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            app.main()
        except SystemExit as stop:
            return int(stop.code or 0), printed.getvalue()
    return 0, printed.getvalue()
