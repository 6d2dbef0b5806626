"""What `rongtong up` costs while nothing arrives: the CPU of all its processes, with many contracts and with the sample city's."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.idle import City
from benchmarks.measuring import Measured
from pipelines.airflow_home import PARSE_SECONDS

SETTLE_S, WATCHED_S, PARSED_S, STOP_S = 240, 300, 60, 60


def stand(city: City, settle: float = SETTLE_S, watched: float = WATCHED_S, parsed: float = PARSED_S) -> Measured:
    """Measure `rongtong up` on this city for `watched` seconds, after `settle` seconds of quiet.

    What parsing the DAG files costs, which happens more rarely than it is watched, is measured for itself and its share added.
    """
    city.enter()
    with _up(city.home.parent / "up.log") as server:
        time.sleep(settle)
        found = _used(server, watched)
        for file in (city.root / "dags").glob("*.py"):
            file.touch()
        again = _used(server, parsed)
    parse = max(0.0, again.cpu - found.cpu * again.seconds / found.seconds)
    found.cpu += parse * found.seconds / PARSE_SECONDS
    found.parts["parse"] = parse
    return found


@contextmanager
def _up(told: Path) -> Iterator[psutil.Process]:
    """A running `rongtong up`, stopped in the end; what it says goes into a file."""
    with told.open("wb") as log:
        server = subprocess.Popen([Path(sys.executable).with_name("rongtong"), "up"], stdout=log, stderr=log)
        try:
            yield psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(STOP_S)


def _used(server: psutil.Process, seconds: float) -> Measured:
    found = Measured()
    started, used = time.perf_counter(), _cpu_of(server)
    time.sleep(seconds)
    found.seconds, found.cpu = time.perf_counter() - started, _cpu_of(server) - used
    return found


def _cpu_of(server: psutil.Process) -> float:
    """CPU seconds of a process and of every one below it, those that ended and were waited for among them."""
    total = 0.0
    for process in [server, *server.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total
