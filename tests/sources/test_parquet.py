"""Parquet deliveries are read with their own types, and must hold the rows their footer promises."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import SourceError
from tests.sources.conftest import Read

ReadBytes = Callable[..., Read]


@pytest.fixture
def parquet(tmp_path: Path) -> bytes:
    table = pa.table(
        {
            "编号": [1, 2, 3],
            "at": [date(2026, 1, 1), None, date(2026, 1, 3)],
            "place": [{"lon": 118.1, "lat": 24.5}, None, None],
        }
    )
    pq.write_table(table, tmp_path / "made.parquet")
    return (tmp_path / "made.parquet").read_bytes()


def test_types_are_those_of_the_file(read: ReadBytes, parquet: bytes) -> None:
    got = read(parquet, format="parquet", name="x[1].parquet")
    assert got.reading.headings == ("编号", "at", "place")
    assert got.reading.types == {"编号": "BIGINT", "at": "DATE", "place": "STRUCT(lon DOUBLE, lat DOUBLE)"}
    assert (len(got.rows), got.missing, got.reading.exact) == (3, 0, False)
    assert got.reading.rejects() == []


def test_rows_that_do_not_come_are_missed(read: ReadBytes, parquet: bytes) -> None:
    reading = read(parquet, format="parquet").reading
    assert reading.unaccounted(2, lambda: 0) == 1
    reading.close()


@pytest.mark.parametrize("cut", [1, 8, 300])
def test_a_truncated_file_says_so(read: ReadBytes, parquet: bytes, cut: int) -> None:
    with pytest.raises(SourceError, match=r"\[parquet\] this is no whole Parquet file.*cut off"):
        read(parquet[:-cut], format="parquet")


def test_text_is_no_parquet(read: ReadBytes) -> None:
    with pytest.raises(SourceError, match="no whole Parquet file"):
        read(b"a,b,c\n1,2,3\n", format="parquet")


def test_columns_that_differ_in_case_alone_are_refused(read: ReadBytes, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "A": [2], "b": [3]}), tmp_path / "twice.parquet")
    with pytest.raises(SourceError, match="more than once: A, a"):
        read((tmp_path / "twice.parquet").read_bytes(), format="parquet")
