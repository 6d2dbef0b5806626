"""The citizen identity number (公民身份号码, GB 11643-1999): personal data, so nothing here prints or quotes one.

Only text is taken: as a floating number the last digits are lost. Whether the county of the first six digits existed is not
asked: counties come and go (division codes), and a card keeps the code it was issued with.
"""

import re
from datetime import date

_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECK = "10X98765432"


def is_citizen_id(number: str | None) -> bool | None:
    """Whether a text is a citizen identity number: 17 digits with a real birth date inside and the check character. None for None.

    >>> is_citizen_id("11010519491231002X"), is_citizen_id("11010519491331002X"), is_citizen_id("11010519491231002x")
    (True, False, False)
    """
    if number is None:
        return None
    if not re.fullmatch("[0-9]{17}[0-9X]", number) or not _is_date(number[6:14]):
        return False
    return number[17] == _check_sign(number)


def citizen_id_from_15(number: str | None) -> str | None:
    """Return the 18-sign number of a 15-digit one of the old kind (births of 1900 to 1999); None for anything else.

    >>> citizen_id_from_15("110105491231002")
    '11010519491231002X'
    """
    if number is None or not re.fullmatch("[0-9]{15}", number):
        return None
    longer = f"{number[:6]}19{number[6:]}"
    return longer + _check_sign(longer) if _is_date(longer[6:14]) else None


def masked_citizen_id(number: str | None) -> str | None:
    """Return the number with the birth date covered; a text of another length is covered wholly. None for None.

    >>> masked_citizen_id("11010519491231002X"), masked_citizen_id("1101")
    ('110105********002X', '****')
    """
    if number is None:
        return None
    return f"{number[:6]}********{number[14:]}" if len(number) == 18 else "*" * len(number)


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _check_sign(number: str) -> str:
    return _CHECK[sum(int(sign) * weight for sign, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def _sum(text: str) -> str:
    number = f"CAST(substr({text}, 1, 17) AS BIGINT)"
    return " + ".join(f"{number} // {10 ** (16 - place)} % 10 * {weight}" for place, weight in enumerate(_WEIGHTS))


def _date(text: str) -> str:
    # The standard's calendar has no year 0; DuckDB's has.
    return f"substr({text}, 7, 4) <> '0000' AND try_strptime(substr({text}, 7, 8), '%Y%m%d') IS NOT NULL"


def _check(text: str) -> str:
    return f"substr('{_CHECK}', ({_sum(text)}) % 11 + 1, 1)"


_LONGER = "(left(number, 6) || '19' || substr(number, 7))"

MACROS = {
    "is_citizen_id(number)": (
        f"CASE WHEN regexp_full_match(number, '[0-9]{{17}}[0-9X]') THEN {_date('number')}"
        f" AND right(number, 1) = {_check('number')} WHEN number IS NOT NULL THEN false END"
    ),
    "citizen_id_from_15(number)": (
        f"CASE WHEN regexp_full_match(number, '[0-9]{{15}}') THEN CASE WHEN {_date(_LONGER)}"
        f" THEN {_LONGER} || {_check(_LONGER)} END END"
    ),
    "masked_citizen_id(number)": (
        "CASE WHEN length(number) = 18 THEN left(number, 6) || '********' || right(number, 4)"
        " ELSE repeat('*', length(number)) END"
    ),
}
