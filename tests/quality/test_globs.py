"""A pattern that became a GLOB matches what RE2 matches, and nothing else."""

import re

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.derive.globs import as_glob, full_match

PIECES = st.sampled_from(
    [r"\d", r"\d{3}", "[0-9]", "[A-Z]{2}", "[0-9A-Z]", "[X0-9]", "[abc]", "G", "D{2}", "a", "-", "_", "/", ":", r"\."]
)
OTHERS = st.sampled_from([".", "*", "?", "[^0-9]", "+", "(a)", "|", "市", r"\w", r"\*", "a{2,3}", "a{0,1}", " ", "["])
SIGNS = st.text("0129GDXZabz-_/:.*?[]\\^ 市\n", max_size=8)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def fitting(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)


@settings(deadline=None)  # the first call connects
@given(data=st.data(), pieces=st.lists(PIECES, min_size=1, max_size=6))
def test_it_matches_what_the_pattern_matches(
    con: duckdb.DuckDBPyConnection, data: st.DataObject, pieces: list[str]
) -> None:
    pattern = "".join(pieces)
    glob = as_glob(pattern)
    assert glob is not None
    text = data.draw(fitting(pattern) | SIGNS | fitting(pattern).map(lambda whole: whole + "\n"))
    found = con.execute("SELECT $1 GLOB $2, regexp_full_match($1, $3)", [text, glob, pattern]).fetchone()
    assert found is not None
    assert found[0] == found[1], (pattern, glob, text)


@given(before=st.lists(PIECES, max_size=2), other=OTHERS, after=st.lists(PIECES, max_size=2))
def test_what_it_cannot_say_stays_a_regular_expression(before: list[str], other: str, after: list[str]) -> None:
    pattern = "".join([*before, other, *after])
    assume(other != "[" or not after)  # what follows would be its class
    assert as_glob(pattern) is None
    assert full_match("x", pattern).startswith("regexp_full_match(x, ")


def test_null_stays_null(con: duckdb.DuckDBPyConnection) -> None:
    assert con.execute(f"SELECT {full_match('CAST(NULL AS VARCHAR)', 'A')}").fetchone() == (None,)
