"""What can be said of a piece of contract SQL without a database: that it is one expression."""

import re

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def sql_fault(text: str) -> str:
    """Return why a text is not one SQL expression, '' when nothing speaks against it.

    >>> sql_fault("closed_at >= opened_at"), sql_fault("a = ';'"), sql_fault("a; drop table b")
    ('', '', 'holds a semicolon')
    >>> sql_fault("a = 'b"), sql_fault("(a = 1"), sql_fault("a = 1 -- b")
    ('has an unclosed quote', 'has an unclosed parenthesis', 'holds a comment')
    """
    bare = _QUOTED.sub("''", text)
    if not bare.strip():
        return "is empty"
    if bare.replace("''", "").count("'") or '"' in bare:
        return "has an unclosed quote"
    if ";" in bare:
        return "holds a semicolon"
    if "--" in bare or "/*" in bare:
        return "holds a comment"
    return _parentheses(bare)


def _parentheses(bare: str) -> str:
    depth = 0
    for character in bare:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            break
    return "has an unclosed parenthesis" if depth else ""
