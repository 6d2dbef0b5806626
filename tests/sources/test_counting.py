"""The count of a delivery's lines depends on no reader and on no chunk size."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.sources.counting import Counter
from pipelines.sources.landed import Counts

PIECES = st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b'"', b"\0", b",", "字".encode()]), max_size=40)


def counted(data: bytes, size: int) -> Counts:
    counter = Counter()
    for at in range(0, len(data), size):
        counter.feed(data[at : at + size])
    return counter.close()


@given(parts=PIECES, size=st.integers(1, 12))
@example(parts=[b"\n", b"\n", b"\n"], size=1)
@example(parts=[b"\r", b"\n"], size=1)
@example(parts=[b"a", b"\r"], size=3)
def test_counts_are_those_of_the_whole_text(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    lines = data.splitlines()
    crlf = data.count(b"\r\n")
    assert counted(data, size) == Counts(
        lines=len(lines),
        lf=data.count(b"\n") - crlf,
        crlf=crlf,
        cr=data.count(b"\r") - crlf,
        quotes=data.count(b'"'),
        nuls=data.count(b"\0"),
        blank=sum(not line for line in lines),
        ends_with_newline=data.endswith((b"\n", b"\r")),
        inner=sum(data[: newline.start()].count(b'"') % 2 for newline in re.finditer(rb"\r\n|\n|\r", data)),
        longest=max(map(len, lines), default=0),
        rare_blanks=any(blank in data for blank in (b"\t", b"\xc2\xa0", b"\xe3\x80\x80")),
        escaped_nuls=False,
    )


@given(
    parts=st.lists(
        st.sampled_from([b"\t", b"\xc2\xa0", b"\xe3\x80\x80", b"\xc2", b"\xe3\x80", b"a", b"\r"]), max_size=4
    ),
    size=st.integers(1, 5),
)
@example(parts=[b"aa", b"\xe3\x80\x80"], size=3)
def test_rare_blanks_are_seen_wherever_a_piece_ends(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    assert counted(data, size).rare_blanks == any(b in data for b in (b"\t", b"\xc2\xa0", b"\xe3\x80\x80"))


@given(
    parts=st.lists(st.sampled_from([b"\\u0000", b"\\", b"u00", b"00", b"a", b"\r"]), max_size=5), size=st.integers(1, 8)
)
@example(parts=[b"aaa", b"\\u0000"], size=4)
def test_an_escaped_nul_is_seen_wherever_a_piece_ends(parts: list[bytes], size: int) -> None:
    data = b"".join(parts)
    assert counted(data, size).escaped_nuls == (b"\\u0000" in data)


def test_another_quote_is_counted_when_asked() -> None:
    counter = Counter("'")
    counter.feed(b"'a','b'\n\"")
    assert counter.close().quotes == 4


def test_without_quoting_no_quote_counts() -> None:
    counter = Counter("")
    counter.feed(b'"a"\n')
    assert counter.close().quotes == 0
