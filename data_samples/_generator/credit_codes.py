"""Unified social credit codes (GB 32100-2015) with right check characters, under a division that is given to nobody."""

import numpy as np

from _generator.draws import hashed

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_NOBODYS_DIVISION = "350299"


def _body_check(body: str) -> str:
    """Ninth character of an organisation's own code (GB 11714)."""
    left = 11 - sum(int(c, 36) * w for c, w in zip(body, _BODY_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(left, str(left))


def check_character(first_17: str) -> str:
    """Last character of a unified social credit code."""
    total = sum(_CHARACTERS.index(c) * pow(3, place, 31) for place, c in enumerate(first_17))
    return _CHARACTERS[-total % 31]


def _code(kind: str, stream: str, number: int) -> str:
    body = f"{int(hashed(stream, np.array([number], dtype=np.int64))[0]) % 10_000:04d}{number:04d}"
    first_17 = f"{kind}{_NOBODYS_DIVISION}{body}{_body_check(body)}"
    return first_17 + check_character(first_17)


def credit_code(number: int) -> str:
    """The invented code of enterprise `number`, all of digits but for a check character now and then."""
    return _code("91", "credit code", number)


def organ_code(kind: str, number: int) -> str:
    """The invented code of an office: `kind` 11 (organ of the state), 12 (public institution) or 91 (company)."""
    return _code(kind, "organ code", 5000 + number)


def with_wrong_check(code: str) -> str:
    """The code with another last character than its check demands: the form is right, the code is not."""
    return code[:-1] + _CHARACTERS[(_CHARACTERS.index(code[-1]) + 1) % 31]
