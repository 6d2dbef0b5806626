"""Verbs of who runs the platform: up, demo, doctor, maintain."""

from typing import Annotated

import typer

from pipelines.cli.output import print_json, print_table, stdout, working
from pipelines.cli.receiving import Json
from pipelines.settings import settings


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    for verb in (up, demo, doctor, maintain):
        app.command()(verb)


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
        stdout.print("the ledger (quality.*) and pinned snapshots are kept")
