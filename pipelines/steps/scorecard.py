"""部门报送评分 for signature: a month's scores of each provider as a workbook, with what they rest on and lines to sign."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts.city import load_city
from pipelines.contracts.models import all_models
from pipelines.errors import UsageError
from pipelines.lake.connection import Connection
from pipelines.lake.making import Making, last_making
from pipelines.lake.reader import connect_to_newest
from pipelines.settings import Settings
from pipelines.steps.pin import pin
from pipelines.wording import say
from pipelines.workbook import Cell, Sheet, new_workbook

MART = "ads.department_scorecard"
_SIGNERS = ("sign_provider", "sign_office")


@dataclass(frozen=True, slots=True)
class Scored:
    """The workbook that was written: of which month, with which providers, and the pinned snapshot that its numbers are of."""

    month: str
    providers: tuple[str, ...]
    out: str
    snapshot: int
    pin: str


def scorecard(settings: Settings, out: Path, *, month: str = "", provider: str = "") -> Scored:
    """Write the scorecards of a month (the last that has one) as a workbook: a summary, and a sheet for each provider to sign.

    Their snapshot is pinned first: what people sign can be read and explained for ever. UsageError: the mart was not made
    yet, or has nothing of that month or provider. LockHeld, like any writer.
    """
    con, snapshot = connect_to_newest(settings)
    try:
        _must_be_made(con)
        chosen = month or _last_month(con)
        names, rows = _rows(con, chosen, provider)
        making = last_making(con, MART)
    finally:
        con.close()
    if not rows:
        raise UsageError(
            f"[scorecard] there is no score of {provider or 'any provider'} in {chosen or 'any month'}. "
            f"Hint: `rongtong sql 'select provider, month from {MART}'`."
        )
    name = f"scorecard-{chosen}"
    pin(settings, snapshot, name)
    made = _told(making, snapshot, name)
    titles = _titles(settings)
    heads = [titles.get(name, name) for name in names]
    with new_workbook(out) as book:
        sheet = book.sheet(say("scorecard"))
        _above(sheet, load_city(settings.city).name, chosen, made)
        sheet.head(heads, [18] * len(heads))
        for row in rows:
            sheet.add(*(_cell(value) for value in row))
        for row in rows:
            _own(book.sheet(str(row[0])), load_city(settings.city).name, chosen, made, heads, row)
    return Scored(chosen, tuple(str(row[0]) for row in rows), str(out), snapshot, name)


def _above(sheet: Sheet, city: str, month: str, made: str) -> None:
    sheet.add(Cell(f"{city} {say('scorecard')} {month}", "title"))
    sheet.add(Cell(say("scorecard_made"), "label"), Cell(made))
    sheet.add(Cell(say("scorecard_note"), "note"))
    sheet.add()


def _own(sheet: Sheet, city: str, month: str, made: str, heads: Sequence[str], row: Sequence[Any]) -> None:
    sheet.widths((28, 40, 12, 24, 12, 24))
    _above(sheet, city, month, made)
    for head, value in zip(heads, row, strict=True):
        sheet.add(Cell(head, "head"), _cell(value))
    for signer in _SIGNERS:
        sheet.add()
        labels = (say(signer), say("signature"), say("date"))
        sheet.add(*(cell for label in labels for cell in (Cell(label, "label"), Cell(""))))


def _cell(value: Any) -> Cell:
    """A whole number stays a number; what is not assessable says so instead of a blank."""
    return Cell(value if isinstance(value, int) else say("not_scored") if value is None else str(value))


def _must_be_made(con: Connection) -> None:
    found = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'city' AND schema_name = 'ads' AND table_name = ?",
        [MART.partition(".")[2]],
    ).fetchone()
    if not found or not found[0]:
        raise UsageError(f"[scorecard] {MART} was not made yet. Hint: `rongtong transform operation`.")


def _last_month(con: Connection) -> str:
    row = con.execute(f"SELECT max(month) FROM city.{MART}").fetchone()
    return str(row[0]) if row and row[0] else ""


def _rows(con: Connection, month: str, provider: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    cursor = con.execute(
        f"SELECT * FROM city.{MART} WHERE month = ? AND (? = '' OR provider = ?) ORDER BY provider",
        [month, provider, provider],
    )
    return [str(entry[0]) for entry in cursor.description], cursor.fetchall()


def _told(making: Making | None, snapshot: int, name: str) -> str:
    made = f"{making.finished_at:%Y-%m-%d %H:%M} {making.transform}, " if making else ""
    return f"{made}{say('snapshot_pinned', snapshot=snapshot, name=name)}"


def _titles(settings: Settings) -> dict[str, str]:
    contracts = [one for one in all_models(settings) if f"{one.layer}.{one.table}" == MART]
    return {column.name: column.title for one in contracts for column in one.columns if column.title}
