"""What Airflow costs while nothing arrives: the CPU of all its processes, with many contracts and with the sample city's."""

import time

import psutil
from rich.console import Console

from benchmarks.idle import City
from benchmarks.measuring import Measured

SETTLE_S, WATCHED_S = 90, 300


def stand(city: City, settle: float = SETTLE_S, watched: float = WATCHED_S) -> Measured:
    """Measure the processes of a running Airflow on this city for `watched` seconds, after `settle` seconds of quiet."""
    city.enter()
    from pipelines.launch import AirflowServer
    from pipelines.settings import settings

    found = Measured()
    with AirflowServer(settings(), console=Console(quiet=True)):
        time.sleep(settle)
        started, used = time.perf_counter(), _cpu_of_children()
        time.sleep(watched)
        found.seconds, found.cpu = time.perf_counter() - started, _cpu_of_children() - used
    return found


def _cpu_of_children() -> float:
    """CPU seconds of every process below this one, those that ended and were waited for among them."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total
