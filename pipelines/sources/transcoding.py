"""Turns text in any encoding into UTF-8 while it streams by, and keeps where bytes were no text."""

import codecs
import threading

from pipelines.sources.encoding import GB18030
from pipelines.sources.landed import Undecodable

_KEPT_PLACES = 1000
_MARK = (
    "\udfff"  # a lone surrogate: no decoder yields one, so it tells our replacement from a U+FFFD that was delivered
)
_MET = threading.local()
# Code points of the private use area that Python's codec yields where GB 18030-2022 has a character.
_GB18030_2022 = {
    0xE7C7: 0x1E3F,
    **dict(zip(range(0xE78D, 0xE797), (0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A)), strict=True)),
    **dict(zip((0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864), range(0x9FB4, 0x9FBC), strict=True)),
}


class TooManyErrors(Exception):
    """The text has more undecodable places than the caller can use."""


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _MET.starts.append(error.start)
    return _MARK, error.end


codecs.register_error("rongtong.mark", _mark)


class Transcoder:
    """Decodes the pieces of one text in order, from byte `offset` of it on.

    Beyond `limit` undecodable places it raises TooManyErrors.
    """

    def __init__(self, codec: str, limit: int, offset: int = 0) -> None:
        self._decoder = codecs.getincrementaldecoder(codec)("replace")
        self._decode = codecs.lookup(codec).decode
        self._chinese = codec == GB18030
        self._limit = limit
        self._offset = offset
        self._total = 0
        self._places: list[tuple[int, int]] = []

    @property
    def undecodable(self) -> Undecodable:
        """What could not be decoded so far."""
        return Undecodable(self._total, tuple(self._places))

    def feed(self, piece: bytes, newlines: int, held: bool, final: bool = False) -> bytes:
        """Return the next piece in UTF-8; `newlines` precede it, not counting a CR `held` back at its edge."""
        pending = self._pending()
        text = self._decoder.decode(piece, final)
        if "\ufffd" in text:
            data = pending + piece
            text = self._marked(data[: len(data) - len(self._pending())])
            self._note(text, self._offset - len(pending), newlines + (held and not text.startswith("\n")))
            text = text.replace(_MARK, "\ufffd")
        self._offset += len(piece)
        return self._mended(text.encode("utf-8", "replace"))

    def _pending(self) -> bytes:
        state = self._decoder.getstate()[0]
        return state if isinstance(state, bytes) else b""

    def _marked(self, data: bytes) -> str:
        _MET.starts = []
        text, _ = self._decode(data, "rongtong.mark")
        self._total += len(_MET.starts)
        if self._total > self._limit:
            raise TooManyErrors
        return text

    def _note(self, text: str, offset: int, newlines: int) -> None:
        at = 0
        for start in _MET.starts[: _KEPT_PLACES - len(self._places)]:
            mark = text.index(_MARK, at)
            before = text[at:mark]
            newlines += before.count("\n") + before.count("\r") - before.count("\r\n")
            self._places.append((newlines + 1, offset + start))
            at = mark + 1

    def _mended(self, data: bytes) -> bytes:
        if self._chinese and b"\xee" in data:
            return data.decode().translate(_GB18030_2022).encode()
        return data
