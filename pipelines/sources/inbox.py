"""Which deliveries wait in an inbox, and which were seen before. Looks at names and stats alone; imports nothing heavy."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

SETTLE = 5.0
_UNFINISHED = (".part", ".tmp")
_MANIFEST = ".manifest.json"


def waiting(inbox: Path, table: str, domain: str, source: str, seen: Path, settle: float = SETTLE) -> list[Path]:
    """Return the files that wait for a dataset, sorted by name.

    `source` is a file, a folder or a glob, absolute or relative to `inbox`; '' means `<domain>/<table>/*`. Left out:
    hidden and unfinished files (.part, .tmp), manifests, files touched within `settle` seconds, and those in `seen`.
    """
    now = time.time()
    files = _files(inbox, source or f"{domain}/{table}")
    found = [(path, stat) for path, stat in files if abs(now - stat.st_mtime) >= settle]
    known = _remembered(seen) if found else set()
    fresh = [path for path, stat in found if _key(path, stat) not in known]
    return sorted(fresh, key=lambda path: (path.name, str(path)))


def remember(seen: Path, path: Path) -> None:
    """Append the file, as it is now, to the JSON lines of `seen`; a file that changes later waits again."""
    name, size, mtime_ns = _key(path, path.stat())
    line = json.dumps({"path": name, "size": size, "mtime_ns": mtime_ns}, ensure_ascii=False)
    seen.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(seen, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, f"\n{line}\n".encode())  # the leading newline ends a line torn by a crash
    finally:
        os.close(descriptor)


def _candidates(inbox: Path, pattern: str) -> Iterator[Path]:
    """The paths that a file, a folder or a glob names; a file name may look like a glob."""
    place = inbox / pattern
    if place.is_file():
        yield place
    elif place.is_dir():
        yield from place.iterdir()
    else:
        base = Path(place.anchor) if Path(pattern).is_absolute() else inbox
        yield from base.glob(str(Path(pattern).relative_to(base)) if base is not inbox else pattern)


def _files(inbox: Path, pattern: str) -> Iterator[tuple[Path, os.stat_result]]:
    for path in _candidates(inbox, pattern):
        if path.name.startswith(".") or path.name.endswith((*_UNFINISHED, _MANIFEST)):
            continue
        try:
            stat = path.stat()
        except OSError:  # taken away since it was listed
            continue
        if S_ISREG(stat.st_mode):
            yield path, stat


def _key(path: Path, stat: os.stat_result) -> tuple[str, int, int]:
    return str(path.absolute()), stat.st_size, stat.st_mtime_ns


def _remembered(seen: Path) -> set[tuple[str, int, int]]:
    known = set()
    for line in _lines(seen):
        try:
            entry = json.loads(line)
            known.add((entry["path"], entry["size"], entry["mtime_ns"]))
        except (ValueError, KeyError, TypeError):  # a line torn by a crash: the file waits again, which does no harm
            continue
    return known


def _lines(seen: Path) -> list[str]:
    try:
        return [line for line in seen.read_text("utf-8").split("\n") if line]
    except FileNotFoundError:
        return []
