"""Each format against the bare speed of its own reader, on the same file in the same run."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import duckdb
import pyarrow.csv
import xlsxwriter
from python_calamine import load_workbook

from benchmarks.measuring import Measured, apart, clocked
from pipelines.contracts.model import Column, Contract, Ingest
from pipelines.names import literal, quoted
from pipelines.sources.landed import Landed
from pipelines.sources.landing import land
from pipelines.sources.reading import open_reading

MOST_ROWS = {"xlsx": 200_000, "xls": 60_000, "jsonl": 1_000_000, "json": 300_000, "gb18030": 1_000_000}
THREADS = 2
_HEAD = ["firm_name", "credit_code", "metered_at", "kwh", "fee", "industry", "street", "remark", "serial", "is_open"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: `bare` are ways its own reader takes (the fastest counts), `landed`: landing is part of reading it."""

    name: str
    title: str
    bare: tuple[str, ...]
    landed: bool = False


FORMATS = (
    Format("xlsx", "XLSX, python-calamine's `to_python`", ("calamine",)),
    Format("jsonl", "JSON Lines, DuckDB's `read_json`", ("read_json",)),
    Format("json", "JSON array, Python's `json.load` (the whole of it in memory)", ("json_load",)),
    Format("gb18030", "CSV in GB18030, the faster of Python's decoder with DuckDB, and PyArrow", ("decode_and_scan", "arrow_csv"), landed=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """What one format took: the fastest bare reader, and ours."""

    format: Format
    rows: int
    size: int
    bare: list[Measured]
    ours: list[Measured]

    @property
    def ratio(self) -> float:
        """Bare speed reached: 1 is as fast as the reader alone."""
        return median(one.seconds for one in self.bare) / median(one.seconds for one in self.ours)


def compare(rows: int, rounds: int, work: Path, say: Callable[[str], None]) -> list[Compared]:
    """Return every format's comparison, files of at most that many rows; each measurement has a process of its own."""
    found = []
    for kind in FORMATS:
        count = min(rows, MOST_ROWS[kind.name])
        file = generate(work, kind.name, count)
        bare: list[list[Measured]] = [[] for _ in kind.bare]
        ours: list[Measured] = []
        for number in range(rounds):
            for place, way in enumerate(kind.bare):
                bare[place].append(apart(f"benchmarks.formats.{way}", file))
            ours.append(
                apart("benchmarks.formats.ours", file, kind.name, work / f"landing-{kind.name}-{number}", kind.landed)
            )
        best = min(bare, key=lambda measured: median(one.seconds for one in measured))
        found.append(Compared(kind, count, file.stat().st_size, best, ours))
        say(f"{kind.title}: {found[-1].ratio:.2f} of the bare speed")
        file.unlink()
    return found


def section(found: list[Compared], machine: list[str], load: list[float]) -> str:
    """Return the section of the report."""
    rows = [
        "| | rows | MB | bare s | ours s | ours CPU s | speed reached | peak MB bare | peak MB ours |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        cells = [
            one.format.title,
            f"{one.rows:,}",
            f"{one.size / 1e6:.0f}",
            f"{median(m.seconds for m in one.bare):.2f}",
            f"{median(m.seconds for m in one.ours):.2f}",
            f"{median(m.cpu for m in one.ours):.2f}",
            f"{one.ratio:.2f}",
            f"{max(m.peak_mb for m in one.bare):.0f}",
            f"{max(m.peak_mb for m in one.ours):.0f}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    told = (
        "Each format against the bare speed of its own reader: *ours* opens the landed file, counts its rows without the reader, and gives "
        "every value as text to DuckDB, which counts them; for GB18030 it also lands it (copy, sha256, transcoding, counts). "
        f"{THREADS} threads, {len(found[0].ours)} rounds, medians. Load average {load[0]:.1f} before, {load[-1]:.1f} after."
    )
    return "\n\n".join(["## Formats", "\n".join(f"- {line}" for line in machine), told, "\n".join(rows)]) + "\n"


def generate(work: Path, kind: str, rows: int) -> Path:
    """Write a file of that many meter readings, the same ones for every format."""
    file = work / f"readings.{kind}"
    if kind == "xlsx":
        _write_xlsx(file, rows)
        return file
    with file.open("w", encoding="gb18030" if kind == "gb18030" else "utf-8", newline="") as out:
        for number, row in enumerate(_rows(rows)):
            if kind == "gb18030":
                out.write(f"{','.join(_HEAD)}\n" if not number else "")
                out.write(",".join(str(value) for value in row) + "\n")
                continue
            text = json.dumps(dict(zip(_HEAD, map(_plain, row), strict=True)), ensure_ascii=False)
            out.write(("[" if not number else ",\n") + text if kind == "json" else text + "\n")
        out.write("]" if kind == "json" else "")
    return file


def _rows(count: int) -> list[tuple[object, ...]]:
    chance = random.Random(7)
    start = datetime(2026, 7, 1)
    return [
        (
            f"第{n}号用电企业有限公司", f"9135{n:014}", start + timedelta(hours=n % 720), chance.randint(1, 99_999),
            round(chance.random() * 1000, 2), f"行业{n % 40}", f"街道{n % 60}", "" if n % 3 else "抄表异常", n, "是",
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def _plain(value: object) -> object:
    return str(value) if isinstance(value, datetime) else value


def _write_xlsx(file: Path, rows: int) -> None:
    with xlsxwriter.Workbook(
        str(file), {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    ) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, _HEAD)
        for number, row in enumerate(_rows(rows), 1):
            sheet.write_row(number, 0, row)


def ours(file: Path, kind: str, landing: Path, landed_too: bool) -> Measured:
    """Measure our reading of the file, landed before unless landing is part of it."""
    name = "csv" if kind == "gb18030" else kind
    ingest = Ingest(format=name, encoding="gb18030" if kind == "gb18030" else "")
    contract = replace(_CONTRACT, ingest=ingest, columns=tuple(Column(heading, "string") for heading in _HEAD))
    con = _connection()
    _warm(contract, file.parent, landing)
    landed = None if landed_too else land(contract, file, landing)
    with clocked() as found:
        _count(con, contract, landed or land(contract, file, landing))
    return found


def _warm(contract: Contract, work: Path, landing: Path) -> None:
    """Import what reading imports, with a file of some rows."""
    kind = "gb18030" if contract.ingest.format == "csv" else contract.ingest.format
    folder = work / "warm"
    folder.mkdir(exist_ok=True)
    file = generate(folder, kind, 100)
    _count(_connection(), contract, land(contract, file, landing))


def _count(con: duckdb.DuckDBPyConnection, contract: Contract, landed: Landed) -> None:
    reading = open_reading(con, contract, landed)
    counts = ", ".join(f"count({quoted(heading)})" for heading in reading.headings)
    row = con.execute(f"SELECT count(*), {counts} FROM {reading.relation}").fetchone()
    if row is None or reading.unaccounted(row[0], lambda: 0):
        raise RuntimeError("rows are missing")
    reading.close()


def calamine(file: Path) -> Measured:
    """Measure python-calamine alone."""
    with clocked() as found:
        load_workbook(str(file)).get_sheet_by_index(0).to_python()
    return found


def read_json(file: Path) -> Measured:
    """Measure DuckDB's read_json, its types guessed, every value counted."""
    return _scanned(f"read_json({literal(str(file))}, format = 'newline_delimited')")


def json_load(file: Path) -> Measured:
    """Measure Python's json alone."""
    with clocked() as found, file.open(encoding="utf-8") as text:
        json.load(text)
    return found


def decode_and_scan(file: Path) -> Measured:
    """Measure decoding in Python, in pieces, and DuckDB's scan of the result."""
    target = file.with_suffix(".utf8")
    con = _connection()
    with clocked() as found:
        with file.open(encoding="gb18030", newline="") as text, target.open("w", encoding="utf-8", newline="") as out:
            while piece := text.read(4 << 20):
                out.write(piece)
        con.execute(f"SELECT {_COUNTS} FROM read_csv({literal(str(target))})").fetchall()
    return found


def arrow_csv(file: Path) -> Measured:
    """Measure PyArrow's CSV reader, told the encoding."""
    with clocked() as found:
        pyarrow.csv.read_csv(file, read_options=pyarrow.csv.ReadOptions(encoding="gb18030"))
    return found


def _scanned(relation: str) -> Measured:
    con = _connection()
    with clocked() as found:
        con.execute(f"SELECT {_COUNTS} FROM {relation}").fetchall()
    return found


def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": THREADS})


_COUNTS = ", ".join(f"count({quoted(heading)})" for heading in _HEAD)
_CONTRACT = Contract(
    id="environment.meter_readings", version="1.0.0", status="active", path="", digest="", title="", purpose="", limitations="",
    provider="", owner="", contacts=(), tags=(), columns=(), ingest=Ingest(),
)  # fmt: skip
