"""Parquet: DuckDB reads it, its own footer says how many rows there must be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.contracts.model import Contract
from pipelines.names import literal
from pipelines.sources.faults import refusal
from pipelines.sources.landed import Landed
from pipelines.sources.paths import literal_path
from pipelines.sources.relation import LINE, STRUCTURE, Reading

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

_NUMBER = "file_row_number"


@dataclass(frozen=True)
class _Parquet(Reading):
    """A Parquet file; `rows` is what its footer promises. Read exactly, a row's line is its number in the file."""

    path: str
    rows: int

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return self.rows - rows

    def exactly(self) -> Reading:
        if self.exact or _NUMBER in (heading.lower() for heading in self.headings):
            return self
        numbered = f"read_parquet({self.path}, hive_partitioning = false, {_NUMBER} = true)"
        columns = f"* EXCLUDE ({_NUMBER}), {_NUMBER} + 1 AS {LINE}, CAST(NULL AS VARCHAR) AS {STRUCTURE}"
        return replace(self, relation=f"(SELECT {columns} FROM {numbered})", exact=True)


def open_parquet(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of a landed Parquet file; its types are those DuckDB gives it."""
    rows, headings = _footer(landed)
    lowered = [heading.lower() for heading in headings]
    twice = sorted({heading for heading in headings if lowered.count(heading.lower()) > 1})
    if twice:
        raise refusal(landed.file_name, "header", f"columns are there more than once: {', '.join(twice)}.")
    path = literal(literal_path(landed.readable))
    relation = f"read_parquet({path}, hive_partitioning = false)"
    described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return _Parquet(
        relation=relation,
        headings=tuple(str(row[0]) for row in described),
        types={str(row[0]): str(row[1]) for row in described},
        first_line=1,
        exact=False,
        path=path,
        rows=rows,
    )


def _footer(landed: Landed) -> tuple[int, tuple[str, ...]]:
    try:
        with pq.ParquetFile(landed.readable) as file:
            return file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        hint = "send the file again; a Parquet file that is cut off has lost its footer"
        raise refusal(landed.file_name, "parquet", "this is no whole Parquet file.", hint) from error
