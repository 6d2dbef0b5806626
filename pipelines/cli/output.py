"""Printing: tables for people, JSON for scripts, complaints on stderr, a sign of life for whatever takes longer than a second."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.cli.words import heading, word
from pipelines.contracts.chinese.telling import told
from pipelines.errors import RongtongError
from pipelines.steps.outcome import Outcome
from pipelines.wording import say

_STYLE = {"published": "green", "conceded": "yellow", "refused": "red", "already_published": "cyan"}
stdout = Console(highlight=False, soft_wrap=True)
_WIDE = Console(highlight=False, width=4000)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def complain(error: RongtongError) -> None:
    """Print an error's own words."""
    stderr.print(told(error), style="red", markup=False)


def print_json(value: Any) -> None:
    """Print a value as JSON; times as ISO text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(rows: Sequence[Mapping[str, Any]], title: str = "") -> None:
    """Print rows as a table: never wrapped in a pipe, so that a line is a row; a dash when there are none."""
    if not rows:
        stdout.print("—")
        return
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in rows[0]:
        numeric = all(isinstance(row[name], int | float) or row[name] is None for row in rows)
        table.add_column(
            heading(name), justify="right" if numeric else "left", overflow="fold", no_wrap=not stdout.is_terminal
        )
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row.values()))
    (stdout if stdout.is_terminal else _WIDE).print(table)


def print_rows(rows: Sequence[Mapping[str, Any]], as_json: bool, title: str = "") -> None:
    """Print rows as JSON or as a table."""
    if as_json:
        print_json(list(rows))
    else:
        print_table(rows, title)


def print_outcome(outcome: Outcome, *, tried: bool = False) -> None:
    """Print a verdict with its numbers, why, where, and what to read next; `tried`: nothing of it was kept."""
    verdict = say(("would_be_" if tried else "") + outcome.verdict)
    name = "" if tried else f"  {outcome.batch}"
    stdout.print(
        f"{verdict}  {outcome.dataset}  {outcome.period}{name}", style=f"bold {_STYLE[outcome.verdict]}", markup=False
    )
    if outcome.verdict != "already_published":
        numbers = word("numbers", delivered=outcome.delivered, valid=outcome.valid, quarantined=outcome.quarantined)
        snapshot = "" if outcome.snapshot is None else "  " + word("snapshot", snapshot=outcome.snapshot)
        stdout.print(f"  {numbers}{snapshot}")
    for line in outcome.message.splitlines():
        stdout.print(f"  {line}", markup=False)
    said = outcome.message.splitlines()
    for reason in [reason for reason in outcome.reasons if reason.text not in said][:8]:
        share = "" if reason.pct is None else f"({reason.pct:g} %)  "
        stdout.print(f"  · {reason.rule}  {reason.rows}  {share}{reason.text}", markup=False)
    for example in outcome.examples:
        stdout.print("    " + word("line", text=example), markup=False, style="dim")
    for note in outcome.notes:
        stdout.print(f"  ! {note}", markup=False, style="yellow")
    if outcome.report:
        stdout.print("  " + word("report", path=outcome.report), markup=False, style="dim")


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something is being done, on a terminal only."""
    if stderr.is_terminal:
        with stderr.status(what):
            yield
    else:
        yield
