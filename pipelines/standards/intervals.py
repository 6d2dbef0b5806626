"""The Wilson interval of a share: how far a rate of few may be from what it would be of many. No national standard; basis: example.

Wilson (1927), Journal of the American Statistical Association 22, 209–212. `z` is 1.96 for 95 %, two-sided.
"""

from math import sqrt

Z = 1.96


def wilson_low(hits: float | None, total: int | None, z: float = Z) -> float | None:
    """Return the lower bound of hits / total, 0..1; None when there is nothing to count.

    >>> round(wilson_low(8, 10), 4), wilson_low(0, 10), wilson_low(0, 0)
    (0.4902, 0.0, None)
    """
    if hits is None or not total:
        return None
    share = hits / total
    return max(0.0, (share + _z2(total, z) / 2 - _half(share, total, z)) / (1 + _z2(total, z)))


def wilson_high(hits: float | None, total: int | None, z: float = Z) -> float | None:
    """Return the upper bound of hits / total, 0..1; None when there is nothing to count.

    >>> round(wilson_high(8, 10), 4), wilson_high(10, 10), wilson_high(0, 0)
    (0.9433, 1.0, None)
    """
    if hits is None or not total:
        return None
    share = hits / total
    return min(1.0, (share + _z2(total, z) / 2 + _half(share, total, z)) / (1 + _z2(total, z)))


def _z2(total: int, z: float) -> float:
    return z * z / total


def _half(share: float, total: int, z: float) -> float:
    return z * sqrt(share * (1 - share) / total + z * z / (4.0 * total * total))


_SHARE = "(CAST(hits AS DOUBLE) / total)"
_HALF = f"z * sqrt({_SHARE} * (1 - {_SHARE}) / total + z * z / (4.0 * CAST(total AS DOUBLE) * total))"


def _bound(sign: str, clip: str) -> str:
    # greatest() and least() pass over NULL: what has none must be told before
    middle = f"({_SHARE} + (CAST(z AS DOUBLE) * z / total) / 2 {sign} {_HALF}) / (1 + CAST(z AS DOUBLE) * z / total)"
    return f"CASE WHEN total > 0 AND hits + z IS NOT NULL THEN {clip}, {middle}) END"


MACROS = {
    f"wilson_low(hits, total, z := {Z})": _bound("-", "greatest(0.0"),
    f"wilson_high(hits, total, z := {Z})": _bound("+", "least(1.0"),
}
