"""What tests of sources share: contracts made of a few column names, and one way to land and read bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts.model import Column, Contract, Ingest
from pipelines.sources.landed import Landed
from pipelines.sources.landing import land
from pipelines.sources.reading import Reading, open_reading


def contract_of(columns: str = "a b c", *, personal: bool = False, **ingest: Any) -> Contract:
    """A contract of text columns, by their names."""
    return Contract(
        id="mobility.trips",
        version="1.0.0",
        status="active",
        path="schemas/mobility/trips.odcs.yaml",
        digest="",
        title="",
        purpose="",
        limitations="",
        provider="",
        owner="",
        contacts=(),
        tags=(),
        columns=tuple(Column(name, "string", personal=personal) for name in columns.split()),
        ingest=Ingest(**ingest),
    )


@dataclass(frozen=True)
class Read:
    """A delivery that was read: its rows as delivered, its rejected records, and how many lines went missing."""

    landed: Landed
    reading: Reading
    rows: list[tuple[str | None, ...]]
    rejects: list[tuple[int, str]]
    missing: int


def rows_of(con: duckdb.DuckDBPyConnection, landed: Landed, reading: Reading) -> Read:
    """Scan a reading to its end; rejected records of an exact reading are told apart from its rows."""
    rows = con.execute(f"SELECT * FROM {reading.relation}").fetchall()
    breaks = f"SELECT coalesce(sum({reading.line_breaks()}), 0)::BIGINT FROM {reading.relation}"

    def newlines_inside() -> int:
        found = con.execute(breaks).fetchone()
        return int(found[0]) if found else 0

    missing = reading.unaccounted(len(rows), newlines_inside)
    rejects = [(reject.line, reject.reason) for reject in reading.rejects()]
    if reading.exact:
        rejects = [(row[-2], row[-1]) for row in rows if row[-1] is not None]
        rows = [row[:-2] for row in rows if row[-1] is None]
    return Read(landed, reading, rows, rejects, missing)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2}) as connection:
        yield connection


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[..., Path]:
    """Writes bytes as a delivery under a file name, and returns where."""

    def write(data: bytes, name: str = "trips.csv") -> Path:
        path = tmp_path / "delivered" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def read(con: duckdb.DuckDBPyConnection, deliver: Callable[..., Path], tmp_path: Path) -> Callable[..., Read]:
    """Lands and reads bytes under a contract of some columns; `exactly` reads with the exact reader."""

    def run(
        data: bytes, columns: str = "a b c", *, exactly: bool = False, name: str = "trips.csv", **ingest: Any
    ) -> Read:
        contract = contract_of(columns, **ingest)
        landed = land(contract, deliver(data, name), tmp_path / "landing")
        reading = open_reading(con, contract, landed)
        return rows_of(con, landed, reading.exactly() if exactly else reading)

    return run
