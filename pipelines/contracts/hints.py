"""What somebody probably meant: the closest known word."""

from collections.abc import Iterable
from difflib import get_close_matches

_TYPES = {
    "string": ("str", "text", "varchar", "char", "uuid", "字符", "文本"),
    "integer": ("int", "bigint", "smallint", "long", "int64", "整型", "整数"),
    "number": ("float", "double", "decimal", "numeric", "real", "数值", "浮点"),
    "boolean": ("bool", "bit", "logical", "逻辑"),
    "timestamp": ("datetime", "timestamptz", "timestamp_tz", "日期时间"),
    "date": ("day", "日期"),
    "object with physicalType: GEOMETRY": ("geometry", "geography", "geom", "point", "polygon", "linestring"),
}
_TYPE_OF = {word: name for name, words in _TYPES.items() for word in words}


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like `word`, or ''.

    >>> closest("requird", ["required", "unique"])
    'required'
    """
    by_case = {name.casefold(): name for name in sorted(known)}
    found = get_close_matches(word.casefold(), list(by_case), n=1, cutoff=0.6)
    return by_case[found[0]] if found else ""


def closest_type(word: str, known: Iterable[str]) -> str:
    """Return the logicalType meant by another system's word for it, or the one most like it, or ''.

    >>> closest_type("float", ["number"]), closest_type("strng", ["string"])
    ('number', 'string')
    """
    return _TYPE_OF.get(word.casefold()) or closest(word, known)


def use(word: str) -> str:
    """Return the hint that names a word, or ''.

    >>> use("number")
    "use 'number'."
    """
    return f"use '{word}'." if word else ""


def listed(words: Iterable[str], limit: int = 12) -> str:
    """Return words as a hint's list, the first `limit` of them.

    >>> listed(["a", "b"])
    'one of a, b.'
    """
    names = [str(word) for word in words]
    if len(names) == 1:
        return use(names[0])
    return f"one of {', '.join(names[:limit])}{', …' if len(names) > limit else ''}."
