"""Landing keeps the bytes of a delivery: whole, once, read-only, found again."""

import errno
import gzip
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.errors import DiskFull, EnvironmentFault, SourceChanged, SourceError
from pipelines.sources import keeping, landing
from pipelines.sources.landing import land, open_landed
from tests.sources.conftest import contract_of

DATA = "a,b,c\n1,鼓浪屿,3\n".encode()
Deliver = Callable[..., Path]


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(f"*/{keeping._INCOMING}*"))


def test_the_bytes_are_kept_under_their_sha256_read_only(deliver: Deliver, tmp_path: Path) -> None:
    landed = land(contract_of(), deliver(DATA), tmp_path / "landing")
    assert landed.path == tmp_path / "landing" / "trips" / sha256(DATA).hexdigest() / "trips.csv"
    assert landed.path.read_bytes() == DATA
    assert landed.path.stat().st_mode & 0o777 == 0o440
    assert (landed.size, landed.readable, landed.encoding) == (len(DATA), landed.path, "utf-8")
    assert not leftovers(tmp_path / "landing")


def test_a_landed_delivery_is_opened_again_without_its_original(deliver: Deliver, tmp_path: Path) -> None:
    path = deliver("a,b,c\n1,集美区,3\n".encode("gb18030"))
    landed = land(contract_of(encoding="gb18030"), path, tmp_path / "landing")
    path.unlink()
    assert open_landed(tmp_path / "landing", "trips", landed.sha256) == landed


def test_landing_can_be_moved(deliver: Deliver, tmp_path: Path) -> None:
    landed = land(contract_of(), deliver(DATA), tmp_path / "landing")
    (tmp_path / "landing").rename(tmp_path / "elsewhere")
    assert open_landed(tmp_path / "elsewhere", "trips", landed.sha256).path.read_bytes() == DATA


def test_bytes_that_never_landed_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in landing"):
        open_landed(tmp_path, "trips", "0" * 64)


def test_the_same_bytes_land_once_and_the_second_name_is_known(deliver: Deliver, tmp_path: Path) -> None:
    first = land(contract_of(), deliver(DATA), tmp_path / "landing")
    stamp = first.path.stat().st_mtime_ns
    second = land(contract_of(), deliver(DATA, "再次报送.csv"), tmp_path / "landing")
    assert second == first.named("再次报送.csv")
    assert second.path.stat().st_mtime_ns == stamp
    assert {file.name for file in first.folder.iterdir()} == {"trips.csv", "再次报送.csv", "meta.json"}


def test_many_landings_of_the_same_bytes_at_once_agree(deliver: Deliver, tmp_path: Path) -> None:
    path = deliver(DATA * 1000)
    with ThreadPoolExecutor(8) as pool:
        landed = set(pool.map(lambda _: land(contract_of(), path, tmp_path / "landing"), range(16)))
    assert len(landed) == 1
    assert landed.pop().path.read_bytes() == DATA * 1000


def test_a_half_moved_landing_is_done_over(deliver: Deliver, tmp_path: Path) -> None:
    path = deliver(DATA)
    landed = land(contract_of(), path, tmp_path / "landing")
    (landed.folder / "meta.json").unlink()
    assert land(contract_of(), path, tmp_path / "landing") == landed
    assert open_landed(tmp_path / "landing", "trips", landed.sha256) == landed


def test_another_encoding_in_the_contract_prepares_the_text_anew(deliver: Deliver, tmp_path: Path) -> None:
    landed = land(contract_of(encoding="gb18030"), deliver("a,b,c\n1,강남구,3\n".encode("cp949")), tmp_path / "landing")
    assert "강남구" not in landed.readable.read_text("utf-8")
    again = open_landed(tmp_path / "landing", "trips", landed.sha256, contract_of(encoding="cp949"))
    assert "강남구" in again.readable.read_text("utf-8")
    assert open_landed(tmp_path / "landing", "trips", landed.sha256) == again
    assert land(contract_of(encoding="cp949"), landed.path, tmp_path / "landing") == again


@pytest.mark.parametrize(
    "name", ["meta.json", "厦" * 84 + ".a", "x[1]*?.csv", 'it\'s a "file".csv', ".hidden", "a.utf8"]
)
def test_any_file_name_can_land(deliver: Deliver, tmp_path: Path, name: str) -> None:
    data = "a,b,c\n1,思明区,3\n".encode("gb18030")
    landed = land(contract_of(encoding="gb18030"), deliver(data, name), tmp_path / "landing")
    assert landed.file_name == name
    assert landed.path.read_bytes() == data
    assert "思明区" in landed.readable.read_text("utf-8")
    assert open_landed(tmp_path / "landing", "trips", landed.sha256).path == landed.path


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.csv: \[missing\]"):
        land(contract_of(), tmp_path / "nowhere.csv", tmp_path / "landing")


def test_a_folder_is_no_delivery(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a file"):
        land(contract_of(), tmp_path, tmp_path / "landing")


def test_a_file_that_may_not_be_read_says_so(deliver: Deliver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = deliver(DATA)
    opened = Path.open

    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        if self == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(self, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"\[unreadable\] .*Permission denied"):
        land(contract_of(), path, tmp_path / "landing")
    assert not leftovers(tmp_path / "landing")


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), "".encode("utf-16")])
def test_an_empty_file_says_so(deliver: Deliver, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match=r"\[empty\]"):
        land(contract_of(), deliver(data), tmp_path / "landing")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04" + bytes(60), "ZIP archive is cut off"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), "XLS"),
        (b"PAR1" + bytes(60), "Parquet"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<!DOCTYPE html><html></html>", "web page"),
    ],
)
def test_another_kind_of_file_is_named(deliver: Deliver, tmp_path: Path, data: bytes, kind: str) -> None:
    with pytest.raises(SourceError, match=kind):
        land(contract_of(), deliver(data), tmp_path / "landing")


def test_gzip_is_unpacked_whatever_the_name(deliver: Deliver, tmp_path: Path) -> None:
    packed = gzip.compress(DATA) + gzip.compress(b"2,x,y\n") + bytes(512)  # two members, padded as on tapes
    for name in ("trips.csv.gz", "trips.csv"):
        landed = land(contract_of(), deliver(packed, name), tmp_path / "landing")
        assert landed.compressed
        assert landed.readable.read_bytes() == DATA + b"2,x,y\n"
        assert landed.path.read_bytes() == packed
        assert landed.counts.lines == 3


def test_gzip_and_gb18030_together(deliver: Deliver, tmp_path: Path) -> None:
    landed = land(contract_of(), deliver(gzip.compress("a,b,c\n湖里区𠮷\n".encode("gb18030"))), tmp_path / "landing")
    assert landed.readable.read_text("utf-8") == "a,b,c\n湖里区𠮷\n"


def test_highly_compressed_gzip_is_unpacked_in_pieces(
    deliver: Deliver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sources.compressed._PIECE", 1000)
    data = b"a,b,c\n" + b"1,2,3\n" * 50_000
    landed = land(contract_of(), deliver(gzip.compress(data)), tmp_path / "landing")
    assert landed.readable.read_bytes() == data


@pytest.mark.parametrize("cut", [1, 8, 9, 20])
def test_truncated_gzip_says_so(deliver: Deliver, tmp_path: Path, cut: int) -> None:
    noise = random.Random(1).randbytes(50_000).hex().encode()
    with pytest.raises(SourceError, match=r"\[gzip\] the gzip file is cut off"):
        land(contract_of(), deliver(gzip.compress(b"a,b,c\n" + noise)[:-cut]), tmp_path / "landing")
    assert not leftovers(tmp_path / "landing")


def test_damaged_gzip_says_so(deliver: Deliver, tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"a,b,c\n" + random.Random(1).randbytes(5000).hex().encode()))
    packed[2500] ^= 0xFF
    with pytest.raises(SourceError, match=r"\[gzip\] the gzip data are damaged"):
        land(contract_of(), deliver(bytes(packed)), tmp_path / "landing")


@pytest.mark.parametrize("change", ["grows", "grows for ever", "shrinks", "is replaced", "is rewritten", "goes away"])
def test_a_file_that_changes_while_it_is_read_is_not_taken(
    deliver: Deliver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = deliver(DATA * 100)
    read = landing._chunks
    monkeypatch.setattr(landing, "CHUNK", 1000)

    def meddled(file: Path) -> Iterator[bytes]:
        for place, chunk in enumerate(read(file)):
            if file == path and (place == 0 or change == "grows for ever"):
                meddle(path, change)
            yield chunk

    monkeypatch.setattr(landing, "_chunks", meddled)
    with pytest.raises(SourceChanged):
        land(contract_of(), path, tmp_path / "landing")
    assert not leftovers(tmp_path / "landing")
    assert not list((tmp_path / "landing" / "trips").iterdir())


def meddle(path: Path, change: str) -> None:
    if change.startswith("grows"):
        with path.open("ab") as file:
            file.write(b"9,9,9\n" * 1000)
    elif change == "shrinks":
        os.truncate(path, 10)
    elif change == "is replaced":
        other = path.with_name("other")
        other.write_bytes(path.read_bytes())
        other.replace(path)
    elif change == "is rewritten":
        path.write_bytes(path.read_bytes())
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, DiskFull), (errno.EROFS, EnvironmentFault)])
def test_a_full_disk_leaves_nothing_behind(
    deliver: Deliver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    path = deliver(DATA)

    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(landing, "_keep", full)
    with pytest.raises(error, match="landing"):
        land(contract_of(), path, tmp_path / "landing")
    assert not list((tmp_path / "landing" / "trips").iterdir())


def test_what_a_killed_landing_left_is_cleared_once_old(deliver: Deliver, tmp_path: Path) -> None:
    land(contract_of(), deliver(DATA), tmp_path / "landing")
    left = tmp_path / "landing" / "trips" / f"{keeping._INCOMING}dead"
    left.mkdir()
    (left / "original").write_bytes(b"half")
    assert keeping.clear_incoming(tmp_path / "landing") == 0
    os.utime(left, (0, 0))
    assert keeping.clear_incoming(tmp_path / "landing") == 1
    assert not left.exists()


def test_a_parquet_delivery_is_not_taken_for_text(deliver: Deliver, tmp_path: Path) -> None:
    data = b"PAR1\r\n\x00\xff\xfe"
    landed = land(contract_of(format="parquet"), deliver(data, "trips.parquet"), tmp_path / "landing")
    assert landed.readable.read_bytes() == data
    assert (landed.encoding, landed.counts.lines) == ("", 0)
    packed = land(contract_of(format="parquet"), deliver(gzip.compress(data), "trips.parquet.gz"), tmp_path / "landing")
    assert packed.readable.read_bytes() == data


def test_the_manifest_lands_beside_its_delivery(deliver: Deliver, tmp_path: Path) -> None:
    from pipelines.contracts.model import Control
    from pipelines.sources.manifest import Declared, read_manifest

    contract = contract_of(control=Control(manifest="{name}.manifest.json"))
    path = deliver(DATA)
    deliver(b'{"rows": 1}', "trips.csv.manifest.json")
    landed = land(contract, path, tmp_path / "landing")
    assert read_manifest(contract, landed.folder / landed.file_name) == Declared(rows=1)
