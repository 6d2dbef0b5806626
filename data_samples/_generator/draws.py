"""Random draws that depend on nothing but a name and a row number: the same on every machine, in any chunking.

numpy's own generators may change their streams between releases, and a stream cannot be entered in the middle; a hash of
(stream, row) can. Formulas that use these draws keep to arithmetic that IEEE 754 fixes (no exp, log or sin).
"""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def hashed(stream: str, rows: Integers) -> NDArray[np.uint64]:
    """64 mixed bits for each row number of a named stream (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        bits = (rows.astype(np.uint64) + np.uint64(crc32(stream.encode()) + 1) * np.uint64(0x1000003)) * _GOLDEN
        bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
        bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
    return bits ^ (bits >> np.uint64(31))


def uniform(stream: str, rows: Integers) -> Floats:
    """A number in [0, 1) for each row number of a named stream."""
    return (hashed(stream, rows) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def one(stream: str, row: int) -> float:
    """A number in [0, 1) for one row number of a named stream."""
    return float(uniform(stream, np.array([row], dtype=np.int64))[0])


def spread(stream: str, count: int, low: float, high: float) -> Floats:
    """`count` numbers in [low, high): a property of each of a few things (a street's slowness, say)."""
    return low + (high - low) * uniform(stream, np.arange(count, dtype=np.int64))


def choice(draws: Floats, weights: Sequence[float] | Floats) -> Integers:
    """Index of the weighted choice that each draw in [0, 1) makes."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(cumulative / cumulative[-1], draws, side="right").astype(np.int64)


def one_of(stream: str, row: int, weights: Sequence[float]) -> int:
    """Index of the weighted choice of one row number of a named stream."""
    return int(choice(uniform(stream, np.array([row], dtype=np.int64)), weights)[0])
