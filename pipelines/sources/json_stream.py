"""The elements of an array in a JSON document of any size, and where each lies in the file. Nothing is held but one."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.sources.json_text import skip_blank, value_at

_CHUNK = 1 << 20
_LARGEST = 64 << 20
_NEAR_THE_END = 16  # characters: an error there may only mean that the rest is not read yet
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
CUT_OFF = "the document is cut off"


class JsonFault(Exception):
    """A document is no JSON, or not laid out as told; `line` is where."""

    def __init__(self, message: str, line: int) -> None:
        self.message, self.line = message, line
        super().__init__(message)


@dataclass(slots=True)
class Element:
    """One element: its value, the physical line it begins on, and which bytes of the file it is."""

    value: Any
    line: int
    start: int
    size: int


def elements(path: Path, bom: int, keys: Sequence[str]) -> Iterator[Element]:
    """Yield the elements of the array that the keys lead to, having read the document to its end. JsonFault."""
    window = _Window(path, bom)
    yield from _at(window, list(keys))
    if window.peek():
        raise JsonFault("something follows the document", window.line)


def _at(window: "_Window", keys: Sequence[str]) -> Iterator[Element]:
    if keys:
        yield from _member(window, keys)
        return
    if window.peek() != "[":
        raise JsonFault("there is no array of records there", window.line)
    window.take("[")
    more = window.peek() != "]"
    while more:
        yield from window.run()
        yield window.value()
        more = window.goes_on("]")
    window.take("]")


def _member(window: "_Window", keys: Sequence[str]) -> Iterator[Element]:
    if window.peek() != "{":
        raise JsonFault(f"there is no object that could hold '{keys[0]}'", window.line)
    window.take("{")
    met, more = False, window.peek() != "}"
    while more:
        key = window.value()
        window.take(":")
        if key.value == keys[0] and not met:
            met = True
            yield from _at(window, keys[1:])
        else:
            window.value()
        more = window.goes_on("}")
    window.take("}")
    if not met:
        raise JsonFault(f"there is no '{keys[0]}' in it", window.line)


@dataclass(slots=True)
class _Window:
    """A part of the text that moves on as its values are taken; `line` and `byte` are where the next character is."""

    path: Path
    bom: int
    line: int = 1
    byte: int = field(init=False)
    _text: str = ""
    _at: int = 0
    _chunks: Iterator[str] = field(init=False)
    _done: bool = False

    def __post_init__(self) -> None:
        self._chunks, self.byte = self._read(), self.bom

    def peek(self) -> str:
        """Return the next character that is not white space, '' at the end."""
        while True:
            self._advance(skip_blank(self._text, self._at))
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, char: str) -> None:
        """Go beyond the one character that must come next."""
        found = self.peek()
        if found != char:
            raise JsonFault(f"'{char}' expected" if found else CUT_OFF, self.line)
        self._advance(self._at + 1)

    def goes_on(self, end: str) -> bool:
        """Whether a comma, taken now, leads to a further value; otherwise `end` comes next."""
        if self.peek() == end:
            return False
        self.take(",")
        return True

    def value(self) -> Element:
        """Return the next value."""
        if not self.peek():
            raise JsonFault(CUT_OFF, self.line)
        while True:
            try:
                value, end = value_at(self._text, self._at)
            except json.JSONDecodeError as error:
                open_end = error.pos >= len(self._text) - _NEAR_THE_END or "Unterminated" in error.msg
                if open_end and self._more():
                    continue
                line = self.line + self._text.count("\n", self._at, error.pos)
                raise JsonFault(CUT_OFF if open_end else f"this is no JSON: {error.msg}", line) from None
            except RecursionError:
                raise JsonFault("the JSON is nested too deeply", self.line) from None
            if end >= len(self._text) - _NEAR_THE_END and self._more():  # a number may go on
                continue
            found = Element(value, self.line, self.byte, _bytes(self._text, self._at, end))
            self._advance(end)
            return found

    def run(self) -> Iterator[Element]:
        """Yield the values that lie in what is read and have a comma behind them, which is taken too; no fault is told."""
        self.peek()
        text, at, line, byte = self._text, self._at, self.line, self.byte
        while True:
            try:
                value, end = value_at(text, at)
            except (json.JSONDecodeError, RecursionError):
                break
            comma = _COMMA.match(text, end)
            if not comma:
                break
            size = _bytes(text, at, end)
            yield Element(value, line, byte, size)
            line += text.count("\n", at, comma.end())
            byte += size + comma.end() - end
            at = comma.end()
        self._at, self.line, self.byte = at, line, byte

    def _advance(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self.byte += _bytes(self._text, self._at, to)
        self._at = to

    def _more(self) -> bool:
        """Read further text behind what is not taken yet; False at the end."""
        if len(self._text) - self._at > _LARGEST:
            raise JsonFault(f"one value is larger than {_LARGEST >> 20} million characters", self.line)
        wanted = max(_CHUNK, len(self._text) - self._at)
        parts = []
        while wanted > 0 and (part := next(self._chunks, "")):
            parts.append(part)
            wanted -= len(part)
        if parts:
            self._text, self._at = self._text[self._at :] + "".join(parts), 0
        return bool(parts)

    def _read(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with self.path.open("rb") as file:
            file.seek(self.bom)
            while data := file.read(_CHUNK):
                if text := decoder.decode(data):
                    yield text


def _bytes(text: str, at: int, end: int) -> int:
    """How many bytes a part of the text is in UTF-8."""
    return end - at if text.isascii() else len(text[at:end].encode())
