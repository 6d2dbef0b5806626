"""Measures one thing in a process of its own, so that neither memory nor warmth leaks into the next one."""

import importlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any


@dataclass
class Measured:
    """What a measured block took; `cpu` is of all its threads, `peak_mb` of its whole process, imports included."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@contextmanager
def clocked() -> Iterator[Measured]:
    """Give the measurement of the block, complete when the block has ended."""
    found = Measured()
    started, used = time.perf_counter(), time.process_time()
    yield found
    found.seconds, found.cpu = time.perf_counter() - started, time.process_time() - used
    found.peak_mb = peak_mb()


def peak_mb() -> float:
    """Return the most memory this process ever held, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def apart(function: str, *arguments: Any, forked: bool = False) -> Measured:
    """Return what `benchmarks.<module>.<function>` measured in a new process; RuntimeError when that ends without an answer.

    `forked`: the process shares this one's imports instead of beginning with none. The disk is quiet before it starts:
    what others left to be written is written first.
    """
    os.sync()
    here, there = multiprocessing.Pipe(duplex=False)
    process = _context(forked).Process(target=_answer, args=(there, function, arguments))
    process.start()
    there.close()
    try:
        return here.recv()  # type: ignore[no-any-return]
    except EOFError:
        process.join()
        raise RuntimeError(f"{function} ended with exit code {process.exitcode}") from None
    finally:
        process.join()


def _context(forked: bool) -> Any:
    return multiprocessing.get_context("fork" if forked else "spawn")


def _answer(there: Connection, function: str, arguments: tuple[Any, ...]) -> None:
    module, _, name = function.rpartition(".")
    there.send(getattr(importlib.import_module(module), name)(*arguments))
    there.close()
