"""Puts the machine into the state of one that has run for a day: its memory full of cached files.

The first use of a page that a host lent out again costs a virtual machine many times what the page costs afterwards,
and whoever writes most, as landing does, pays most of it: up to three seconds for 1.5 GB. Free pages are such pages;
those that hold cached files are not, and are given up for nothing.
"""

from functools import cache
from io import FileIO
from pathlib import Path

_LEFT = 512 << 20
_BLOCK = 32 << 20


def settle(work: Path, file: Path) -> None:
    """Fill the free memory with the holes of a file in `work` that takes no place on the disk, then read `file` once.

    At most what was free is read: where holes are not cached (tmpfs) or memory is rationed, this ends too.
    """
    holes, left = _holes(work), _meminfo("MemFree")
    while left > 0 and _meminfo("MemFree") > _LEFT:
        left -= len(holes.read(_BLOCK)) or holes.seek(0) or _BLOCK
    with file.open("rb", buffering=0) as cached:
        while cached.read(_BLOCK):
            pass


@cache
def _holes(work: Path) -> FileIO:
    """The file stays open, so that each time goes on where the last one ended: what was read first is given up first."""
    holes = (work / "holes").open("w+b", buffering=0)
    holes.truncate(2 * _meminfo("MemTotal"))
    return holes


def _meminfo(name: str) -> int:
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) << 10
