import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pipelines.errors import SourceError
from pipelines.sources import compressed
from tests.sources.workbooks import xlsx

Reads = Callable[..., Any]
TABLE = b"a,b,c\n1,2,3\n"


def packed(files: Mapping[str, bytes], codec: str = "") -> bytes:
    """A ZIP archive; with `codec` the names are written in it, without the sign for UTF-8."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.encode(codec).decode("cp437") if codec else name, content)
    data = target.getvalue()
    if codec:  # zipfile sets the sign, and writes UTF-8, for whatever is no ASCII
        for name in files:
            wrong = name.encode(codec).decode("cp437").encode()
            assert wrong in data
    return data


def renamed(name: str, codec: str) -> bytes:
    """An archive of one member whose name is in an old encoding, as Chinese Windows packs it."""
    raw = name.encode(codec)
    data = packed({"n" * len(raw): TABLE})
    return data.replace(b"n" * len(raw), raw)


def refused(read: Reads, data: bytes, **ingest: Any) -> str:
    with pytest.raises(SourceError) as error:
        read(data, **({"name": "数据.zip"} | ingest))
    return str(error.value)


def test_the_only_member_of_an_archive_is_read_without_a_word(read: Reads) -> None:
    data = packed({"工单/": b"", "工单/明细.csv": TABLE, "__MACOSX/._明细.csv": b"x"})
    found = read(data, name="工单.zip")
    assert (found.rows, found.missing, found.landed.compressed) == ([("1", "2", "3")], 0, True)
    assert found.landed.path.read_bytes() == data


def test_of_several_members_the_contract_names_one(read: Reads) -> None:
    data = packed({"说明.txt": b"x", "明细_202607.csv": TABLE, "汇总.csv": b"a,b,c\n9,9,9\n"})
    assert read(data, name="a.zip", member="明细_*.csv").rows == [("1", "2", "3")]
    assert read(data, name="a.zip", member="汇总.csv").rows == [("9", "9", "9")]
    assert "[member] it has 3 members: 说明.txt, 明细_202607.csv, 汇总.csv" in refused(read, data)
    assert "[member] 2 of 3 members are called '*.csv'" in refused(read, data, member="*.csv")
    assert "[member] 0 of 3 members are called 'x'" in refused(read, data, member="x")


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_names_that_do_not_say_their_encoding_are_read(read: Reads, codec: str) -> None:
    assert read(renamed("明细表.csv", codec), name="a.zip", member="明细*.csv").rows == [("1", "2", "3")]


def test_gb18030_json_lines_and_workbooks_inside_are_read(read: Reads) -> None:
    text = "a,b,c\n" + "集美区杏林街道办事处的路灯名称,2,3\n" * 5
    assert len(read(packed({"a.csv": text.encode("gb18030")}), name="a.zip").rows) == 5
    assert read(packed({"a.jsonl": b'{"a":1}\n'}), name="a.zip", format="jsonl").rows == [("1",)]
    book = xlsx([["a", "b", "c"], [1, 2, 3]])
    assert read(packed({"a.xlsx": book}), name="a.zip", format="xlsx", member="*.xlsx").rows == [("1", "2", "3")]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (packed({"a.csv": TABLE})[:-30], "[archive] the ZIP archive is cut off or damaged"),
        (xlsx([["a", "b", "c"], [1, 2, 3]]), "[format] the file is an XLSX workbook or another Office document"),
        (packed({}), "[format] the file is an empty ZIP archive"),
        (packed({"b/": b""}), "[member] it has 0 members"),
        (packed({"a.csv": b""}), "[empty]"),
        (packed({"a.pdf": b"%PDF-1.7" + b" " * 50}), "[format] the file is a PDF document"),
        (packed({"a.zip": packed({"a.csv": TABLE})}), "[format] the file is a ZIP archive"),
    ],
)
def test_what_is_wrong_with_an_archive_is_told(read: Reads, data: bytes, told: str) -> None:
    assert told in refused(read, data)


def test_an_encrypted_member_and_a_plain_file_for_a_member_are_told(read: Reads) -> None:
    data = bytearray(packed({"a.csv": TABLE}))
    data[6] |= 1
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "[archive] the ZIP archive is protected by a password" in refused(read, bytes(data))
    assert "[archive] the contract expects a ZIP archive" in refused(read, TABLE, member="*.csv")


def test_a_damaged_member_is_told(read: Reads) -> None:
    data = bytearray(packed({"a.csv": b"a,b,c\n" + b"".join(b"%d,%d,%d\n" % (n, n * 7, n * n) for n in range(3000))}))
    data[2000:2040] = b"\xff" * 40
    assert "[archive] the ZIP archive is cut off or damaged" in refused(read, bytes(data))


def test_archives_made_to_fill_a_disk_are_stopped_early(read: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "_SMALL", 1 << 20)
    zeros = b"a,b,c\n" + b" " * (20 << 20)
    assert "[bomb]" in refused(read, packed({"a.csv": zeros}))
    assert "[bomb]" in refused(read, gzip.compress(zeros), name="a.csv.gz")
