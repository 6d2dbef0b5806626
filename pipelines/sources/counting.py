"""Counts lines, newlines, quotes and NULs while bytes pass by: the count of a delivery that no reader can spoil."""

import re

from pipelines.sources.landed import Counts

_RUN = re.compile(rb"\n\n+")


class Counter:
    """Counts pieces of one UTF-8 text in order; a piece may end anywhere, even between CR and LF."""

    def __init__(self, quote: str = '"') -> None:
        self._quote = quote.encode()
        self._lf = self._crlf = self._cr = self._quotes = self._nuls = self._blank = 0
        self._held = b""
        self._fresh_line = True

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
            held, self._held = self._held, b""
            self._count(held)
        return Counts(
            lines=self.newlines + (0 if self._fresh_line else 1),
            lf=self._lf,
            crlf=self._crlf,
            cr=self._cr,
            quotes=self._quotes,
            nuls=self._nuls,
            blank=self._blank,
            ends_with_newline=self._fresh_line and self.newlines > 0,
        )

    def _count(self, piece: bytes) -> None:
        if not piece:
            return
        returns = b"\r" in piece
        crlf = piece.count(b"\r\n") if returns else 0
        self._crlf += crlf
        self._lf += piece.count(b"\n") - crlf
        self._cr += piece.count(b"\r") - crlf if returns else 0
        self._quotes += piece.count(self._quote) if self._quote else 0
        self._nuls += piece.count(b"\0") if b"\0" in piece else 0
        self._blank += (self._fresh_line and piece[:1] in (b"\n", b"\r")) + _blank_inside(piece, returns)
        self._fresh_line = piece[-1:] in (b"\n", b"\r")


def _blank_inside(piece: bytes, returns: bool) -> int:
    if b"\n\n" not in piece and not (returns and (b"\n\r" in piece or b"\r\r" in piece)):
        return 0
    plain = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if returns else piece
    return sum(len(run) - 1 for run in _RUN.findall(plain))
