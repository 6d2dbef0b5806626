"""Verbs of the loop with the department: feedback, dictionary, scorecard, return."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.output import print_json, print_table, stdout, working
from pipelines.cli.receiving import Json
from pipelines.errors import ContractError, UsageError
from pipelines.settings import settings
from pipelines.wording import say


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    for verb in (feedback, dictionary, scorecard):
        app.command()(verb)
    app.command("return")(give_back)


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


def dictionary(
    datasets: Annotated[list[str] | None, typer.Argument(help="datasets; without them, all", metavar="[ID]...")] = None,
    out: Annotated[Path | None, typer.Option(help="workbook to write for signature (.xlsx)")] = None,
    signed: Annotated[Path | None, typer.Option(help="the signed copy: take over what differs")] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="take the signed copy over although it contradicts the contract")
    ] = False,
    json: Json = False,
) -> None:
    """Write the data dictionary (数据字典) of datasets for signature, or take a signed copy over into the contracts."""
    if (out is None) == (signed is None):
        raise UsageError(
            "[signed] give one of them. Hint: --out FILE to write the dictionary, --signed FILE to read it."
        )
    if out is not None:
        _write_dictionary(out, datasets or [], json)
    elif signed is not None:
        _take_signed(signed, datasets or [], accept, json)


def _write_dictionary(out: Path, datasets: list[str], as_json: bool) -> None:
    from pipelines.steps.dictionary.writing import write_dictionary

    contracts = write_dictionary(settings(), datasets, out)
    if as_json:
        print_json({"out": str(out), "datasets": [contract.id for contract in contracts]})
    else:
        stdout.print(say("dictionary_written", count=len(contracts), out=out), markup=False)


def _take_signed(signed: Path, datasets: list[str], accept: bool, as_json: bool) -> None:
    from pipelines.steps.dictionary.signing import take_signed

    try:
        taken = take_signed(settings(), signed, datasets, accept=accept)
    except ContractError:
        stdout.print(say("signed_hint"), markup=False)
        raise
    if as_json:
        print_json([asdict(one) for one in taken])
        return
    for one in taken:
        if not one.changes:
            stdout.print(say("signed_same", dataset=one.dataset), markup=False)
        for change in one.changes:
            stdout.print(f"{one.dataset}: {change.text}", markup=False)
        if any(change.breaking for change in one.changes):
            stdout.print(say("signed_breaking", dataset=one.dataset), markup=False, style="yellow")


def scorecard(
    out: Annotated[Path, typer.Option(help="workbook to write for signature (.xlsx)")],
    month: Annotated[str, typer.Option(help="month, YYYY-MM; without it, the last that has scores")] = "",
    provider: Annotated[str, typer.Option(help="one provider; without it, all")] = "",
    json: Json = False,
) -> None:
    """Write how departments delivered in a month (部门报送评分) as a workbook for signature."""
    from pipelines.steps.scorecard import scorecard as scorecard_now

    told = scorecard_now(settings(), out, month=month, provider=provider)
    if json:
        print_json(asdict(told))
    else:
        stdout.print(say("scorecard_written", out=told.out, month=told.month, count=len(told.providers)), markup=False)


def give_back(
    division: Annotated[str, typer.Argument(help="code of a district or subdistrict, e.g. 350203")],
    out: Annotated[Path, typer.Option(help="folder to make; it appears whole or not at all")],
    form: Annotated[str, typer.Option("--format", help="csv (with BOM) or parquet")] = "csv",
    json: Json = False,
) -> None:
    """Give a district its own rows back (回流): every table that carries a place, no other's rows, masked as in the lake."""
    from pipelines.steps.handback import hand_back

    with working(f"{division} …"):
        told = hand_back(settings(), division, out, form=form)  # type: ignore[arg-type] # a wrong one is told
    if json:
        print_json(asdict(told))
        return
    print_table([{"table": one.table, "title": one.title, "rows": one.rows, "file": one.file} for one in told.given])
    for table in told.left_out:
        stdout.print(say("handback_left_out", table=table), markup=False, style="yellow")
    stdout.print(say("handback_done", name=told.name, out=told.out, snapshot=told.snapshot), markup=False)
