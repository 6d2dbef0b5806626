"""Printing into a pipe whose reader may leave early: `rongtong show | head`, `| grep -q`."""

import os
import sys
from typing import Any, TextIO


class Unheard:
    """Standard output that goes on when its reader has left, into nothing: the verb's own exit code still tells the truth."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        """Everything but writing is the stream's own."""
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            self._leave()
            return len(text)

    def flush(self) -> None:
        """Flush, or drop what is left."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._leave()

    def _leave(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def survive_the_reader() -> None:
    """Let standard output survive its reader."""
    sys.stdout = Unheard(sys.stdout)
