"""When the place fails: the file changes, the disk is full. A clear error, try again, and nothing was published."""

import errno
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contracts.model import Contract
from pipelines.errors import DiskFull, EnvironmentFault, SourceChanged
from pipelines.settings import Settings
from pipelines.sources import landing
from pipelines.steps.outcome import Outcome
from tests.spine import jobs
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right
from tests.spine.zygote import Zygote

HEAD = b"id,n,mark\n"
GOOD = b"ok,1,x\n"


def test_a_file_that_changes_while_it_is_read_is_not_published(shared: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    described = shared.orders()
    path = shared.file("growing.csv", HEAD + GOOD * 1000)
    chunks = landing._chunks

    def growing(source: Path) -> Any:
        yield from chunks(source)
        if source == path:
            with path.open("ab") as file:
                file.write(b"late,1,x\n")

    monkeypatch.setattr(landing, "_chunks", growing)
    with pytest.raises(SourceChanged, match=r"growing\.csv") as told:
        shared.ingest(described, path)
    assert told.value.exit_code == 3
    assert not list((shared.where.landing / described.table).glob("*/growing.csv"))
    monkeypatch.undo()
    assert shared.ingest(described, path).quarantined == 1001 - 1
    assert_dwd_is_right(shared, described)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB; needs the right to mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no right to mount a small disk here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Leave only so many bytes free."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
    ballast.write_bytes(b"\0" * (free - left))
    return ballast


@pytest.mark.parametrize("left", [40_000, 500_000], ids=["landing does not fit", "the table does not fit"])
def test_a_full_disk_publishes_nothing_and_says_so(lake: Lake, small_disk: Path, zygote: Zygote, left: int) -> None:
    full = Lake(replace(lake.where, home=small_disk / "home"), lake.folder)
    described = full.orders(max_invalid_pct=100, format="parquet")
    small, path = full.file("small.parquet", b""), full.file("big.parquet", b"")
    pq.write_table(pa.table({"id": ["ok"], "n": [1], "mark": ["x"]}), small)
    full.ingest(described, small)
    full.close()
    columns = {name: [f"{name * 60}{row:06d}" for row in range(60_000)] for name in ("id", "mark")}
    pq.write_table(pa.table(columns | {"n": [1] * 60_000}), path, compression="zstd", use_dictionary=False)
    ballast = fill(small_disk, left)
    with pytest.raises(DiskFull) as told:
        zygote.run(jobs.publish, full.where, described, path)
    assert told.value.exit_code == 3
    ballast.unlink()
    assert full.dwd(described) == [("ok", 1, "x")]
    assert_dwd_is_right(full, described)
    assert full.ingest(described, path).verdict == "published"
    assert_dwd_is_right(full, described)
    full.close()


def with_little_room(bytes_left: int, where: Settings, described: Contract, path: Path) -> Outcome:
    """Publish in a process that may write no file larger than that."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, resource.RLIM_INFINITY))
    return jobs.publish(where, described, path)


def test_a_file_that_may_not_grow_is_a_fault_of_the_place(shared: Lake, zygote: Zygote) -> None:
    described = shared.orders()
    path = shared.file("big.csv", HEAD + b"".join(b"k%d,1,x\n" % row for row in range(100_000)))
    with pytest.raises(EnvironmentFault) as told:
        zygote.run(with_little_room, 500_000, shared.where, described, path)
    assert told.value.exit_code == 3
    assert_dwd_is_right(shared, described)
    assert shared.ingest(described, path).verdict == "published"


def test_no_space_left_while_landing_is_a_full_disk(shared: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    described = shared.orders()

    def full(copy: Any, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(landing, "_keep", full)
    with pytest.raises(DiskFull):
        shared.deliver(described, "a.csv", HEAD + GOOD)
    assert_dwd_is_right(shared, described)
