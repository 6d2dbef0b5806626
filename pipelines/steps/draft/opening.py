"""From an unknown file to rows that SQL can ask: its format, encoding and layout, as a provisional contract says them."""

import gzip
import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.contracts.model import WORKBOOKS, Column, Contract, Ingest
from pipelines.errors import SourceError
from pipelines.lake.connection import Connection
from pipelines.sources.archive import unzip
from pipelines.sources.compressed import GZIP
from pipelines.sources.kinds import CFB, ZIP
from pipelines.sources.landed import Landed
from pipelines.sources.landing import land
from pipelines.sources.reading import Reading, open_reading
from pipelines.steps.draft.containers import member_meant, path_to_records, wildcard
from pipelines.steps.draft.dialect import Dialect, dialect_of
from pipelines.steps.draft.geo import GeoFacts, geo_facts
from pipelines.steps.draft.scripts import likelier_encoding
from pipelines.steps.draft.sheets import sheet_layout

_HEAD = 1 << 16
_BEGINNING = 1 << 20
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read: under which settings, as which reading, and what stood above its headings.

    `geo` is what a GeoJSON document says of itself, None for other formats. `remarks` are sentences on the layout, by key.
    """

    ingest: Ingest
    landed: Landed
    reading: Reading
    title: str
    has_headings: bool
    encoding_sure: bool
    geo: GeoFacts | None = None
    remarks: tuple[tuple[str, str], ...] = ()


def open_unknown(con: Connection, dataset: str, path: Path, folder: Path, encoding: str, zone: str) -> Opened:
    """Return a file opened by what its bytes say; SourceError when they say nothing that can be read."""
    member, others = member_meant(path)
    kind = format_of(path, member)
    needed = others or (member and kind in WORKBOOKS)
    ingest = Ingest(format=kind, encoding=encoding, timezone=zone, member=wildcard(member) if needed else "")
    contract = provisional(dataset, ingest)
    landed = land(contract, path, folder / "landing")
    opened = _open_landed(con, contract, landed, path, folder)
    told = (("member", f"the archive also has: {', '.join(others[:_NAMED])}"),) if others else ()
    return replace(opened, remarks=(*opened.remarks, *told))


def _open_landed(con: Connection, contract: Contract, landed: Landed, path: Path, folder: Path) -> Opened:
    kind = contract.ingest.format
    if kind in WORKBOOKS:
        return _open_sheet(con, contract, landed)
    if kind == "json":
        contract = replace(contract, ingest=replace(contract.ingest, path=path_to_records(landed)))
    if kind != "csv":
        reading = open_reading(con, contract, landed)
        if kind in ("json", "jsonl"):
            reading = _taken_out(con, reading.exactly())
        geo = geo_facts(landed) if kind == "geojson" else None
        return Opened(contract.ingest, landed, reading, "", True, True, geo)
    sure = landed.encoding_sure
    if not sure and (guess := likelier_encoding(landed.path)):
        contract = replace(contract, ingest=replace(contract.ingest, encoding=guess))
        landed = land(contract, path, folder / "landing")
    return _open_text(con, contract, landed, path, folder, sure)


def _taken_out(con: Connection, reading: Reading) -> Reading:
    """The same rows as a table: asking a hundred things of every column would otherwise parse the JSON as often."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE drafted_rows AS SELECT * FROM {reading.relation}")
    return replace(reading, relation="temp.drafted_rows")


def _open_sheet(con: Connection, contract: Contract, landed: Landed) -> Opened:
    layout = sheet_layout(contract, landed)
    ingest = replace(
        contract.ingest,
        header_row=layout.row,
        header_rows=layout.rows,
        sheet=layout.sheet.replace("[", "[[]") if layout.others else "",
        merged_cells="fill" if layout.merged else "first",
    )
    columns = () if layout.row else tuple(Column(f"col_{at:02d}", "string") for at in range(1, layout.width + 1))
    reading = open_reading(con, replace(contract, ingest=ingest, columns=columns), landed)
    remarks = [("sheet", f"the workbook also has: {', '.join(layout.others)}")] if layout.others else []
    remarks += [("mergedCells", "cells among the rows are merged: each belongs to all it covers")] * layout.merged
    remarks += [("headerRow", note) for note in reading.notes() if "sheet" not in note]
    return Opened(ingest, landed, reading, layout.title, bool(layout.row), True, remarks=tuple(remarks))


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


def format_of(path: Path, member: str = "") -> str:
    """Return the format, by the bytes first and the name second; of a member when the file is an archive."""
    head = head_of(path, member)
    if head.startswith((ZIP, CFB)):
        return "xls" if head.startswith(CFB) else "xlsx"
    name = (member or path.name).lower().removesuffix(".gz")
    if head.startswith(b"PAR1") or name.endswith(".parquet"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if name.endswith(".geojson") or (text.startswith(b"{") and b'"FeatureCollection"' in text):
        return "geojson"
    if name.endswith((".jsonl", ".ndjson")) or _are_objects(text.splitlines()[:3]):
        return "jsonl"
    return "json" if text.startswith((b"{", b"[")) and name.endswith(".json") else "csv"


def _are_objects(lines: list[bytes]) -> bool:
    """Whether the first two of several lines are an object each; one alone may be a whole document."""
    try:
        return len(lines) > 1 and all(isinstance(json.loads(line), dict) for line in lines[:2])
    except ValueError:
        return False


def beginning(path: Path, folder: Path) -> Path:
    """Return a copy of the first whole lines of a large delimited text, anything else as it is."""
    if path.stat().st_size <= _BEGINNING or head_of(path, "").startswith(GZIP) or format_of(path) != "csv":
        return path
    with path.open("rb") as file:
        lines = file.read(_BEGINNING).rpartition(b"\n")[0]
    if not lines:
        return path
    copy = folder / path.name
    copy.write_bytes(lines + b"\n")
    return copy


def head_of(path: Path, member: str) -> bytes:
    """Return the first bytes of a file or member, unpacked; b"" when it cannot be: landing tells why in its own words."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if member and head.startswith(ZIP):
            return next(unzip(path, path.name, member), b"")[:_HEAD]
        if not head.startswith(GZIP):
            return head
        with gzip.open(path) as unpacked:
            return unpacked.read(_HEAD)
    except (OSError, EOFError, zlib.error, SourceError):
        return b""
