"""What the demo shows when Airflow is done: deliveries, reasons, the refused one and its twin, questions, commands."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from pipelines.contracts.deliveries import Expected
from pipelines.demo.questions import QUESTIONS, Question, lacking_for
from pipelines.lake.connection import Connection
from pipelines.lake.reader import connect
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows
from pipelines.wording import kind_text, say

_REASONS = """
SELECT kind, rule, unexpected FROM city.quality.check_results
WHERE batch_id = ? AND unexpected > 0 AND verdict <> 'not_assessable' AND kind <> 'quarantined' ORDER BY unexpected DESC, rule LIMIT 3"""
_DISAGREED = "SELECT count(*) FILTER (NOT agreed), count(agreed) FROM city.quality.check_results"
_HOTLINE = "governance.hotline_orders"
_NEXT = (
    (_HOTLINE, "quarantine list hotline_orders --state open"),
    (_HOTLINE, "check hotline_orders data_samples/governance/hotline_orders/hotline_202603.csv"),
    ("", 'sql "select period, verdict, delivered, quarantined from quality.batches order by finished_at"'),
)


def wide_console() -> Console:
    """Return a console wide enough for the tables; a narrower terminal wraps the lines itself."""
    return Console(highlight=False, soft_wrap=True, width=max(Console().width, 160))


def print_report(settings: Settings, console: Console, expected: list[Expected]) -> None:
    """Print everything the demo promises to show."""
    batches = batch_rows(settings, None)
    con = connect(where=settings)
    try:
        for dataset in dict.fromkeys(delivery.dataset for delivery in expected):
            _print_deliveries(console, con, dataset, [row for row in batches if row["dataset"] == dataset])
        _print_twins(console, batches)
        _print_measures(console, con)
        for question in QUESTIONS:
            _print_answer(console, con, question)
    finally:
        con.close()
    _print_next(console, {delivery.dataset for delivery in expected})


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:  # only the last column gives way when the line is full
        table.add_column(name, no_wrap=name != names[-1], overflow="fold")
    return table


def _print_deliveries(console: Console, con: Connection, dataset: str, rows: list[dict[str, Any]]) -> None:
    console.print(f"\n{dataset}", style="bold")
    table = _table("period", "file", "verdict", "delivered", "valid", "quarantined", "top reasons")
    for row in rows:
        state = f" → {row['state']}" if row["state"] in ("superseded", "retracted") else ""
        numbers = (str(row[name]) for name in ("delivered", "valid", "quarantined"))
        table.add_row(row["period"], row["file"], say(row["verdict"]) + state, *numbers, _reasons(con, row["batch"]))
    console.print(table)


def _reasons(con: Connection, batch: str) -> str:
    found = con.execute(_REASONS, [batch]).fetchall()
    return "; ".join(f"{rule} {kind_text(kind)} ×{rows}" for kind, rule, rows in found)


def _print_twins(console: Console, batches: list[dict[str, Any]]) -> None:
    """Print each refused delivery beside the later one of its period that was published."""
    for refused in (row for row in batches if row["verdict"] == "refused"):
        later = [
            row
            for row in batches
            if row["dataset"] == refused["dataset"]
            and row["period"] == refused["period"]
            and row["state"] == "standing"
        ]
        console.print(
            f"\n{say('refused')}: {refused['file']} ({refused['dataset']} {refused['period']})",
            style="bold red",
            markup=False,
        )
        for line in str(refused["message"]).splitlines():
            console.print(f"  {line}", markup=False)
        for twin in later:
            text = f"  → {twin['file']}: {say(twin['verdict'])}, {twin['valid']} of {twin['delivered']} rows valid"
            console.print(text, style="green", markup=False)


def _print_measures(console: Console, con: Connection) -> None:
    row = con.execute(_DISAGREED).fetchone()
    if row:
        console.print(
            f"\nTwo measures: SQL and Great Expectations counted {row[1]} rules independently; they differ on {row[0]}."
        )


def _print_answer(console: Console, con: Connection, question: Question) -> None:
    console.print(f"\n{question.text}", style="bold", markup=False)
    lacking = lacking_for(con, question)
    if lacking:
        console.print(f"  {say('demo_lacking', lacking=', '.join(lacking))}", style="yellow", markup=False)
        return
    cursor = con.execute(question.query)
    table = _table(*(str(entry[0]) for entry in cursor.description))
    for row in cursor.fetchall():
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)


def _print_next(console: Console, datasets: set[str]) -> None:
    command = ".venv/bin/rongtong" if Path(".venv/bin/rongtong").exists() else "rongtong"
    console.print("\nTry next:", style="bold")
    for dataset, line in _NEXT:
        if not dataset or dataset in datasets:
            console.print(f"  {command} {line}", markup=False)
