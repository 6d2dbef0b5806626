"""The folder of one delivery's bytes in landing: how it comes to be, all or nothing, and how it is found again."""

import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.sources.landed import META, Asked, Landed, from_json, to_json
from pipelines.sources.preparing import Prepared

ORIGINAL, TEXT = "original", "text"
_INCOMING = ".incoming-"
_LONGEST_NAME = 255
_READ_ONLY = 0o440


@contextmanager
def incoming(table: Path) -> Iterator[Path]:
    """Give a folder of one's own on landing's file system; whatever is left in it is removed."""
    folder = table / f"{_INCOMING}{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_incoming(landing: Path, older_than_s: float = 2 * 86400) -> int:
    """Remove what killed landings left behind, if untouched for that many seconds; return how many folders."""
    left = [f for f in landing.glob(f"*/{_INCOMING}*") if time.time() - f.stat().st_mtime > older_than_s]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def known(folder: Path) -> Landed | None:
    """Return the delivery whose bytes are whole in that folder, else None."""
    try:
        landed = from_json((folder / META).read_text("utf-8"), folder)
        whole = landed.path.stat().st_size == landed.size and landed.readable.is_file()
    except FileNotFoundError:
        return None
    return landed if whole else None


def settle(work: Path, folder: Path, name: str, size: int, asked: Asked, prepared: Prepared) -> Landed:
    """Move what lies in `work` into `folder`, named by its sha256, and return it; bytes already there stay."""
    found = known(folder)
    if found is None or found.asked != asked:
        found = _move_in(work, folder, found.stored_name if found else _stored_name(name), size, asked, prepared)
    with suppress(OSError):  # no link on this file system, or the name is taken: the name lives in the ledger, too
        os.link(found.path, folder / name)
    return found.named(name)


def keep_beside(landed: Landed, companion: Path | None) -> None:
    """Copy a delivery's companion (its manifest) into its folder, so that a replay finds it there."""
    if companion and companion.is_file():
        content = companion.read_bytes()
        _write(landed.folder / companion.name, content)


def _move_in(work: Path, folder: Path, stored: str, size: int, asked: Asked, prepared: Prepared) -> Landed:
    folder.mkdir(exist_ok=True)
    landed = Landed(
        table=folder.parent.name,
        sha256=folder.name,
        size=size,
        file_name=stored,
        folder=folder,
        stored_name=stored,
        text_name=_fitting(stored, ".utf8") if prepared.written else "",
        asked=asked,
        encoding=prepared.encoding,
        encoding_sure=prepared.encoding_sure,
        compressed=prepared.compressed,
        bom=prepared.bom,
        counts=prepared.counts,
        undecodable=prepared.undecodable,
        notes=prepared.notes,
    )
    for made, place in ((work / ORIGINAL, landed.path), (work / TEXT, landed.readable)):
        if made.exists() and (made.name == ORIGINAL or prepared.written):
            _move(made, place)
    _write(folder / META, to_json(landed).encode())
    return landed


def _move(made: Path, place: Path) -> None:
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.chmod(_READ_ONLY)
    made.replace(place)


def _write(place: Path, content: bytes) -> None:
    half = place.with_name(f"{_INCOMING}{uuid.uuid4().hex}")
    with half.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stored_name(name: str) -> str:
    return f"{name}.delivered" if name == META else name


def _fitting(name: str, ending: str) -> str:
    """Name with ending, cut to what file systems allow in UTF-8 bytes."""
    return name.encode()[: _LONGEST_NAME - len(ending)].decode(errors="ignore") + ending
