"""Which keys may be twice: the same whether they are looked at in one piece or in many."""

from collections import Counter
from collections.abc import Iterator

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lake import repeated as module
from pipelines.lake.connection import Connection, bare_connection
from pipelines.lake.repeated import repeated
from pipelines.settings import settings

HASHES = st.lists(st.integers(0, 40) | st.integers(0, 2**32 - 1), max_size=60)


@pytest.fixture(scope="module")
def con() -> Iterator[Connection]:
    made = bare_connection(settings())
    yield made
    made.close()


@pytest.mark.parametrize("piece", [7, 1000])
@hypothesis.settings(deadline=None)
@given(values=HASHES)
def test_values_that_occur_twice_are_found_in_pieces_of_any_size(
    con: Connection, piece: int, values: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", piece)
        con.execute("CREATE OR REPLACE TEMP TABLE given AS SELECT unnest(?::UINTEGER[]) AS h", [values])
        found = repeated(con, "FROM given", len(values), "twice")
    rows = con.execute("SELECT h FROM temp.twice ORDER BY h").fetchall()
    assert [row[0] for row in rows] == sorted(value for value, count in Counter(values).items() if count > 1)
    assert found == len(rows)
