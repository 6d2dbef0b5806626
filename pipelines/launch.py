"""A real Airflow on this machine, started, driven and stopped by us: nothing of it stays when the `with` block ends.

Its processes are started one by one, each in its own session: `airflow standalone` leaves orphans when it is
terminated, and imports Airflow once more than needed.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

from rich.console import Console

from pipelines.airflow_api import AirflowApi
from pipelines.airflow_history import forget_history
from pipelines.airflow_home import AirflowHome, free_port, prepare
from pipelines.airflow_runs import AirflowRuns
from pipelines.errors import EnvironmentFault, UsageError
from pipelines.settings import Settings

PROCESSES: Mapping[str, tuple[str, ...]] = {
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
}
# No task of ours waits in the triggerer; without it the UI's front page shows a red mark.
TRIGGERER = ("triggerer", "--skip-serve-logs")
UI_PORT = 8080  # where `up` shows the UI unless something else is there
IDLE_SECONDS = 2  # how long the scheduler of `up` sleeps when nothing happens: half as long costs 0.9 % of a core more
START_SECONDS = 180
TIDY_SECONDS = 86_400.0
STOP_SECONDS = 20


class AirflowServer(AirflowRuns):
    """Scheduler, DAG processor and API server on the embedded lake, as a context manager.

    `idle_seconds`: how long the scheduler sleeps when nothing happens.
    Entering waits until they are healthy; leaving stops them (SIGTERM, and SIGKILL to what is left after 20 s).
    """

    def __init__(
        self, settings: Settings, *, console: Console | None = None, port: int = 0, idle_seconds: int = 1
    ) -> None:
        self._settings = settings
        self._console = console or Console(stderr=True)
        self._port, self._idle_seconds = port, idle_seconds
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_only_one(self._settings.home / "airflow"))
            self.home: AirflowHome = prepare(self._settings, self._port, self._idle_seconds)
            super().__init__(AirflowApi(self.home.url, self.home.user, self.home.password), str(self.home.logs))
            stack.enter_context(_termination_unwinds())
            stack.callback(self.stop)
            self._start()
            self._closing = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @property
    def url(self) -> str:
        """Address of the UI."""
        return self.home.url

    def watch(self) -> None:
        """Keep house and return never: only an interruption or the death of a process ends it.

        Starts the triggerer too, has the DAG files parsed again when a contract changes, forgets old history daily.
        """
        self._processes["triggerer"] = self._spawn("triggerer", TRIGGERER)
        known, tidied = "", -TIDY_SECONDS
        for _ in self._until(float("inf"), pause=3):
            known = parse_again_when_changed(self._settings, known)
            if time.monotonic() - tidied > TIDY_SECONDS:
                forget_history(self.home)
                tidied = time.monotonic()

    def stop(self) -> None:
        """Stop every process of this server; returns when none is left."""
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        for process in self._processes.values():
            _kill_session(process.pid)
            process.wait()
        self._processes.clear()

    def _start(self) -> None:
        with self._console.status("Airflow: preparing its database") as status:
            self._migrate()
            for name, command in PROCESSES.items():
                self._processes[name] = self._spawn(name, command)
            for _ in self._until(START_SECONDS):
                health = self.api.health()
                waiting = [name for name in ("scheduler", "dag_processor") if health.get(name) != "healthy"]
                if health and not waiting:
                    return self._must_be_ours()
                status.update(f"Airflow: waiting for {', '.join(waiting) if health else 'its API server'}")
        raise EnvironmentFault(f"Airflow is not healthy after {START_SECONDS} s. Hint: see {self.home.logs}")

    def _must_be_ours(self) -> None:
        """Another server may have taken the port since it was found free: only ours knows our password."""
        try:
            self.api.dags()
        except UsageError as error:
            raise EnvironmentFault(f"another Airflow answers at {self.url}: {error} Hint: try again.") from None

    def _migrate(self) -> None:
        """Bring Airflow's own database to the installed version; free when it is there already."""
        version = importlib.metadata.version("apache-airflow")
        stamp = self.home.folder / "airflow.version"
        if stamp.exists() and stamp.read_text() == version:
            return
        process = self._spawn("migrate", ("db", "migrate"))
        self._processes["migrate"] = process
        if process.wait(START_SECONDS):
            raise EnvironmentFault(f"Airflow's database: 'airflow db migrate' failed.\n{self._tail('migrate')}")
        del self._processes["migrate"]
        stamp.write_text(version)

    def _spawn(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with self._log_file(name).open("wb") as log:
            return subprocess.Popen(
                [*_dies_with_us(), "airflow", *command],
                env=dict(self.home.env),
                cwd=self.home.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _until(self, seconds: float, pause: float = 0.3) -> Iterator[None]:
        """Come round until the time is over; EnvironmentFault as soon as one of the processes is dead."""
        for _ in super()._until(seconds, pause):
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise EnvironmentFault(f"Airflow's {name} ended ({process.returncode}).\n{self._tail(name)}")
            yield

    def _log_file(self, name: str) -> Path:
        return self.home.logs / f"{name}.log"

    def _tail(self, name: str, lines: int = 20) -> str:
        text = self._log_file(name).read_text(encoding="utf-8", errors="replace")
        return "\n".join([f"{self._log_file(name)}:", *text.splitlines()[-lines:]])


def parse_again_when_changed(settings: Settings, known: str) -> str:
    """Return a digest of how the city's contracts and models look; when it is not `known`, let Airflow see its DAG files as changed.

    It asks names, sizes and times of the files, not their content: this is done every few seconds.
    """
    looks = sorted(_looks(settings.schemas) | _looks(settings.city / "models"))
    digest = hashlib.sha256(repr(looks).encode()).hexdigest()
    if known not in ("", digest):
        for file in (settings.city / "dags").glob("*.py"):
            file.touch()
    return digest


def _looks(folder: Path) -> set[tuple[str, int, int]]:
    found = set()
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # an editor's own file may be gone by now
            stat = path.stat()
            found.add((str(path), stat.st_size, stat.st_mtime_ns))
    return found


def up(settings: Settings) -> None:
    """Run Airflow in the foreground until Ctrl-C (or SIGTERM), telling where its UI is and how to log in."""
    console = Console()
    with (
        contextlib.suppress(KeyboardInterrupt),
        AirflowServer(settings, console=console, port=free_port(UI_PORT), idle_seconds=IDLE_SECONDS) as server,
    ):
        console.print(f"Airflow  [link={server.url}]{server.url}[/link]")
        console.print(f"login    {server.home.user} / {server.home.password}   ({server.home.folder / 'login.json'})")
        console.print(f"lake     {settings.home}")
        console.print("Ctrl-C stops everything.")
        server.watch()


def _kill_session(leader: int) -> None:
    """Kill what is left of a session. Running tasks have process groups of their own, so `killpg` would miss them."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(int(entry.name)) == leader:
                os.kill(int(entry.name), signal.SIGKILL)


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[IO[str]]:
    """Hold the folder's lock: two schedulers on one SQLite database would hurt each other."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise UsageError(
                f"Airflow already runs on this lake (process {lock.read().strip() or 'unknown'}). "
                f"Hint: stop it with Ctrl-C there, or set RONGTONG_HOME to another lake."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock


@contextlib.contextmanager
def _termination_unwinds() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this process as Ctrl-C does: through every `with` block."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _dies_with_us() -> list[str]:
    """A prefix that ends the child when this process is killed outright; nothing where util-linux is missing."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
