"""The sample city's deliveries, sent wave by wave to a real Airflow on a lake of their own."""

import os
import shutil
import time
from pathlib import Path

from rich.console import Console

from pipelines.airflow_api import Run
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.deliveries import Expected, load_deliveries
from pipelines.demo.report import print_report, wide_console
from pipelines.errors import UsageError
from pipelines.lake.reader import connect
from pipelines.launch import AirflowServer
from pipelines.names import dag_id_of, domain_of, table_of
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows
from pipelines.steps.retract import retract

_MARK = ".demo"


def demo(settings: Settings, *, fresh: bool = False) -> int:
    """Publish the samples through Airflow and print what became of them; returns 0 when all came out as listed, else 1.

    Begins with an empty lake: an earlier demo's is replaced, one that holds anything else only when `fresh` says so.
    """
    console = wide_console()
    expected = load_deliveries(settings.city / "data_samples" / "deliveries.yaml")
    _fresh_lake(settings, expected, fresh)
    started = time.monotonic()
    with AirflowServer(settings, console=console) as server:
        console.print(f"Airflow is up after {time.monotonic() - started:.0f} s ({server.url})")
        server.wait_for_dags(sorted({dag_id_of(delivery.dataset) for delivery in expected}))
        for wave in sorted({delivery.wave for delivery in expected}):
            _send_wave(server, settings, console, [delivery for delivery in expected if delivery.wave == wave])
    surprises = _surprises(settings, expected)
    print_report(settings, console, expected)
    for surprise in surprises:
        console.print(f"NOT AS EXPECTED  {surprise}", style="bold red", markup=False)
    console.print(f"\n{time.monotonic() - started:.0f} s from start to report (installation not counted)")
    return 1 if surprises else 0


def _fresh_lake(settings: Settings, expected: list[Expected], fresh: bool) -> None:
    home = settings.home
    if home.exists() and any(home.iterdir()) and not (home / _MARK).exists():
        raise UsageError(f"[demo] {home} holds a lake that the demo did not make. Hint: RONGTONG_HOME=… make demo.")
    listed = {(delivery.dataset, Path(delivery.file).name) for delivery in expected}
    own = sorted(
        {
            f"{row['dataset']} {row['file']}"
            for row in batch_rows(settings, None)
            if (row["dataset"], row["file"]) not in listed
        }
    )
    if own and not fresh:
        more = f"{own[0]}{f' and {len(own) - 1} more' if len(own) > 1 else ''}"
        raise UsageError(
            f"[demo] {home} holds deliveries that are not the demo's: {more}. Hint: `rongtong demo --fresh` deletes them too."
        )
    for entry in home.iterdir() if home.exists() else ():
        if entry.name in ("airflow", _MARK):  # Airflow's own database and history may stay
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    home.mkdir(parents=True, exist_ok=True)
    (home / _MARK).touch()


def _send_wave(server: AirflowServer, settings: Settings, console: Console, wave: list[Expected]) -> None:
    for delivery in wave:
        _put_into_inbox(settings, delivery)
    datasets = sorted({delivery.dataset for delivery in wave})
    console.print(f"{len(wave)} {'delivery' if len(wave) == 1 else 'deliveries'} of {', '.join(datasets)} …")
    runs = [server.trigger(dag_id_of(dataset)) for dataset in datasets]
    server.wait(runs, on_change=lambda run: _tell(console, run), seconds=240)
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


def _surprises(settings: Settings, expected: list[Expected]) -> list[str]:
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
