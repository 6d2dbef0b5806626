"""The structure of division codes (区划代码): 6 digits of GB/T 2260, or the 9 or 12 digits used for statistics.

12 digits are province 2, city 2, county 2, township 3, village 3; a level that is not told is zeros. What a code means changes
over time (350205 was 杏林区, and is 海沧区 since 2003): that is a dated table's to tell, never a function's.
"""

import re
from itertools import pairwise

from pipelines.names import literal

_ENDS = (("province", 2), ("city", 4), ("county", 6), ("township", 9), ("village", 12))
_TOWNSHIPS = ((1, 99, "街道"), (100, 199, "镇"), (200, 399, "乡"), (400, 599, "政企合一单位"))


def division_level(code: str | None) -> str | None:
    """Return province, city, county, township or village; None for None and for what no code looks like.

    >>> division_level("350200"), division_level("350203"), division_level("350203001000"), division_level("350003")
    ('city', 'county', 'township', None)
    """
    if code is None or len(code) not in (6, 9, 12) or not re.fullmatch("[1-9][0-9]+", code):
        return None
    told = [code[start:end] for start, (_, end) in zip((0, 2, 4, 6, 9), _ENDS, strict=True) if end <= len(code)]
    filled = [bool(part.strip("0")) for part in told]
    return None if filled != sorted(filled, reverse=True) else _ENDS[sum(filled) - 1][0]


def division_parent(code: str | None) -> str | None:
    """Return the code of the level above, in the same number of digits; None for a province and for what is no code.

    >>> division_parent("350203001001"), division_parent("350203001"), division_parent("350203"), division_parent("350000")
    ('350203001000', '350203000', '350200', None)
    """
    level = division_level(code)
    if code is None or level is None or level == "province":
        return None
    names = [name for name, _ in _ENDS]
    return code[: _ENDS[names.index(level) - 1][1]].ljust(len(code), "0")


def is_division_code(code: str | None) -> bool | None:
    """Whether a text has the structure of a division code; None for None.

    >>> is_division_code("350203"), is_division_code("35020")
    (True, False)
    """
    return None if code is None else division_level(code) is not None


def township_kind(code: str | None) -> str | None:
    """Return 街道, 镇, 乡 or 政企合一单位 of a code that tells a township; None for others.

    >>> township_kind("350203001"), township_kind("350211102000"), township_kind("350211401"), township_kind("350203")
    ('街道', '镇', '政企合一单位', None)
    """
    if code is None or division_level(code) not in ("township", "village"):
        return None
    number = int(code[6:9])
    return next((name for first, last, name in _TOWNSHIPS if first <= number <= last), None)


# The same written as shapes: every level filled up to one, zeros after it.
_SHAPES = {
    "province": "[1-9][0-9]0{4}(0{3}|0{6})?",
    "city": "[1-9][0-9]([0-9][1-9]|[1-9]0)0{2}(0{3}|0{6})?",
    "county": "[1-9][0-9](([0-9][1-9]|[1-9]0)){2}(0{3}|0{6})?",
    "township": "[1-9][0-9](([0-9][1-9]|[1-9]0)){2}([0-9]{2}[1-9]|[0-9][1-9]0|[1-9]00)(0{3})?",
    "village": "[1-9][0-9](([0-9][1-9]|[1-9]0)){2}(([0-9]{2}[1-9]|[0-9][1-9]0|[1-9]00)){2}",
}
_ANY = "|".join(_SHAPES.values())
_LEVEL = " ".join(f"WHEN regexp_full_match(code, '{shape}') THEN '{level}'" for level, shape in _SHAPES.items())
_PARENT = " ".join(
    f"WHEN regexp_full_match(code, '{_SHAPES[level]}') THEN rpad(left(code, {end}), CAST(length(code) AS INTEGER), '0')"
    for (_, end), (level, _) in pairwise(_ENDS)
)
_KIND = " ".join(f"WHEN substr(code, 7, 3) BETWEEN '{a:03}' AND '{b:03}' THEN {literal(k)}" for a, b, k in _TOWNSHIPS)

MACROS = {
    "is_division_code(code)": f"regexp_full_match(code, '{_ANY}')",
    "division_level(code)": f"CASE {_LEVEL} END",
    "division_parent(code)": f"CASE {_PARENT} END",
    "township_kind(code)": (
        f"CASE WHEN regexp_full_match(code, '{_SHAPES['township']}|{_SHAPES['village']}') THEN CASE {_KIND} END END"
    ),
}
