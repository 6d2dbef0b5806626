"""Which encoding the bytes of a text are in: what the contract says, what the bytes say, and which of them is believed."""

import codecs
import unicodedata
from dataclasses import dataclass, field

import pyarrow as pa

from pipelines.sources.faults import refusal

UTF8 = "utf-8"
GB18030 = "gb18030"
BOMS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAMPLE = 256 << 10
_GB_FAMILY = {"gb2312", "gbk", "gb18030"}
_EAST_ASIAN = ("gb", "big5", "cp9", "euc", "shift_jis", "johab", "hz", "iso2022")
# Characters that official Chinese tables cannot do without. Korean or Japanese bytes read as GB18030 hardly meet them.
_EVERYDAY = frozenset(
    "的一是在不了有人这中大为上个国以要时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民"
    "区市街道路号月日名称编时间数量类型地址单位办理受状态联系电话内容备注序合计省县镇乡村社区优良轻度污染"
)


def codec_of(encoding: str, file: str) -> str:
    """Return Python's name of the codec, '' for none declared; GB2312 and GBK are read as their superset GB18030."""
    if not encoding:
        return ""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise refusal(
            file, "encoding", f"'{encoding}' is no known encoding.", "try utf-8, gb18030, big5, cp949"
        ) from None
    if name == "utf-8-sig":
        return UTF8
    return GB18030 if name in _GB_FAMILY else name


def bom_of(head: bytes) -> tuple[int, str]:
    """Return how many bytes of byte order mark the text starts with, and the encoding they announce (0 and '': none)."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return len(mark), name
    return 0, ""


@dataclass(slots=True)
class Watch:
    """Looks at every piece of a text: is it ASCII, is it UTF-8; keeps a sample of the first part that is not ASCII."""

    ascii: bool = True
    utf8: bool = True
    size: int = 0
    nuls: int = 0
    sample: bytes = b""
    _tail: bytes = field(default=b"", repr=False)

    def feed(self, piece: bytes) -> None:
        """Look at the next piece."""
        self.size += len(piece)
        self.nuls += piece.count(b"\0") if b"\0" in piece else 0
        if self.ascii and not self._tail and piece.isascii():
            return
        if self.ascii:
            self.ascii = False
            self.sample = _from_first_accent(piece)
        elif len(self.sample) < _SAMPLE:
            self.sample += piece[: _SAMPLE - len(self.sample)]
        if self.utf8:
            data = self._tail + piece if self._tail else piece
            cut = len(data) - _open_sequence(data)
            self._tail = data[cut:]
            self.utf8 = _is_utf8(memoryview(data)[:cut])

    def close(self) -> None:
        """Say that the text has ended: a sequence still open is an error."""
        self.utf8 = self.utf8 and not self._tail


def looks_utf8(sample: bytes) -> bool:
    """Whether the sample is UTF-8 with damage rather than GB18030, of whose characters hardly one in ten is valid UTF-8."""
    text = sample.decode(UTF8, "replace")
    wrong = text.count("\ufffd")
    return sum(char > "\x7f" for char in text) - wrong >= wrong


def contradicts(sample: bytes, declared: str) -> bool:
    """Whether valid UTF-8 is so plainly UTF-8 that the declared encoding is wrong.

    Two characters of an East Asian encoding may by chance be one of UTF-8's short sequences, hardly a longer one.
    """
    least = "\u07ff" if declared.startswith(_EAST_ASIAN) else "\x7f"
    return any(char > least for char in sample.decode(UTF8, "ignore"))


def looks_chinese(sample: bytes) -> bool:
    """Whether the sample, read as GB18030, is plainly Chinese: many other encodings are valid GB18030 by chance."""
    text = sample.decode(GB18030, "replace")
    ideographs = [char for char in text if unicodedata.category(char) == "Lo"]
    return len(ideographs) >= 20 and sum(char in _EVERYDAY for char in ideographs) >= 0.1 * len(ideographs)


def _from_first_accent(piece: bytes) -> bytes:
    start = len(piece) - len(piece.lstrip(bytes(range(128))))
    line = piece.rfind(b"\n", 0, start) + 1
    return piece[line if start - line < 1024 else start :][:_SAMPLE]


def _open_sequence(data: bytes) -> int:
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            return back if back < 2 + (byte >= 0xE0) + (byte >= 0xF0) else 0
        if byte < 0x80:
            return 0
    return 0


def _is_utf8(data: memoryview) -> bool:
    offsets = pa.py_buffer(b"\0\0\0\0" + len(data).to_bytes(4, "little"))
    try:
        pa.Array.from_buffers(pa.binary(), 1, [None, offsets, pa.py_buffer(data)]).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True
