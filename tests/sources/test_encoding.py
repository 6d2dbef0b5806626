"""What a text's encoding is, and what becomes of bytes that are no text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import SourceError
from pipelines.sources import landing
from pipelines.sources.counting import Counter
from pipelines.sources.encoding import Watch
from pipelines.sources.landed import Landed
from pipelines.sources.landing import land
from pipelines.sources.transcoding import Transcoder
from tests.sources.conftest import contract_of

TEXT = "编号,区划名称,姓名\n1,厦门市思明区鼓浪屿街道,𠮷田䶮\n2,受理时间和办理单位,€\n"
Land = Callable[..., Landed]


@pytest.fixture
def landed(tmp_path: Path) -> Land:
    def run(data: bytes, encoding: str = "") -> Landed:
        path = tmp_path / "trips.csv"
        path.write_bytes(data)
        return land(contract_of(encoding=encoding), path, tmp_path / "landing")

    return run


@pytest.mark.parametrize(
    ("codec", "declared", "found"),
    [
        ("utf-8", "", "utf-8"),
        ("utf-8-sig", "", "utf-8"),
        ("utf-8-sig", "utf-8", "utf-8"),
        ("utf-16", "", "utf-16-le"),
        ("utf-16", "utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16-be", "utf-16-be"),
        ("gb18030", "", "gb18030"),
        ("gb18030", "gb18030", "gb18030"),
        ("gb18030", "GBK", "gb18030"),
        ("gb18030", "gb2312", "gb18030"),
    ],
)
def test_text_is_read_in_its_encoding(landed: Land, codec: str, declared: str, found: str) -> None:
    delivery = landed(TEXT.encode(codec), declared)
    assert delivery.readable.read_bytes()[delivery.bom :].decode() == TEXT
    assert delivery.encoding == found
    assert delivery.encoding_sure
    assert not delivery.notes
    assert not delivery.undecodable.total
    assert delivery.counts.lines == 3


@pytest.mark.parametrize(
    ("codec", "declared", "found"),
    [
        ("utf-8-sig", "gb18030", "utf-8"),
        ("utf-8", "gb18030", "utf-8"),
        ("utf-8", "utf-16", "utf-8"),
        ("utf-8", "latin-1", "utf-8"),
        ("gb18030", "utf-8", "gb18030"),
        ("utf-16", "gb18030", "utf-16-le"),
    ],
)
def test_bytes_that_contradict_the_contract_are_believed_and_it_is_said(
    landed: Land, codec: str, declared: str, found: str
) -> None:
    delivery = landed(TEXT.encode(codec), declared)
    assert delivery.readable.read_bytes()[delivery.bom :].decode() == TEXT
    assert delivery.encoding == found
    assert any("declared as" in note for note in delivery.notes)


def test_ascii_declared_as_utf16_is_not_believed(landed: Land) -> None:
    delivery = landed(b"a,b,c\n1,2,3\n", "utf-16")
    assert (delivery.encoding, delivery.counts.lines) == ("utf-8", 2)


def test_latin_text_in_utf8_is_told_from_latin1(landed: Land) -> None:
    assert "café" in landed("a,b,c\ncafé,2,3\n".encode(), "latin-1").readable.read_text("utf-8")
    assert "café" in landed("a,b,c\ncafé,2,3\n".encode("latin-1"), "latin-1").readable.read_text("utf-8")


def test_korean_read_as_gb18030_is_not_called_certain(landed: Land) -> None:
    korean = "일자,구분,계\n" + "서울역승하차인원시간대별합계,강남구,3\n" * 20
    delivery = landed(korean.encode("cp949"))
    assert delivery.encoding == "gb18030"
    assert not delivery.encoding_sure
    assert any("not certain" in note for note in delivery.notes)
    assert landed(korean.encode("cp949"), "cp949").encoding_sure


def test_an_unknown_encoding_names_some(landed: Land) -> None:
    with pytest.raises(SourceError, match=r"'gb-18030-x' is no known encoding\. Hint: try utf-8, gb18030"):
        landed(b"a,b,c\n", "gb-18030-x")


def test_utf16_without_a_mark_is_refused_with_a_hint(landed: Land) -> None:
    with pytest.raises(SourceError, match="utf-16-le"):
        landed(("a,b,c\n" + "1,2,3\n" * 10).encode("utf-16-le"))


def test_bytes_that_are_no_text_are_refused(landed: Land) -> None:
    with pytest.raises(SourceError, match="no text"):
        landed(b"\x80\xff" * 500, "gb18030")


def test_too_many_undecodable_places_end_the_reading(landed: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.preparing._MOST_ERRORS", 50)
    with pytest.raises(SourceError, match="no text in gb18030"):
        landed(b"a,b,c\n" + b"\xff,2,3\n" * 60, "gb18030")


def test_undecodable_bytes_become_replacements_with_their_line_and_offset(landed: Land) -> None:
    good = "编号,名称,值\r\n1,思明区受理,3\r\n".encode()
    delivery = landed(good + b"2,\xff\xfe,3\r\n\r\n3,\xe5\x8e,x\r\n")
    assert delivery.encoding == "utf-8"
    assert delivery.undecodable.total == 3
    start = len(good)
    assert delivery.undecodable.places == ((3, start + 2), (3, start + 3), (5, start + 12))
    assert delivery.readable.read_text("utf-8").count("\ufffd") == 3
    assert delivery.counts.lines == 5
    assert any("3 undecodable" in note for note in delivery.notes)


def test_undecodable_bytes_in_declared_gb18030_are_placed_too(landed: Land) -> None:
    good = "编号,名称,值\n1,思明区受理,3\n".encode("gb18030")
    delivery = landed(good + b"2,\xff,3\n" + "3,湖里区,x\n".encode("gb18030") + b"4,\x81", "gb18030")
    assert delivery.undecodable.places == ((3, len(good) + 2), (5, len(good) + 19))
    assert "湖里区" in delivery.readable.read_text("utf-8")


def test_a_bom_and_damage_keep_their_offsets(landed: Land) -> None:
    delivery = landed(b"\xef\xbb\xbf" + "编号,名称,值\n".encode() + b"\xff,2,3\n")
    assert delivery.undecodable.places == ((2, 3 + len("编号,名称,值\n".encode())),)
    assert not delivery.readable.read_bytes().startswith(b"\xef\xbb\xbf")
    assert delivery.bom == 0


def test_a_delivered_replacement_character_is_no_damage(landed: Land) -> None:
    delivery = landed("a,b,c\n\ufffd,2,3\n".encode("gb18030"), "gb18030")
    assert not delivery.undecodable.total


def test_few_places_are_kept_all_are_counted(landed: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.transcoding._KEPT_PLACES", 5)
    delivery = landed(b"a,b,c\n" + b"\xff,2222222222222222222,3\n" * 60, "gb18030")
    assert delivery.undecodable.total == 60
    assert [line for line, _ in delivery.undecodable.places] == [2, 3, 4, 5, 6]


def test_damage_is_weighed_over_the_whole_file_not_a_sample(landed: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.encoding._SAMPLE", 100)
    first, rest = "编号,名称,值\n1,思明区,3\n" * 5, "受理时间段,办理单位,内容\n" * 20_000
    delivery = landed(first.encode() + rest.encode("gb18030"))
    assert delivery.encoding == "gb18030"
    assert not delivery.encoding_sure
    assert 0 < delivery.undecodable.total < 100
    assert landed(first.encode("gb18030") + rest.encode()).encoding == "utf-8"


def test_the_likelier_encoding_stays_when_the_other_is_no_better(
    landed: Land, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pipelines.sources.encoding._SAMPLE", 100)
    delivery = landed("编号,名称,值\n".encode() * 20 + b"\xff\x80,0123456789012345678\n" * 200)
    assert (delivery.encoding, delivery.undecodable.total) == ("utf-8", 400)
    assert not list(tmp_path.glob("landing/trips/*/*.rival"))


def test_characters_of_gb18030_2022_are_no_private_ones(landed: Land) -> None:
    old = bytes.fromhex("fe59fe61fe66fe67fe6dfe7efe90fea0a8bca6d9a6f3")
    text = landed(b"a,b,c\n" + old + b",2,3\n", "gb18030").readable.read_text("utf-8")
    assert text.split("\n")[1] == "龴龵龶龷龸龹龺龻ḿ︐︙,2,3"


@given(
    text=st.text(st.characters(exclude_categories=("Cs", "Co")), max_size=60),
    codec=st.sampled_from(["gb18030", "utf-8", "utf-16-le", "utf-16-be"]),
    size=st.integers(1, 7),
)
def test_pieces_of_any_size_decode_to_the_same_text(text: str, codec: str, size: int) -> None:
    data = text.encode(codec)
    transcoder, counter = Transcoder(codec, 100), Counter()
    out = b""
    for at in range(0, len(data), size):
        piece = transcoder.feed(data[at : at + size], counter.newlines, counter.held)
        counter.feed(piece)
        out += piece
    out += transcoder.feed(b"", counter.newlines, counter.held, final=True)
    assert not transcoder.undecodable.total
    assert out.decode() == text


@given(data=st.binary(max_size=80), size=st.integers(1, 9))
def test_damage_is_counted_and_placed_the_same_in_pieces_of_any_size(data: bytes, size: int) -> None:
    assert damage(data, size) == damage(data, 1000)


def damage(data: bytes, size: int) -> tuple[bytes, object]:
    transcoder, counter = Transcoder("utf-8", 1000), Counter()
    out = b""
    for at in range(0, len(data), size):
        piece = transcoder.feed(data[at : at + size], counter.newlines, counter.held)
        counter.feed(piece)
        out += piece
    out += transcoder.feed(b"", counter.newlines, counter.held, final=True)
    assert out == data.decode("utf-8", "replace").encode()
    assert transcoder.undecodable.total == len(list(bad_places(data)))
    return out, transcoder.undecodable


def bad_places(data: bytes) -> list[int]:
    found, at = [], 0
    while True:
        try:
            data[at:].decode()
        except UnicodeDecodeError as error:
            found.append(at + error.start)
            at += error.end
        else:
            return found


@given(data=st.binary(max_size=40), size=st.integers(1, 9))
def test_whether_bytes_are_utf8_is_seen_through_pieces_of_any_size(data: bytes, size: int) -> None:
    watch = Watch()
    for at in range(0, len(data), size):
        watch.feed(data[at : at + size])
    watch.close()
    assert watch.ascii == data.isascii()
    assert watch.utf8 == (not bad_places(data))


def test_small_chunks_change_nothing(landed: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = landed(TEXT.encode("gb18030") * 50)
    monkeypatch.setattr(landing, "CHUNK", 7)
    for file in whole.folder.iterdir():
        file.unlink()
    assert landed(TEXT.encode("gb18030") * 50) == whole
