"""A process that has imported everything and opened nothing: it forks a child for every job, so that each is cheap.

A process that holds a DuckDB connection must not fork (its threads do not come along), and a fresh interpreter costs a
second of imports; hence this one in between. A job is a function of an importable module with arguments that pickle.
"""

import os
import pickle
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
_STARTED, _RETURNED, _RAISED, _TOLD = "started", "returned", "raised", "told"


class Killed(Exception):
    """The child ended without an answer."""


class Child:
    """A running job."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.pid = int(self._receive(60)[1])

    def _receive(self, seconds: float) -> tuple[str, Any]:
        try:
            if not self._connection.poll(seconds):
                raise TimeoutError(f"the child said nothing for {seconds} s")
            message: tuple[str, Any] = self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise Killed from None
        return message

    def told(self, seconds: float = 120) -> Any:
        """Wait for the next thing the job tells (see `tell`)."""
        kind, value = self._receive(seconds)
        if kind == _RAISED:
            raise value
        assert kind == _TOLD, f"the job was over: {value!r}"
        return value

    def say(self, value: Any = None) -> None:
        """Tell the job something (see `wait`)."""
        self._connection.send(value)

    def result(self, seconds: float = 120) -> Any:
        """Wait for what the job returns, skipping what it tells; raise what it raises, Killed when it was killed."""
        try:
            while True:
                kind, value = self._receive(seconds)
                if kind == _RAISED:
                    raise value
                if kind == _RETURNED:
                    return value
        finally:
            self._connection.close()

    def kill(self) -> None:
        """Kill the job (SIGKILL) and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(Killed, Exception):
            self.result(30)
        deadline = time.monotonic() + 30
        while Path(f"/proc/{self.pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.002)


class Zygote:
    """The parent's end of the process that forks."""

    def __init__(self, folder: Path) -> None:
        self._address = str(folder / "socket")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Zygote":
        command = [sys.executable, "-m", "tests.spine.zygote", self._address]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
        deadline = time.monotonic() + 120
        while not Path(self._address).exists():
            assert self._process.poll() is None, "the forking process did not start"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait(30)

    def start(self, job: Callable[..., Any], *arguments: Any, **named: Any) -> Child:
        """Run a job in a child of its own."""
        connection = Client(self._address, "AF_UNIX")
        connection.send((job.__module__, job.__qualname__, arguments, named))
        return Child(connection)

    def run(self, job: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Run a job and return what it returns."""
        return self.start(job, *arguments, **named).result()


_parent: Connection | None = None


def tell(value: Any = None) -> None:
    """Tell the test something, from inside a job."""
    assert _parent is not None
    _parent.send((_TOLD, value))


def wait(seconds: float = 120) -> Any:
    """Wait for the test to say something, from inside a job."""
    assert _parent is not None
    assert _parent.poll(seconds), "the test said nothing"
    return _parent.recv()


def _child(connection: Connection) -> None:
    global _parent
    _parent = connection
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    connection.send((_STARTED, os.getpid()))
    try:
        module, name, arguments, named = connection.recv()
        __import__(module)
        answer: tuple[str, Any] = (_RETURNED, getattr(sys.modules[module], name)(*arguments, **named))
    except BaseException as error:  # noqa: BLE001  (the test shall see it, whatever it is)
        answer = (_RAISED, _sendable(error))
    connection.send(answer)
    connection.close()


def _sendable(error: BaseException) -> BaseException:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _serve(address: str) -> None:
    from tests.spine.jobs import alone  # with it comes everything a job needs

    alone()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children: they leave no zombies
    with Listener(address, "AF_UNIX") as listener:
        while True:
            connection = listener.accept()
            if os.fork() == 0:
                _child(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    from tests.spine import zygote  # the module that jobs import, not this one by another name

    zygote._serve(sys.argv[1])
