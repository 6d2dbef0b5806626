"""Verbs of who makes tables of others: transform."""

from typing import Annotated

import typer

from pipelines.cli.output import print_json, print_table, stdout, working
from pipelines.cli.receiving import Json
from pipelines.cli.words import word
from pipelines.settings import settings
from pipelines.wording import say


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    app.command()(transform)


def transform(
    domains: Annotated[
        list[str] | None, typer.Argument(help="domains; without any, all", metavar="[DOMAIN]...")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="make everything anew, also what did not change")] = False,
    json: Json = False,
) -> None:
    """Make the tables of dim, dws and ads anew: a domain's in one transaction, audited before they are published."""
    from pipelines.steps.mirror.mirror import mirror_if_set
    from pipelines.steps.transform.run import transform as transform_now

    with working("transform …"):
        outcomes = transform_now(settings(), domains or (), full=full)
    with working("mirror …"):
        mirror_if_set(settings())
    if json:
        print_json([outcome.as_dict() for outcome in outcomes])
        return
    for outcome in outcomes:
        snapshot = "" if outcome.snapshot is None else "  " + word("snapshot", snapshot=outcome.snapshot)
        stdout.print(word("made", domain=outcome.domain, verdict=say(outcome.verdict)) + snapshot, markup=False)
        print_table(
            [
                {"model": one.model, "made": one.made, "rows": one.rows, "written": one.written, "seconds": one.seconds}
                for one in outcome.models
            ]
        )
