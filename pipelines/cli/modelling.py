"""Verbs of who makes tables of others, and of who asks how a number came about: transform, explain."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.output import print_json, print_table, stderr, stdout, working
from pipelines.cli.receiving import Json
from pipelines.cli.words import word
from pipelines.settings import settings
from pipelines.wording import say

if TYPE_CHECKING:
    from pipelines.steps.explain.explaining import Explanation


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    app.command()(transform)
    app.command()(explain)


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


def explain(
    table: Annotated[str, typer.Argument(help="a table that is made: ads.…, dws.…, dim.…, or its Chinese name")],
    where: Annotated[
        str, typer.Option(help="a condition that one row meets: SQL over the table's own columns")
    ] = "true",
    limit: Annotated[int, typer.Option(min=1, help="how many of the rows behind it to print")] = 10,
    json: Json = False,
) -> None:
    """Unfold a published row to the delivered rows it was made of, each with file and record, and compute it from them again."""
    from pipelines.steps.explain.explaining import MOST_ROWS
    from pipelines.steps.explain.explaining import explain as explain_now

    with working("explain …"):
        told = explain_now(settings(), table, where, limit=MOST_ROWS if json else limit)
    print_json(told.as_dict()) if json else _print_explanation(told)
    if not told.agrees:
        raise typer.Exit(1)


def _print_explanation(told: "Explanation") -> None:
    seen = word("now") if told.snapshot is None else word("snapshot", snapshot=told.snapshot)
    stdout.print(
        word("explained", table=told.table, title=told.title, transform=told.transform, seen=seen),
        style="bold",
        markup=False,
    )
    again = told.recomputed
    print_table(
        [
            {
                "column": name,
                "published": value,
                **({} if again is None else {"recomputed": again.get(name)}),
                "formula": told.formula.get(name, ""),
            }
            for name, value in told.published.items()
        ]
    )
    if again is not None:
        stdout.print(
            word("same" if told.agrees else "differs"), style="green" if told.agrees else "bold red", markup=False
        )
        stdout.print(word("rows_behind", total=told.rows_total), markup=False)
        print_table(
            [{**{k: v for k, v in row.items() if k not in ("values", "period")}, **row["values"]} for row in told.rows]
        )
    else:
        print_table(told.lineage)
    stdout.print(word("made_from"), markup=False)
    print_table(told.inputs)
    for note in told.notes:
        stderr.print(f"! {note}", markup=False, style="yellow")
