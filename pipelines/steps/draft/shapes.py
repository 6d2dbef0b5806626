"""Which texts may become a number without losing anything, and which fixed shape codes have. SQL and patterns, no rows."""

import re

from pipelines.names import literal

INTEGER = r"-?(0|[1-9]\d{0,14})"
NUMBER = r"-?((0|[1-9]\d*)(\.\d*)?|\.\d+|\d\.\d+[eE][-+]?\d{1,3})"
GROUPED_INTEGER = r"-?([1-9]\d{0,2}(,\d{3}){1,4}|0|[1-9]\d{0,14})"
GROUPED_NUMBER = r"-?([1-9]\d{0,2}(,\d{3})+|0|[1-9]\d*)(\.\d+)?"
LEADING_ZERO = r"-?0\d.*"
_LONGEST_CODE = 40


def is_integer(text: str, *, grouped: bool = False) -> str:
    """Return SQL: whether a text is an integer of at most 15 digits without a leading zero."""
    return f"regexp_full_match({text}, {literal(GROUPED_INTEGER if grouped else INTEGER)})"


def is_number(text: str, *, grouped: bool = False) -> str:
    """Return SQL: whether a text is a number that a DOUBLE holds to its last digit."""
    shape = f"regexp_full_match({text}, {literal(GROUPED_NUMBER if grouped else NUMBER)})"
    bare = f"replace({text}, ',', '')" if grouped else text
    digits = f"length(ltrim(regexp_replace({bare}, '[-.]|[eE].*', '', 'g'), '0')) <= 15"
    printed = f"CAST(TRY_CAST({bare} AS DOUBLE) AS VARCHAR)"
    return f"({shape} AND ({digits} OR {printed} = {bare} OR {printed} = rtrim({bare}, '0')))"


def outline(text: str) -> str:
    """Return SQL for the shape of a code: 9 for a digit, A and a for letters; NULL for texts that are no codes."""
    plain = f"{text}, '[0-9]', '9', 'g'), '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g')"
    shape = f"regexp_replace(regexp_replace(regexp_replace({plain}"
    return f"CASE WHEN regexp_full_match({text}, '[0-9A-Za-z_.-]{{4,{_LONGEST_CODE}}}') THEN {shape} END"


def pattern_of(shape: str, least: str, most: str) -> str:
    r"""Return the pattern of codes that share one shape, '' when they have too few digits to be codes.

    `least` and `most` are the first and last code in order: letters that both begin with, all begin with.

    >>> pattern_of("AA999999", "LD202600", "LD202699"), pattern_of("A99", "A01", "B99"), pattern_of("A9999", "A0001", "B0001")
    ('^LD\\d{6}$', '', '^[A-Z]\\d{4}$')
    """
    if shape.count("9") < 4:
        return ""
    same = 0
    while same < len(shape) and least[same] == most[same]:
        same += 1
    return f"^{''.join(_part(run, start, same, least) for run, start in _runs(shape, same))}$"


def _runs(shape: str, same: int) -> list[tuple[str, int]]:
    """Runs of one kind of character; letters are cut where they cease to be the same everywhere."""
    runs: list[tuple[str, int]] = []
    for place, char in enumerate(shape):
        joins = runs and runs[-1][0][-1] == char and not (char in "Aa" and place == same)
        if joins:
            runs[-1] = (runs[-1][0] + char, runs[-1][1])
        else:
            runs.append((char, place))
    return runs


def _part(run: str, start: int, same: int, example: str) -> str:
    kind = {"9": r"\d", "A": "[A-Z]", "a": "[a-z]"}.get(run[0])
    if kind is None or (run[0] in "Aa" and start < same):
        return re.escape(example[start : start + len(run)])
    return kind if len(run) == 1 else f"{kind}{{{len(run)}}}"
