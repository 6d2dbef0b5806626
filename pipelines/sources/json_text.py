"""Walks JSON text member by member, so that a large document need not become objects all at once, nor lose its spelling."""

import json
import re
from collections.abc import Callable
from typing import Any

_DECODER = json.JSONDecoder(strict=False)
_BLANK = re.compile(r"[ \t\r\n]*")


def value_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at `at`, and where it ends; json.JSONDecodeError when there is none."""
    return _DECODER.raw_decode(text, at)


def walk_object(text: str, at: int, take: Callable[[str, int], int]) -> int:
    """Call `take` with key and start of each member of the object at `at`; it returns the value's end. Return the end."""
    at = _expect(text, at, "{")
    if text[at : at + 1] == "}":
        return at + 1
    while True:
        key, at = value_at(text, at)
        if not isinstance(key, str):
            raise json.JSONDecodeError("a member's name is no string", text, at)
        at = skip_blank(text, take(key, _expect(text, skip_blank(text, at), ":")))
        if text[at : at + 1] == "}":
            return at + 1
        at = _expect(text, at, ",")


def walk_array(text: str, at: int, take: Callable[[int], int]) -> int:
    """Call `take` with the start of each element of the array at `at`; it returns the element's end. Return the end."""
    at = _expect(text, at, "[")
    if text[at : at + 1] == "]":
        return at + 1
    while True:
        at = skip_blank(text, take(at))
        if text[at : at + 1] == "]":
            return at + 1
        at = _expect(text, at, ",")


def skip_blank(text: str, at: int) -> int:
    """Return the place of the next character that is no white space."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, char: str) -> int:
    """The place of what follows `char`, which must stand at `at`."""
    if text[at : at + 1] != char:
        raise json.JSONDecodeError(f"'{char}' expected", text, at)
    return skip_blank(text, at + 1)
