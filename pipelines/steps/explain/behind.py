"""The delivered rows behind a published row: found by the contract's `unfold`, each with its batch, file, record and line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pipelines.lake.columns as columns
from pipelines.contracts.model import Contract, Unfold
from pipelines.contracts.model_sql import parameters_of
from pipelines.contracts.serial import from_json
from pipelines.derive.rules import row_rules
from pipelines.derive.tables import dwd_table, ods_table
from pipelines.derive.upsert import winning_rows
from pipelines.errors import SourceError
from pipelines.lake import ledger
from pipelines.lake.cell import asked
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.settings import Settings
from pipelines.sources.reading import sheet_of
from pipelines.steps.explain.cell import Cell
from pipelines.steps.find import find_batch
from pipelines.steps.locate import LINES_TO_SEARCH, identity_of, read_lines
from pipelines.steps.plan import plan_of
from pipelines.steps.replay import landed_of

BEHIND = "temp.explained_rows"


@dataclass(frozen=True, slots=True)
class Row:
    """One delivered row: `record` is its place among the file's records, `line` its line (or the sheet's row); None where it has none."""

    file: str
    sheet: str
    record: int | None
    line: int | None
    batch: str
    period: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Behind:
    """How many rows there are, the first of them in the order of batch and file, and what could not be told of them."""

    total: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def collect(con: Connection, source: Contract, unfold: Unfold, cell: Cell) -> list[str]:
    """Put the rows behind a cell, as the lake holds them, into temp.explained_rows and return the names of their columns."""
    names = list(columns.present(con, "dwd", source.table))
    used = {name: cell.values[name] for name in parameters_of(unfold.rows)}
    condition, told = f"({unfold.rows}\n)", f"unfold.rows {unfold.rows!r}"
    standing = f"_batch IN (SELECT batch_id FROM city.quality.standing WHERE dataset = {literal(source.id)})"
    rows = f"SELECT * FROM {ods_table(source)} WHERE _violations IS NULL AND {standing} AND {condition}"
    if source.ingest.mode == "upsert":
        keys = ", ".join(quoted(name) for name in source.key)
        asked(
            con,
            f"CREATE OR REPLACE TEMP TABLE touched AS SELECT {keys} FROM {dwd_table(source)} WHERE {condition}",
            told,
            used,
        )
        rows, used = winning_rows(source, only_touched=True), {}
    listed = ", ".join(quoted(name) for name in names)
    asked(
        con,
        f"CREATE OR REPLACE TEMP TABLE explained_rows AS SELECT row_number() OVER () AS _place, _batch, _record, _line, _violations, {listed} FROM ({rows})",
        told,
        used,
    )
    return names


def located(con: Connection, settings: Settings, source: Contract, names: Sequence[str], limit: int) -> Behind:
    """Return the collected rows, at most `limit` of them, each with its place in the delivered file."""
    total = con.execute(f"SELECT count(*) FROM {BEHIND}").fetchone()
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE explained_first AS SELECT * FROM {BEHIND} ORDER BY _batch, _record, _place LIMIT {limit}"
    )
    batches = [
        str(row[0]) for row in con.execute("SELECT DISTINCT _batch FROM temp.explained_first ORDER BY 1").fetchall()
    ]
    rows: list[Row] = []
    notes: list[str] = []
    for batch in batches:
        found, note = _of_batch(con, settings, source, names, batch)
        rows += found
        notes += [note] if note else []
    return Behind(int(total[0]) if total else 0, tuple(rows), tuple(notes))


def _of_batch(
    con: Connection, settings: Settings, source: Contract, names: Sequence[str], batch_id: str
) -> tuple[list[Row], str]:
    batch = find_batch(con, source.id, batch_id)
    stored = ledger.contract_of(con, source.id, batch_id)
    read_under = from_json(stored) if stored else source
    file, sheet, note = ledger.file_name(con, source.id, batch.delivery), "", ""
    con.execute("CREATE OR REPLACE TEMP TABLE explained_places (_place BIGINT, line BIGINT, record BIGINT)")
    try:
        landed = landed_of(con, settings, read_under, batch)
        sheet = sheet_of(read_under, landed)
        around = plan_of(settings, read_under).around(batch.period, landed)
        if landed.counts.lines > LINES_TO_SEARCH:
            note = f"{file}: has {landed.counts.lines:,} lines; places are looked for in files of up to {LINES_TO_SEARCH:,}."
        else:
            _find_places(con, read_under, identity_of(read_under, row_rules(read_under, around)), batch_id)
            read_lines(con, read_under, around, landed, wanted="temp.explained_wanted", numbered=True)
            _match_places(con)
    except SourceError as error:  # the bytes are gone by retention: everything but the place is in the lake
        note = str(error)
    listed = ", ".join(_shown(con, source, name) for name in names)
    found = con.execute(
        f"SELECT coalesce(f._record, p.record), coalesce(f._line, p.line), {listed} FROM temp.explained_first f "
        f"LEFT JOIN temp.explained_places p USING (_place) WHERE f._batch = {literal(batch_id)} ORDER BY 1, 2, f._place"
    ).fetchall()
    rows = [
        Row(file, sheet, record, line, batch_id, batch.period, dict(zip(names, values, strict=True)))
        for record, line, *values in found
    ]
    lost = sum(row.record is None for row in rows)
    if lost and not note:
        note = f"{file}: {lost} rows were not found again in the delivered bytes, which were read in another way then."
    return rows, note


def _find_places(con: Connection, contract: Contract, identity: str, batch_id: str) -> None:
    """The batch's rows with what each is found again by; rows that are the same share their places in order."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE explained_wanted AS
SELECT _place, _record, identity, row_number() OVER (PARTITION BY identity ORDER BY _place) AS nth
FROM (SELECT _place, _record, {identity} AS identity
    FROM {BEHIND} WHERE _batch = {literal(batch_id)})"""
    )


def _match_places(con: Connection) -> None:
    con.execute(
        """INSERT INTO temp.explained_places
SELECT w._place, f.line, f.record FROM temp.explained_wanted w JOIN temp.found_lines f
    ON f.identity = w.identity AND CASE WHEN w._record IS NULL THEN f.nth = w.nth ELSE f.record = w._record END"""
    )
    con.execute("DROP TABLE temp.found_lines")


def _shown(con: Connection, source: Contract, name: str) -> str:
    kind = columns.present(con, "dwd", source.table)[name]
    return f"ST_AsText(f.{quoted(name)})" if kind.startswith("GEOMETRY") else f"f.{quoted(name)}"
