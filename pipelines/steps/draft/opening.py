"""From an unknown file to rows that SQL can ask: its format, encoding and layout, as a provisional contract says them."""

import gzip
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.contracts.model import Column, Contract, Ingest
from pipelines.lake.connection import Connection
from pipelines.sources.compressed import GZIP
from pipelines.sources.faults import refusal
from pipelines.sources.landed import Landed
from pipelines.sources.landing import land
from pipelines.sources.reading import Reading, open_reading
from pipelines.steps.draft.dialect import Dialect, dialect_of
from pipelines.steps.draft.geo import GeoFacts, geo_facts
from pipelines.steps.draft.scripts import likelier_encoding

_HEAD = 1 << 16
_BEGINNING = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read: under which settings, as which reading, and what stood above its headings.

    `geo` is what a GeoJSON document says of itself, None for other formats.
    """

    ingest: Ingest
    landed: Landed
    reading: Reading
    title: str
    has_headings: bool
    encoding_sure: bool
    geo: GeoFacts | None = None


def open_unknown(con: Connection, dataset: str, path: Path, folder: Path, encoding: str, zone: str) -> Opened:
    """Return a file opened by what its bytes say; SourceError when they say nothing that can be read."""
    kind = format_of(path)
    contract = provisional(dataset, Ingest(format=kind, encoding=encoding, timezone=zone))
    landed = land(contract, path, folder / "landing")
    if kind != "csv":
        reading = open_reading(con, contract, landed)
        geo = geo_facts(landed) if kind == "geojson" else None
        return Opened(contract.ingest, landed, reading, "", True, True, geo)
    sure = landed.encoding_sure
    if not sure and (guess := likelier_encoding(landed.path)):
        contract = provisional(dataset, replace(contract.ingest, encoding=guess))
        landed = land(contract, path, folder / "landing")
    return _open_text(con, contract, landed, path, folder, sure)


def _open_text(con: Connection, contract: Contract, landed: Landed, path: Path, folder: Path, sure: bool) -> Opened:
    dialect = dialect_of(landed)
    ingest = replace(
        contract.ingest,
        encoding=contract.ingest.encoding or landed.encoding,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        header_row=dialect.header_row,
    )
    contract = replace(contract, ingest=ingest, columns=_places(dialect))
    if ingest.quote != landed.asked.quote or ingest.encoding != landed.asked.encoding:
        landed = land(contract, path, folder / "landing")
    reading = open_reading(con, contract, landed)
    return Opened(ingest, landed, reading, dialect.title, bool(dialect.header_row), sure)


def _places(dialect: Dialect) -> tuple[Column, ...]:
    """Columns named after their place, for a file without headings."""
    if dialect.header_row:
        return ()
    return tuple(Column(f"col_{place:02d}", "string") for place in range(1, dialect.width + 1))


def provisional(dataset: str, ingest: Ingest, columns: tuple[Column, ...] = ()) -> Contract:
    """Return a contract that says how to read a file and nothing else."""
    return Contract(
        id=dataset, version="1.0.0", status="draft", path="", digest="", title="", purpose="", limitations="", provider="",
        owner="", contacts=(), tags=(), columns=columns, ingest=ingest,
    )  # fmt: skip


def format_of(path: Path) -> str:
    """Return csv, geojson or parquet, by the bytes first and the name second; SourceError for other JSON."""
    head = _head(path)
    name = path.name.lower().removesuffix(".gz")
    if head.startswith(b"PAR1") or name.endswith(".parquet"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if name.endswith(".geojson") or (text.startswith(b"{") and b'"FeatureCollection"' in text):
        return "geojson"
    if text.startswith((b"{", b"[")) and name.endswith((".json", ".jsonl", ".ndjson")):
        hint = "send a GeoJSON FeatureCollection, Parquet or delimited text"
        raise refusal(str(path), "format", "this is JSON, but no GeoJSON FeatureCollection.", hint)
    return "csv"


def beginning(path: Path, folder: Path) -> Path:
    """Return a copy of the first whole lines of a large delimited text, anything else as it is."""
    if path.stat().st_size <= _BEGINNING or _head(path).startswith(GZIP) or format_of(path) != "csv":
        return path
    with path.open("rb") as file:
        lines = file.read(_BEGINNING).rpartition(b"\n")[0]
    if not lines:
        return path
    copy = folder / path.name
    copy.write_bytes(lines + b"\n")
    return copy


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if not head.startswith(GZIP):
            return head
        with gzip.open(path) as unpacked:
            return unpacked.read(_HEAD)
    except (OSError, EOFError, zlib.error):  # landing tells what is wrong with it, in its own words
        return b""
