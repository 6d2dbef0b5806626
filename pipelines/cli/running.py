"""Verbs of who runs the platform: init, up, demo, doctor, maintain, notify."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.output import print_json, print_rows, print_table, stderr, stdout, working
from pipelines.cli.receiving import Json
from pipelines.cli.words import word
from pipelines.settings import settings
from pipelines.wording import say


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    for verb in (init, up, demo, doctor, maintain, notify):
        app.command()(verb)


def init(folder: Annotated[Path, typer.Argument(help="a new or an empty folder", metavar="DIR")]) -> None:
    """Make a city's own repository: contracts, code lists, samples, dags, compose and CI files."""
    from pipelines.steps.scaffold import scaffold

    made = scaffold(folder)
    stdout.print(say("city_made", folder=made.folder, files=len(made.written)), markup=False)
    for file in made.kept:
        stdout.print("  " + say("city_kept", file=file), markup=False, style="yellow")
    stdout.print(say("city_next", folder=folder), markup=False)


def up() -> None:
    """Start Airflow on this machine and stay until Ctrl-C: a DAG per contract, a watcher, maintenance."""
    from pipelines.launch import up as up_now

    up_now(settings())


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="delete what you added to the demo's lake")] = False,
) -> None:
    """Let a real Airflow publish the sample city's deliveries, then show what became of them."""
    from pipelines.demo.run import demo as demo_now

    raise typer.Exit(demo_now(settings(), fresh=fresh))


def doctor(json: Json = False) -> None:
    """Examine the installation and the lake; every finding says what to do."""
    from pipelines.steps.doctor import examine

    findings = examine(settings())
    rows = [{"check": f.check, "state": f.state, "told": f.told, "hint": f.hint} for f in findings]
    print_json(rows) if json else print_table(rows)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def maintain(
    keep_days: Annotated[int, typer.Option(help="snapshots younger than this are kept")] = 30,
    json: Json = False,
) -> None:
    """Back up the catalogue, compact files, expire old unpinned snapshots, remove what nobody references."""
    from pipelines.steps.maintain import maintain as maintain_now

    with working("maintain …"):
        report = maintain_now(settings(), keep_days=keep_days)
    print_json(report) if json else print_table([report])
    if not json:
        stdout.print(word("kept"))


def notify(
    test: Annotated[bool, typer.Option("--test", help="send a test to every channel")] = False,
    now: Annotated[str, typer.Option(help="look as of this day", metavar="DATE")] = "",
    json: Json = False,
) -> None:
    """Tell who must know what is overdue, escalated or recovered since the last look; the DAG does so every hour."""
    from pipelines.steps.late import moment_of
    from pipelines.steps.notify import tell_trial
    from pipelines.steps.watchdog import watch

    with working("notify …"):
        notices = tell_trial(settings()) if test else watch(settings(), moment_of(settings(), now))
    names = ("event", "dataset", "channel", "state", "detail", "subject")
    print_rows([{name: getattr(notice, name) for name in names} for notice in notices], json)
    if test and not notices:
        stderr.print(word("no_channel"))
    if test and (not notices or any(notice.state != "sent" for notice in notices)):
        raise typer.Exit(1)
