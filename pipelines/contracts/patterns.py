"""Whether a regular expression is one that RE2 (DuckDB's engine) reads. Needs no database."""

import re
from functools import cache

import jsonschema_rs

_TOKEN = re.compile(
    r"\\(?:[pPx]\{[^}]*\}|.)"  # an escape
    r"|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]"  # a class
    r"|\(\?(?:P.|<.|.)"  # the opening of a special group
    r"|(?:[*+?]|\{\d+(?:,\d*)?\})\??"  # a repetition
    r"|.",
    re.DOTALL,
)
# Rust's engine, which compiles the pattern here, reads a little more than RE2 does.
_FOREIGN_ESCAPE = re.compile(r"^\\[uU<>]$")
_SET_OPERATION = re.compile(r"&&|--|~~|(?<!^)\[(?!:)")
_REPEAT = re.compile(r"^([*+?]|\{\d+(,\d*)?\})\??$")
_MAX_REPEAT = 1000


@cache
def re2_fault(pattern: str) -> str:
    r"""Return why RE2 would not read a pattern, '' when it would.

    >>> re2_fault(r"^GD\d{12}$"), re2_fault("(?=a)"), re2_fault(r"(a)\1")
    ('', 'looks around with (?=', 'refers back with \\1')
    """
    before = ""
    for match in _TOKEN.finditer(pattern):
        token = match.group()
        fault = _token_fault(token) or _repeat_fault(before, token)
        if fault:
            return fault
        before = token
    return "" if _compiles(pattern) else "does not compile"


def bare_whole(pattern: str) -> str:
    r"""Return X of a pattern that is ^(?:X)$, as whole as it stands; '' of any other.

    >>> bare_whole(r"^(?:\d{9}|-)$"), bare_whole("^(?:a)|(?:b)$"), bare_whole("^a$")
    ('\\d{9}|-', '', '')
    """
    if not (pattern.startswith("^(?:") and pattern.endswith(")$")):
        return ""
    bare, depth = pattern[4:-2], 0
    for match in _TOKEN.finditer(bare):
        depth += (match.group()[0] == "(") - (match.group() == ")")
        if depth < 0:
            return ""
    return bare if depth == 0 and not bare.endswith("\\") else ""


def _token_fault(token: str) -> str:
    if token in ("(?=", "(?!", "(?<=", "(?<!"):
        return f"looks around with {token}"
    if re.match(r"^\\[1-9]$", token) or token == "(?P=":
        return f"refers back with {token}"
    if token in ("(?>", "(?|", "(?(", "(?#", "(?&", "(?x") or _FOREIGN_ESCAPE.match(token):
        return f"uses {token}"
    if re.match(r"^\(\?<[^=!]$", token):
        return "names a group with (?<…>; write (?P<…>"
    return _class_fault(token) if token[0] == "[" and len(token) > 1 else ""


def _repeat_fault(before: str, token: str) -> str:
    if not _REPEAT.match(token):
        return ""
    if _REPEAT.match(before):
        return f"repeats a repetition with {before}{token}"
    too_often = any(int(number) > _MAX_REPEAT for number in re.findall(r"\d+", token))
    return f"repeats more than {_MAX_REPEAT} times" if too_often else ""


def _class_fault(token: str) -> str:
    inner = re.sub(r"\\.|\[:\w+:\]", "", token[1:-1])
    found = _SET_OPERATION.search(inner)
    return f"writes '{found.group()}' inside [ ]; escape it" if found else ""


def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft201909Validator({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions())
    except ValueError:
        return False
    return True
