"""Sending the sample city's deliveries, a wave at a time, to an Airflow, and comparing what it made of them."""

import os
import shutil
import time
from pathlib import Path

from rich.console import Console

from pipelines.airflow_api import Run
from pipelines.airflow_runs import AirflowRuns
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.deliveries import Expected
from pipelines.lake.reader import connect
from pipelines.names import dag_id_of, domain_of, table_of
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows
from pipelines.steps.retract import retract


def send_wave(server: AirflowRuns, settings: Settings, console: Console, wave: list[Expected]) -> None:
    """Put the deliveries of a wave into their inboxes, wait for their DAGs, take back what is to be taken back."""
    for delivery in wave:
        _put_into_inbox(settings, delivery)
    datasets = sorted({delivery.dataset for delivery in wave})
    console.print(f"{len(wave)} {'delivery' if len(wave) == 1 else 'deliveries'} of {', '.join(datasets)} …")
    runs = [server.trigger(dag_id_of(dataset)) for dataset in datasets]
    server.wait(runs, on_change=lambda run: _tell(console, run), seconds=600)
    for delivery in wave:
        if delivery.retract:
            told = retract(
                settings, find_contract(settings, delivery.dataset), None, reason=delivery.retract, by="demo", last=True
            )
            console.print(f"  {told['batch']} ({delivery.shows}): taken back", markup=False)


def _tell(console: Console, run: Run) -> None:
    mark = {"success": "✓", "failed": "✗ (a refused delivery fails its run)"}.get(run.state, "…")
    console.print(f"  {run.dag_id} {run.state} {mark}", markup=False)


def _put_into_inbox(settings: Settings, delivery: Expected) -> None:
    source = settings.city / "data_samples" / delivery.file
    target = settings.inbox / domain_of(delivery.dataset) / table_of(delivery.dataset) / Path(delivery.file).name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    settled = time.time() - 60  # a file that was touched just now would be left to settle
    os.utime(target, (settled, settled))


def surprises_in(settings: Settings, expected: list[Expected]) -> list[str]:
    """Return a sentence per delivery whose verdict or numbers are not those listed, and per measure that disagreed."""
    known = {(row["dataset"], row["file"]): row for row in batch_rows(settings, None)}
    found = []
    for delivery in expected:
        row = known.get((delivery.dataset, Path(delivery.file).name))
        wanted = (delivery.verdict, delivery.delivered, delivery.valid, delivery.quarantined)
        got = None if row is None else tuple(row[name] for name in ("verdict", "delivered", "valid", "quarantined"))
        if got != wanted:
            found.append(f"{delivery.file}: {got}, listed {wanted}")
    return found + _disagreements(settings)


def _disagreements(settings: Settings) -> list[str]:
    con = connect(where=settings)
    try:
        rows = con.execute(
            "SELECT batch_id, rule, unexpected, gx_unexpected FROM city.quality.check_results WHERE NOT agreed"
        ).fetchall()
    finally:
        con.close()
    return [
        f"{batch} {rule}: SQL flags {flags}, Great Expectations counts {counted}"
        for batch, rule, flags, counted in rows
    ]
