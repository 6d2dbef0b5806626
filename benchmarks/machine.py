"""The machine and the versions of a run, as a reader needs them to compare numbers."""

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("duckdb", "duckdb-extension-ducklake", "great-expectations", "pyarrow", "pandas")


def described() -> list[str]:
    """Return lines about date, processor, memory, system and versions."""
    memory = int(_field("/proc/meminfo", "MemTotal").split()[0]) / 1024**2
    cores = len(os.sched_getaffinity(0))
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return [
        f"{date.today().isoformat()}, {_field('/proc/cpuinfo', 'model name') or platform.machine()}, {cores} cores, {memory:.0f} GB memory",
        f"{system}, Linux {platform.release()}, Python {platform.python_version()}",
        ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    ]


def load() -> float:
    """Return how many processes wanted a core during the last minute."""
    return os.getloadavg()[0]


def _field(path: str, name: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
