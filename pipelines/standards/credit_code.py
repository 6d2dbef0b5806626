"""The unified social credit code (统一社会信用代码, GB 32100-2015) and the organisation code inside it (GB 11714).

A right check character says that the code was typed as it was issued; it never says that the organisation exists.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE = f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}"
# With weight 1 for the check character itself, a right code's sum is 0 modulo 31.
_WEIGHTS = (*(pow(3, place, 31) for place in range(17)), 1)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def is_uscc(code: str | None) -> bool | None:
    """Whether a text is a unified social credit code: 18 half-width capitals and digits, the last the check character.

    The first eight: registering authority, kind of organisation, division; the rest: the organisation. None for None.

    >>> is_uscc("91350100M000100Y43"), is_uscc("91350100M000100Y44"), is_uscc("91350100m000100y43")
    (True, False, False)
    """
    if code is None:
        return None
    if not re.fullmatch(_SHAPE, code):
        return False
    return sum(ALPHABET.index(sign) * weight for sign, weight in zip(code, _WEIGHTS, strict=True)) % 31 == 0


def is_organisation_code(code: str | None) -> bool | None:
    """Whether nine signs without hyphen are an organisation code of GB 11714; for a warning, not a gate. None for None.

    >>> is_organisation_code("M000100Y4"), is_organisation_code("M000100Y5")
    (True, False)
    """
    if code is None:
        return None
    if not re.fullmatch("[0-9A-Z]{8}[0-9X]", code):
        return False
    check = (11 - sum(int(sign, 36) * weight for sign, weight in zip(code, _ORGANISATION_WEIGHTS, strict=False))) % 11
    return code[8] == "0123456789X"[check]


def _weighted(place: int, weight: int) -> str:
    if 2 <= place < 8:  # the division is read as one number: six times cheaper than six signs
        return f"CAST(substr(code, 3, 6) AS INTEGER) // {10 ** (7 - place)} % 10 * {weight}"
    return f"(instr('{ALPHABET}', substr(code, {place + 1}, 1)) - 1) * {weight}"


_SUM = " + ".join(_weighted(place, weight) for place, weight in enumerate(_WEIGHTS))
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_SUM = " + ".join(
    f"(instr('{_SIGNS}', substr(code, {place + 1}, 1)) - 1) * {weight}"
    for place, weight in enumerate(_ORGANISATION_WEIGHTS)
)

MACROS = {
    "is_uscc(code)": (
        f"CASE WHEN regexp_full_match(code, '{_SHAPE}') THEN ({_SUM}) % 31 = 0 WHEN code IS NOT NULL THEN false END"
    ),
    "is_organisation_code(code)": (
        "CASE WHEN regexp_full_match(code, '[0-9A-Z]{8}[0-9X]') THEN substr(code, 9, 1) ="
        f" substr('0123456789X', (11 - ({_ORGANISATION_SUM}) % 11) % 11 + 1, 1) WHEN code IS NOT NULL THEN false END"
    ),
}
