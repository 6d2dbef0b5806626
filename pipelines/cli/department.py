"""Verbs of the loop with the department: feedback."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.output import print_json, stdout, working
from pipelines.cli.receiving import Json
from pipelines.settings import settings
from pipelines.wording import say


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    app.command()(feedback)


def feedback(
    target: Annotated[
        str, typer.Argument(help="batch id; or a dataset: its newest batch with problems", metavar="ID|BATCH")
    ],
    out: Annotated[Path, typer.Option(help="workbook to write (.xlsx), readable by its owner alone")],
    json: Json = False,
) -> None:
    """Write the department's wrong rows as a workbook (问题数据反馈单): its own rows and headings, and what is wrong."""
    from pipelines.steps.feedback.feedback import feedback as feedback_now

    with working(f"{target} …"):
        told = feedback_now(settings(), target, out)
    if json:
        print_json(asdict(told) if told else {"batch": None, "rows": 0, "out": None})
    elif told is None:
        stdout.print(say("feedback_nothing", name=target), markup=False)
    else:
        stdout.print(say("feedback_written", **asdict(told)), markup=False)
        if told.left_out:
            stdout.print(say("left_out", shown=told.rows, left=told.left_out), markup=False, style="yellow")
