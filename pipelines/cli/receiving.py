"""Verbs of who receives deliveries: ingest, batches, quarantine, replay, retract, rebuild."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.output import print_json, print_outcome, print_rows, stderr, stdout, working
from pipelines.cli.words import word
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Contract
from pipelines.errors import UsageError
from pipelines.names import table_of_batch
from pipelines.settings import settings
from pipelines.steps.outcome import Outcome, RefusedOutcome

Json = Annotated[bool, typer.Option("--json", help="print the result as JSON")]
Dataset = Annotated[str, typer.Argument(help="dataset: id, table or DAG id", metavar="ID")]
quarantine = typer.Typer(
    no_args_is_help=True, help="Rows that broke a rule: list, export, waive.", rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    for verb in (ingest, batches, replay, retract, rebuild):
        app.command()(verb)
    app.add_typer(quarantine, name="quarantine")


def ingest(
    dataset: Dataset,
    file: Annotated[
        Path | None, typer.Option(help="a file; without it, everything waiting in the inbox and at the source")
    ] = None,
    period: Annotated[str | None, typer.Option(help="the period, where the file does not tell it (2026-06)")] = None,
    accept: Annotated[
        str | None, typer.Option(help="publish beyond the threshold, for this reason (concession)", metavar="REASON")
    ] = None,
    by: Annotated[str | None, typer.Option(help="who decides the concession", metavar="NAME")] = None,
    json: Json = False,
) -> None:
    """Land a delivery, check it, publish it atomically; or refuse it and say why."""
    from pipelines.steps.ingest import ingest as ingest_one
    from pipelines.steps.ingest import ingest_waiting

    contract = find_contract(settings(), dataset)
    if file is None and (accept or (period and not contract.ingest.is_pulled)):
        raise UsageError("[ingest] --period and --accept belong to one file. Hint: add --file.")
    with working(f"{contract.id} …"), _faults_told(contract, file):
        if file is None:
            outcomes = ingest_waiting(settings(), contract, period=period, settle=0, again=True)
        else:
            try:
                outcomes = [ingest_one(settings(), contract, file, period=period, accept=accept, by=by)]
            except RefusedOutcome as refused:
                outcomes = [refused.outcome]
    _finish(contract, outcomes, json, single=file is not None)


@contextmanager
def _faults_told(contract: Contract, file: Path | None = None) -> Iterator[None]:
    """Tell who must know when our own side fails; the error goes on."""
    from pipelines.steps.notify import failures, tell_fault

    try:
        yield
    except Exception as error:
        for message in failures(tell_fault(settings(), contract, error, file=str(file or ""))):
            stderr.print(message, style="yellow", markup=False)
        raise


def _finish(contract: Contract, outcomes: list[Outcome], as_json: bool, *, single: bool) -> None:
    """Print what became of deliveries, then tell who must know."""
    from pipelines.steps.notify import failures, tell_outcomes

    if as_json:
        shown = [outcome.as_dict() for outcome in outcomes]
        print_json(shown[0] if single else shown)
    elif not outcomes:
        stdout.print(word("nothing_waiting"))
    else:
        for outcome in outcomes:
            print_outcome(outcome)
    for message in failures(tell_outcomes(settings(), contract, outcomes)):
        stderr.print(message, style="yellow", markup=False)
    if any(outcome.verdict == "refused" for outcome in outcomes):
        raise typer.Exit(1)


def batches(
    dataset: Annotated[str | None, typer.Argument(help="dataset; without it, all", metavar="[ID]")] = None,
    json: Json = False,
) -> None:
    """List batches with verdict, numbers and whether they stand."""
    from pipelines.steps.listing import batch_rows

    wanted = find_contract(settings(), dataset).id if dataset else None
    rows = batch_rows(settings(), wanted)
    print_rows(rows if json else [_short(row) for row in rows], json)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        "batch",
        "period",
        "file",
        "verdict",
        "state",
        "delivered",
        "valid",
        "quarantined",
        "snapshot",
        "finished_at",
    )
    return {name: str(row[name])[:19] if name == "finished_at" else row[name] for name in names}


@quarantine.command("list")
def quarantine_list(
    dataset: Dataset,
    state: Annotated[str | None, typer.Option(help="open, corrected, waived, retracted or superseded")] = None,
    batch: Annotated[str | None, typer.Option(help="one batch only")] = None,
    limit: Annotated[int, typer.Option(help="rows to print (JSON: all)")] = 50,
    json: Json = False,
) -> None:
    """List quarantined rows: line in the file, column, rule, what was delivered, and their state."""
    rows = _quarantined(dataset, state, batch)
    print_rows(rows if json else [_place(row) for row in rows[:limit]], json)
    if not json and len(rows) > limit:
        stdout.print(word("more", count=len(rows) - limit))


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: row[name]
        for name in ("batch", "file", "line", "column", "rule", "raw", "state", "corrected_by", "waived_by")
    }


def _quarantined(dataset: str, state: str | None, batch: str | None) -> list[dict[str, Any]]:
    from pipelines.lake.connection import lake_exists
    from pipelines.steps.quarantine import rows

    contract = find_contract(settings(), dataset)
    if not lake_exists(settings()):
        return []
    with working("quarantine …"):
        return rows(settings(), contract, state=state, batch=batch)


@quarantine.command("export")
def quarantine_export(
    dataset: Dataset,
    out: Annotated[Path, typer.Option(help="CSV file to write (UTF-8 with BOM)")],
    state: Annotated[str | None, typer.Option(help="only rows of this state")] = "open",
    batch: Annotated[str | None, typer.Option(help="one batch only")] = None,
) -> None:
    """Write quarantined rows to a CSV that Excel opens."""
    from pipelines.steps.listing import write_csv

    rows = _quarantined(dataset, state, batch)
    write_csv(out, rows)
    stdout.print(f"{len(rows)} → {out}")


@quarantine.command("waive")
def quarantine_waive(
    batch: Annotated[str, typer.Argument(help="batch id, e.g. hotline_orders-0007")],
    reason: Annotated[str, typer.Option(help="why nobody will correct these rows")],
    by: Annotated[str, typer.Option(help="who decides")],
    rule: Annotated[str | None, typer.Option(help="one rule only, e.g. category.enum")] = None,
    json: Json = False,
) -> None:
    """Close open quarantined rows of a batch that nobody will correct."""
    from pipelines.steps.quarantine import waive

    contract = find_contract(settings(), table_of_batch(batch))
    waived = waive(settings(), contract, batch, reason=reason, by=by, rule=rule)
    if json:
        print_json({"batch": batch, "rule": rule, "rows": waived})
    else:
        stdout.print(word("waived", count=waived))


def replay(
    dataset: Dataset,
    batch: Annotated[
        str | None, typer.Argument(help="batch; without it, all that today's plan reads otherwise")
    ] = None,
    json: Json = False,
) -> None:
    """Read landed deliveries again under today's contract and code lists (also: undo a retraction)."""
    from pipelines.steps.replay import replay as replay_now

    contract = find_contract(settings(), dataset)
    with working(f"{contract.id} …"), _faults_told(contract):
        outcomes = replay_now(settings(), contract, batch)
    _finish(contract, outcomes, json, single=False)


def retract(
    target: Annotated[str, typer.Argument(help="batch id; or a dataset with --last", metavar="BATCH")],
    reason: Annotated[str, typer.Option(help="why it is taken back")],
    by: Annotated[str, typer.Option(help="who decides")] = "",
    last: Annotated[bool, typer.Option("--last", help="the dataset's newest standing batch")] = False,
    json: Json = False,
) -> None:
    """Take a published batch back; what it had superseded stands again."""
    from pipelines.steps.retract import retract as retract_now

    contract = find_contract(settings(), target if last else table_of_batch(target) or target)
    told = retract_now(settings(), contract, None if last else target, reason=reason, by=by, last=last)
    if json:
        print_json(told)
    else:
        batches = ", ".join(map(str, told["stands_again"]))  # type: ignore[call-overload]
        again = word("stands_again", batches=batches) if batches else ""
        stdout.print(word("taken_back", batch=told["batch"], period=told["period"]) + again, markup=False)


def rebuild(dataset: Dataset, json: Json = False) -> None:
    """After a breaking change: make the tables anew and read every published delivery from landing, in one transaction."""
    from pipelines.steps.rebuild import rebuild as rebuild_now

    contract = find_contract(settings(), dataset)
    with working(f"{contract.id} …"), _faults_told(contract):
        outcomes = rebuild_now(settings(), contract)
    _finish(contract, outcomes, json, single=False)
