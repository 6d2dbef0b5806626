"""Takes the bytes of a delivery into `landing/<table>/<sha256>/`, read-only, counted and made readable, in one pass."""

import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from io import FileIO
from pathlib import Path

from pipelines.contracts.model import Contract
from pipelines.errors import SourceChanged, SourceError
from pipelines.sources import keeping
from pipelines.sources.faults import refusal, writing_into
from pipelines.sources.landed import ALL_DECODED, NO_COUNTS, Asked, Landed
from pipelines.sources.manifest import manifest_path
from pipelines.sources.preparing import prepare
from pipelines.sources.returned import refuse_feedback

CHUNK = 4 << 20
_AHEAD = 4  # chunks
_WRITTEN_OUT = 64 << 20


def land(contract: Contract, path: Path, landing: Path) -> Landed:
    """Return the delivery at `path` as it now lies in `landing`, with what was counted on the way.

    The same bytes landing again find their folder; another file name becomes a link to them.
    Raises SourceError (missing, empty, unreadable, cut off, no text, feedback sent back), SourceChanged, DiskFull.
    """
    before = _stat(path)
    refuse_feedback(path)
    table = landing / contract.table
    with writing_into(landing), keeping.incoming(table) as incoming:
        copying = _Copying(path, incoming / keeping.ORIGINAL, before.st_size)
        with closing(copying.chunks()) as chunks:
            prepared = prepare(
                chunks,
                lambda: _chunks(incoming / keeping.ORIGINAL),
                incoming / keeping.ORIGINAL,
                _asked(contract),
                str(path),
                incoming / keeping.TEXT,
            )
        _refuse_change(path, before, copying.size)
        landed = keeping.settle(incoming, table / copying.sha256, path.name, copying.size, _asked(contract), prepared)
        keeping.keep_beside(landed, manifest_path(contract, path))
        return landed


def keep_unread(contract: Contract, path: Path, landing: Path) -> Landed:
    """Keep the bytes of a delivery that `land` refused under `landing/<table>/unread/<sha256>/`, uncounted and unread."""
    table = landing / contract.table
    with writing_into(landing), keeping.incoming(table) as incoming:
        copying = _Copying(path, incoming / keeping.ORIGINAL, path.stat().st_size)
        for _ in copying.chunks():
            pass
        folder = table / "unread" / copying.sha256
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / path.name
        (incoming / keeping.ORIGINAL).replace(kept)
        kept.chmod(0o440)
    return Landed(
        contract.table, copying.sha256, copying.size, path.name, folder, path.name, "", _asked(contract), "", True, False, 0,
        NO_COUNTS, ALL_DECODED, (),
    )  # fmt: skip


def open_landed(landing: Path, table: str, sha256: str, contract: Contract | None = None) -> Landed:
    """Return what landed earlier under that sha256, prepared anew when the contract now asks for another encoding."""
    landed = keeping.known(landing / table / sha256)
    if landed is None:
        raise SourceError(
            f"{landing / table / sha256}: [landing] these bytes are not in landing. Hint: deliver the file again."
        )
    if contract is None or landed.asked == _asked(contract):
        return landed
    with writing_into(landing), keeping.incoming(landing / table) as incoming:
        prepared = prepare(
            _chunks(landed.path),
            lambda: _chunks(landed.path),
            landed.path,
            _asked(contract),
            landed.file_name,
            incoming / keeping.TEXT,
        )
        return keeping.settle(incoming, landed.folder, landed.file_name, landed.size, _asked(contract), prepared)


class _Copying:
    """Copies a file while its bytes pass; hashing and writing go on in threads beside whoever takes the chunks."""

    def __init__(self, source: Path, target: Path, expected: int) -> None:
        self._source, self._target, self._expected = source, target, expected
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def chunks(self) -> Generator[bytes]:
        # One thread each, so that every piece keeps its place; a bounded number of pieces waits, so that memory stays small.
        with (
            self._target.open("xb", buffering=0) as copy,
            ThreadPoolExecutor(1) as hashing,
            ThreadPoolExecutor(1) as writing,
        ):
            under_way: deque[Future[object]] = deque()
            for chunk in _chunks(self._source):
                self.size += len(chunk)
                if self.size > self._expected:  # it may grow for ever
                    raise _changed(self._source)
                under_way += [hashing.submit(self._hash.update, chunk), writing.submit(_keep, copy, chunk)]
                yield chunk
                while len(under_way) > 2 * _AHEAD:
                    under_way.popleft().result()
            for done in under_way:
                done.result()


def _keep(copy: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[copy.write(rest) :]
    if copy.tell() % _WRITTEN_OUT < len(chunk):  # while other threads work, not all of it at the end
        os.fdatasync(copy.fileno())


def _asked(contract: Contract) -> Asked:
    ingest = contract.ingest
    return Asked(ingest.format, ingest.encoding, ingest.quote, ingest.member)


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise refusal(str(path), "unreadable", f"the file cannot be read: {error.strerror}.") from error


def _stat(path: Path) -> os.stat_result:
    try:
        found = path.stat()
    except OSError as error:
        raise refusal(str(path), "missing", f"the file cannot be opened: {error.strerror}.") from error
    if not path.is_file():
        raise refusal(str(path), "no-file", "this is a folder or a device, not a file.", "name one file")
    if not found.st_size:
        raise refusal(str(path), "empty", "the file holds no bytes.", "send the file again")
    return found


def _refuse_change(path: Path, before: os.stat_result, size: int) -> None:
    try:
        after = path.stat()
    except OSError as error:
        raise SourceChanged(
            f"{path}: [changed] the file went away while it was read; nothing was published."
        ) from error
    same = (before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns)
    if not same or size != after.st_size:
        raise _changed(path)


def _changed(path: Path) -> SourceChanged:
    return SourceChanged(
        f"{path}: [changed] the file changed while it was read; nothing was published. Hint: try again."
    )
