"""Verbs of who uses the lake: show, sql, attach, mirror, pin."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.output import print_json, print_table, stderr, stdout, working
from pipelines.cli.receiving import Json
from pipelines.cli.words import heading, word
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Contract
from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.contracts.model_order import Made


def register(app: typer.Typer) -> None:
    """Add this file's verbs to the app."""
    for verb in (show, sql, attach, mirror, pin):
        app.command()(verb)


def show(
    dataset: Annotated[
        str | None, typer.Argument(help="dataset or table that is made; without it, all", metavar="[ID]")
    ] = None,
    late: Annotated[bool, typer.Option("--late", help="what is due and not delivered")] = False,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="which columns it is made of, and which are made of it")
    ] = False,
    now: Annotated[str, typer.Option(help="with --late: as of this day", metavar="DATE")] = "",
    json: Json = False,
) -> None:
    """Show what there is: every dataset and model with its state; or one with its columns; or what is late."""
    from pipelines.contracts.finding import find_table

    if late or now:
        _show_late(dataset, now, json)
        return
    if dataset is None:
        _show_all(json)
        return
    found = find_table(settings(), dataset)
    if lineage:
        _show_lineage(found, json)
    elif isinstance(found, Contract):
        _show_dataset(found, json)
    else:
        _show_model(found, json)


def _show_all(as_json: bool) -> None:
    from pipelines.steps.listing import dataset_rows
    from pipelines.steps.model_listing import as_dataset_row, model_rows

    datasets, models = dataset_rows(settings()), model_rows(settings())
    if as_json:
        print_json([*datasets, *(as_dataset_row(row) for row in models)])
        return
    print_table(datasets)
    if models:
        print_table(models)


def _show_dataset(contract: Contract, as_json: bool) -> None:
    from pipelines.contracts.models import city_models
    from pipelines.steps.listing import batch_rows, column_rows
    from pipelines.steps.model_listing import readers_of

    told = {"id": contract.id, "title": contract.title, "purpose": contract.purpose, "version": contract.version, "status": contract.status,
            "mode": contract.ingest.mode, "provider": contract.provider, "owner": contract.owner, "table": f"dwd.{contract.table}"}  # fmt: skip
    readers = readers_of(city_models(settings()), f"dwd.{contract.table}")
    columns, deliveries = column_rows(contract), batch_rows(settings(), contract.id)
    if as_json:
        print_json({**told, "read by": readers, "columns": columns, "batches": deliveries})
        return
    _print_facts({**told, "read by": ", ".join(readers)})
    print_table(columns)
    print_table(
        [
            {k: r[k] for k in ("batch", "period", "file", "verdict", "state", "delivered", "valid", "quarantined")}
            for r in deliveries
        ]
    )


def _show_model(one: "Made", as_json: bool) -> None:
    from pipelines.steps.model_listing import model_page

    page = model_page(settings(), one)
    if as_json:
        print_json(page)
        return
    lists = {name: page.pop(name) for name in ("policies", "columns", "lineage")}
    _print_facts({name: ", ".join(value) if isinstance(value, list) else value for name, value in page.items()})
    print_table(lists["columns"])
    if lists["policies"]:
        print_table(lists["policies"])


def _show_lineage(found: "Made | Contract", as_json: bool) -> None:
    from pipelines.contracts.models import city_models
    from pipelines.steps.model_listing import lineage_of

    name = f"dwd.{found.table}" if isinstance(found, Contract) else found.name
    rows = lineage_of(city_models(settings()), name)
    print_json(rows) if as_json else print_table(rows)


def _print_facts(told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        if value not in ("", None):
            stdout.print(f"{heading(name):9} {value}", markup=False)


def _show_late(dataset: str | None, now: str, as_json: bool) -> None:
    from pipelines.steps.late import late_rows, moment_of

    wanted = find_contract(settings(), dataset).id if dataset else ""
    rows, untold = late_rows(settings(), moment_of(settings(), now))
    rows = [row for row in rows if wanted in ("", row["dataset"])]
    print_json(rows) if as_json else print_table(rows)
    for message in untold:
        stderr.print(message, style="red", markup=False)
    if untold:
        raise typer.Exit(1)


def sql(
    query: Annotated[str | None, typer.Argument(help="a SELECT; without it, a shell")] = None,
    at: Annotated[
        str | None, typer.Option(help="a snapshot id, an ISO time or a pin: the whole lake as it was")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx, parquet or arrow")] = "table",
    out: Annotated[Path | None, typer.Option(help="file to write")] = None,
    headings: Annotated[
        str | None,
        typer.Option(help="zh: the contracts' Chinese names (xlsx: default with RONGTONG_LANG=zh); en: as asked"),
    ] = None,
) -> None:
    """Query the lake with SQL, read-only, while loads run."""
    from pipelines.lake.query import run_query, shell

    if query is None:
        shell(settings(), at)
        return
    with working("sql …"):
        text = run_query(settings(), query, at=at, form=form, out=out, headings=headings)
    typer.echo(text, nl=False)


def attach() -> None:
    """Print the lines that open the lake, read-only, in the plain duckdb command line."""
    from pipelines.lake.query import attach_lines

    typer.echo(attach_lines(settings()))


def mirror(json: Json = False) -> None:
    """Bring dim, dws and ads into PostgreSQL for BI tools (RONGTONG_BI_URL), in one transaction."""
    from pipelines.lake.faults import without_password
    from pipelines.steps.mirror.mirror import mirror as mirror_now

    with working("mirror …"):
        done = mirror_now(settings())
    if json:
        print_json(done.as_dict())
        return
    print_table([asdict(table) for table in done.tables])
    print_table([{"domain": domain, "reader": without_password(uri)} for domain, uri in done.readers.items()])
    stdout.print(word("readers_kept"), markup=False)


def pin(
    snapshot: Annotated[int, typer.Argument(help='snapshot id (`rongtong sql "from city.snapshots()"`)')],
    name: Annotated[str, typer.Argument(help="a name, used as --at NAME")],
    by: Annotated[str, typer.Option(help="who pins")] = "",
    json: Json = False,
) -> None:
    """Keep a snapshot for ever, under a name: maintenance never expires it."""
    from pipelines.steps.pin import pin as pin_now

    told = pin_now(settings(), snapshot, name, by=by)
    print_json(told) if json else stdout.print(f"{name} → {snapshot}", markup=False)
