"""Counts lines, newlines, quotes and NULs while bytes pass by: the count of a delivery that no reader can spoil."""

import numpy as np
from numpy.typing import NDArray

from pipelines.sources.landed import Counts

Bytes = NDArray[np.uint8]
Places = NDArray[np.intp]
_LF, _CR = 10, 13
# A tab, a no-break space, an ideographic space: each with the byte it begins with, which is quickly looked for.
_RARE_BLANKS = ((b"\t", b"\t"), (b"\xc2", b"\xc2\xa0"), (b"\xe3", b"\xe3\x80\x80"))
_ESCAPED_NUL = b"\\u0000"


class Counter:
    """Counts pieces of one UTF-8 text in order; a piece may end anywhere, even between CR and LF."""

    def __init__(self, quote: str = '"') -> None:
        self._quote = quote.encode()
        self._lf = self._crlf = self._cr = self._quotes = self._nuls = self._blank = 0
        self._inner = self._longest = self._line = 0
        self._held = b""
        self._fresh_line = True
        self._rare_blanks = False
        self._escaped_nuls = False
        self._cut = b""

    @property
    def newlines(self) -> int:
        """Newlines counted so far; a CR at the very end waits for what follows it."""
        return self._lf + self._crlf + self._cr

    @property
    def held(self) -> bool:
        """Whether the last byte seen was a CR that may still become a CRLF."""
        return bool(self._held)

    def feed(self, piece: bytes) -> None:
        """Count the next piece."""
        if self._held:
            piece, self._held = self._held + piece, b""
        if piece.endswith(b"\r"):
            piece, self._held = piece[:-1], b"\r"
        self._count(piece)

    def close(self) -> Counts:
        """Return the counts of the whole text."""
        if self._held:
            self._held = b""
            self._cr += 1
            self._blank += self._fresh_line
            self._inner += self._quotes % 2
            self._fresh_line = True
        return Counts(
            lines=self.newlines + (0 if self._fresh_line else 1),
            lf=self._lf,
            crlf=self._crlf,
            cr=self._cr,
            quotes=self._quotes,
            nuls=self._nuls,
            blank=self._blank,
            ends_with_newline=self._fresh_line and self.newlines > 0,
            inner=self._inner,
            longest=max(self._longest, self._line),
            rare_blanks=self._rare_blanks,
            escaped_nuls=self._escaped_nuls,
        )

    def _count(self, piece: bytes) -> None:
        if not piece:
            return
        data = np.frombuffer(piece, np.uint8)
        starts, ends, crlf, cr = _newlines(data)
        self._crlf += crlf
        self._cr += cr
        self._lf += len(starts) - crlf - cr
        self._nuls += piece.count(b"\0") if b"\0" in piece else 0
        self._look_for_rare_signs(piece)
        self._measure_lines(starts, ends, len(piece))
        self._count_quotes(piece, data, starts)
        self._fresh_line = piece[-1:] in (b"\n", b"\r")

    def _look_for_rare_signs(self, piece: bytes) -> None:
        seam = self._cut + piece[: len(_ESCAPED_NUL) - 1]
        self._cut = (self._cut + piece[1 - len(_ESCAPED_NUL) :])[1 - len(_ESCAPED_NUL) :]
        if not self._rare_blanks:
            blanks = ((first in piece and blank in piece) or blank in seam for first, blank in _RARE_BLANKS)
            self._rare_blanks = any(blanks)
        if not self._escaped_nuls:
            self._escaped_nuls = (b"\\" in piece and _ESCAPED_NUL in piece) or _ESCAPED_NUL in seam

    def _measure_lines(self, starts: Places, ends: Places, size: int) -> None:
        if not len(starts):
            self._line += size
            return
        inside = starts[1:] - ends[:-1]
        self._blank += int(self._fresh_line and starts[0] == 0) + int(np.count_nonzero(inside == 0))
        self._longest = max(self._longest, self._line + int(starts[0]), int(inside.max(initial=0)))
        self._line = size - int(ends[-1])

    def _count_quotes(self, piece: bytes, data: Bytes, starts: Places) -> None:
        if not self._quote or self._quote not in piece:
            self._inner += len(starts) if self._quotes % 2 else 0
            return
        quotes = np.flatnonzero(data == self._quote[0])
        before = np.searchsorted(quotes, starts) + self._quotes
        self._inner += int(np.count_nonzero(before % 2))
        self._quotes += len(quotes)


def _newlines(data: Bytes) -> tuple[Places, Places, int, int]:
    """Return where every newline starts, where each ends, and how many of them are CRLF and lone CR."""
    feeds = np.flatnonzero(data == _LF)
    is_return = data == _CR
    carriages = int(np.count_nonzero(is_return))  # to count is quicker than to find
    if not carriages:
        return feeds, feeds + 1, 0, 0
    if carriages == len(feeds) and feeds[0] and is_return[feeds - 1].all():
        return feeds - 1, feeds + 1, carriages, 0
    returns = np.flatnonzero(is_return)
    is_crlf = data[np.minimum(returns + 1, len(data) - 1)] == _LF
    crlf = int(np.count_nonzero(is_crlf))
    lone = feeds[(feeds == 0) | (data[feeds - 1] != _CR)]
    starts = np.concatenate([lone, returns])
    ends = np.concatenate([lone + 1, returns + 1 + is_crlf])
    order = np.argsort(starts, kind="stable") if len(lone) else slice(None)
    return starts[order], ends[order], crlf, len(returns) - crlf
