"""回流: what a district delivered and what was computed of it, given back to it: exactly its own rows, masked as the lake has them."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.codelists import load_code_list
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import Contract
from pipelines.contracts.models import all_models
from pipelines.errors import EnvironmentFault, UsageError
from pipelines.lake.connection import Connection
from pipelines.lake.query import prepend_bom
from pipelines.lake.reader import connect_to_newest
from pipelines.names import literal, quoted
from pipelines.settings import Settings

Form = Literal["csv", "parquet"]
# By which column a row belongs to a place: the finest that a table has.
PLACES = ("subdistrict_code", "district_code", "division_code")
_LIST = "divisions"


@dataclass(frozen=True, slots=True)
class Given:
    """One table that was given back: by which column its rows were chosen, how many, and the file's digest."""

    table: str
    title: str
    column: str
    rows: int
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Handback:
    """What a division was given, of which snapshot; `left_out` are tables that carry a place and may not be given."""

    division: str
    name: str
    snapshot: int
    out: str
    given: tuple[Given, ...]
    left_out: tuple[str, ...]


def hand_back(settings: Settings, division: str, out: Path, *, form: Form = "csv") -> Handback:
    """Write a division's own rows of every table of dwd, dws and ads that carries a place, one file each, with a manifest.

    The folder appears whole or not at all. UsageError: no such division, a folder that is there already, a wrong form.
    """
    if form not in ("csv", "parquet"):
        raise UsageError(f"[format] '{form}' is not a format. Hint: csv or parquet.")
    name = _name_of(settings, division)
    if out.exists():
        raise UsageError(f"[out] {out} is there already. Hint: name a folder that is not.")
    with_place = [(contract, column) for contract in _tables(settings) if (column := place_column(contract))]
    shared = [one for one in with_place if dict(one[0].sharing).get("type") != "none"]
    half = out.with_name(f".{out.name}-{uuid.uuid4().hex}")
    con, snapshot = connect_to_newest(settings)
    try:
        half.mkdir(mode=0o700)
        given = tuple(_given(con, division, shared, half, form))
        left_out = tuple(f"{one.layer}.{one.table}" for one, _ in with_place if (one, _) not in shared)
        told = Handback(division, name, snapshot, str(out), given, left_out)
        manifest = json.dumps(asdict(told), ensure_ascii=False, indent=2)
        (half / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
        half.replace(out)
    except OSError as error:
        raise EnvironmentFault(f"[out] {out} cannot be written: {error}.") from error
    finally:
        con.close()
        shutil.rmtree(half, ignore_errors=True)
    return told


def place_column(contract: Contract) -> str:
    """Return the column by which a table's rows belong to a division, '' when it has none."""
    names = {column.name for column in contract.columns}
    return next((name for name in PLACES if name in names), "")


def own_rows(column: str, division: str) -> str:
    """Return SQL that is true for the rows of a division and of those below it, and of no other.

    >>> own_rows("subdistrict_code", "350203"), own_rows("division_code", "350200")
    ('starts_with("subdistrict_code", \\'350203\\')', 'starts_with("division_code", \\'3502\\')')
    """
    prefix = division
    while len(prefix) > 2 and len(division) == 6 and prefix.endswith("00"):
        prefix = prefix[:-2]
    return f"starts_with({quoted(column)}, {literal(prefix)})"


def _name_of(settings: Settings, division: str) -> str:
    current = {code: name for code, name, _, until in load_code_list(settings.schemas, _LIST).rows if not until}
    if division not in current:
        hint = use(closest(division, current)) or "`rongtong sql 'from dim.divisions'` lists them."
        raise UsageError(f"[division] '{division}' is no division of this city today. Hint: {hint}")
    return current[division]


def _tables(settings: Settings) -> list[Contract]:
    return [*all_contracts(settings)[0], *(one for one in all_models(settings) if one.layer in ("dws", "ads"))]


def _given(
    con: Connection, division: str, tables: list[tuple[Contract, str]], folder: Path, form: Form
) -> Iterator[Given]:
    there = _present(con)
    for contract, column in tables:
        name = f"{contract.layer}.{contract.table}"
        if name not in there:
            continue
        file = folder / f"{name}.{form}"
        order = ", ".join(quoted(key) for key in contract.key) or "ALL"
        query = f"SELECT * FROM city.{name} WHERE {own_rows(column, division)} ORDER BY {order}"
        options = "FORMAT csv, HEADER" if form == "csv" else "FORMAT parquet"
        row = con.execute(f"COPY ({query}) TO {literal(str(file))} ({options})").fetchone()
        if form == "csv":  # Excel takes a CSV for UTF-8 only by its BOM
            prepend_bom(file)
        file.chmod(0o600)
        yield Given(name, contract.title, column, int(row[0]) if row else 0, file.name, _sha256(file))


def _present(con: Connection) -> set[str]:
    rows = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'city' "
        "UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = 'city'"
    ).fetchall()
    return {str(row[0]) for row in rows}


def _sha256(file: Path) -> str:
    with file.open("rb") as lines:
        return hashlib.file_digest(lines, "sha256").hexdigest()
