"""A pattern that lint accepts is one that the lake reads: held against DuckDB itself."""

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contracts.patterns import re2_fault

PIECES = st.sampled_from(
    [
        *["a", "工单", ".", "|", "^", "$", "(", ")", "{", "}", "[", "]", "*", "+", "?", "*?", "++"],
        *["{2}", "{2,}", "{,3}", "{1001}", "{3,2}"],
        *[r"\d", r"\w", r"\s", r"\b", r"\B", r"\A", r"\z", r"\Z", r"\1", r"\12", r"\0", r"\n", r"\/", r"\-", r"\_"],
        *[r"\p{Han}", r"\pL", r"\x41", r"\x{4e00}", r"\u4e00", r"\Q", r"\C", r"\K", r"\R", r"\h", r"\e", r"\<"],
        *["[a-z]", "[^a]", "[]a]", "[[:alpha:]]", "[a&&b]", "[a--b]", r"[\d-x]", "[z-a]", "[一-龥]"],
        *["(?:", "(?P<x>", "(?<x>", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i)", "(?i:", "(?x)", "(?U)", "(?#"],
    ]
)
EVERYDAY = [
    r"^GD\d{12}$",
    r"^1[3-9]\d{9}$",
    r"^[\p{Han}·]{2,20}$",
    r"^(0[1-9]|1[0-2])$",
    r"^\S+@\S+\.\S+$",
    r"(?i)^ab?c*$",
]


def duckdb_reads(pattern: str) -> bool:
    try:
        duckdb.execute("SELECT regexp_matches('a', ?)", [pattern]).fetchall()
    except duckdb.Error:
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=5).map("".join))
def test_accepted_pattern_is_read_by_the_lake(pattern: str) -> None:
    assert re2_fault(pattern) or duckdb_reads(pattern)


def test_patterns_of_everyday_life_are_accepted() -> None:
    for pattern in EVERYDAY:
        assert re2_fault(pattern) == ""
        assert duckdb_reads(pattern)
