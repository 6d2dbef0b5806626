"""The clock of a peer: seconds, CPU seconds and peak memory of a block, printed as one line of JSON."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def measured(notes: list[str]) -> Iterator[None]:
    """Measure the block and print what it took; `notes` may grow inside it."""
    started, used = time.perf_counter(), time.process_time()
    yield
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak_mb(), "notes": notes}), flush=True)


def peak_mb() -> float:
    """Return the most memory this process ever held, in MiB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
