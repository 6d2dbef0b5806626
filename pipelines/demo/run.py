"""The sample city's deliveries, sent wave by wave to a real Airflow on a lake of their own."""

import shutil
import time
from pathlib import Path

from pipelines.contracts.deliveries import Expected, load_deliveries
from pipelines.contracts.sources import keyed_files
from pipelines.demo.modelling import hold, levels, make_models
from pipelines.demo.page import write_page
from pipelines.demo.report import print_report, wide_console
from pipelines.demo.sending import send_wave, surprises_in
from pipelines.errors import UsageError
from pipelines.lake.pseudonym import DEMO_MARK
from pipelines.launch import AirflowServer
from pipelines.names import dag_id_of
from pipelines.settings import Settings
from pipelines.steps.demo_lake import foreign_deliveries, is_demo

_TOLD = 5
_NO_LAKE = {"cache", "tmp"}  # what `lint` and `check` leave, which need no lake


def demo(settings: Settings, *, fresh: bool = False) -> int:
    """Publish the samples through Airflow and print what became of them; returns 0 when all came out as listed, else 1.

    Begins with an empty lake: an earlier demo's is replaced, one that holds anything else only when `fresh` says so.
    """
    console = wide_console()
    expected = load_deliveries(settings.city / "data_samples" / "deliveries.yaml")
    _all_there(settings, expected)
    _fresh_lake(settings, fresh)
    started = time.monotonic()
    with AirflowServer(settings, console=console) as server:
        console.print(f"Airflow is up after {time.monotonic() - started:.0f} s ({server.url})")
        groups = levels(settings)
        ingests = {dag_id_of(delivery.dataset) for delivery in expected}
        server.wait_for_dags(sorted({*ingests, *(dag_id for group in groups for dag_id in group)}))
        hold(server, groups)
        for wave in sorted({delivery.wave for delivery in expected}):
            send_wave(server, settings, console, [delivery for delivery in expected if delivery.wave == wave])
        failed = make_models(server, console, groups)
    surprises = [*surprises_in(settings, expected), *failed]
    print_report(settings, console, expected)
    for surprise in surprises:
        console.print(f"NOT AS EXPECTED  {surprise}", style="bold red", markup=False)
    console.print(f"\nOne complaint's way, and refused files beside their twins: {write_page(settings)}")
    console.print(f"{time.monotonic() - started:.0f} s from start to report (installation not counted)")
    return 1 if surprises else 0


def _all_there(settings: Settings, expected: list[Expected]) -> None:
    """Raise UsageError when a listed delivery has no contract, or no file: better said before Airflow is started."""
    described = {file.dataset for file in keyed_files(settings.schemas)}
    lacking = [f"no contract of {dataset}" for dataset in sorted({d.dataset for d in expected} - described)]
    samples = settings.city / "data_samples"
    lacking += [f"no file {delivery.file}" for delivery in expected if not (samples / delivery.file).is_file()]
    if lacking:
        more = f" (and {len(lacking) - _TOLD} more)" if len(lacking) > _TOLD else ""
        raise UsageError(
            f"[samples] {samples / 'deliveries.yaml'} lists what this city lacks: {', '.join(lacking[:_TOLD])}{more}. "
            "Hint: list only what is there."
        )


def _fresh_lake(settings: Settings, fresh: bool) -> None:
    home = settings.home
    if _there(home) - _NO_LAKE and not is_demo(settings):
        raise UsageError(f"[demo] {home} holds a lake that the demo did not make. Hint: RONGTONG_HOME=… make demo.")
    own = [f"{dataset} {file}" for dataset, file in foreign_deliveries(settings)]
    if own and not fresh:
        more = f"{own[0]}{f' and {len(own) - 1} more' if len(own) > 1 else ''}"
        raise UsageError(
            f"[demo] {home} holds deliveries that are not the demo's: {more}. Hint: `rongtong demo --fresh` deletes them too."
        )
    for entry in home.iterdir() if home.exists() else ():
        if entry.name in ("airflow", DEMO_MARK):  # Airflow's own database and history may stay
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    home.mkdir(parents=True, exist_ok=True)
    (home / DEMO_MARK).touch()


def _there(home: Path) -> set[str]:
    return {entry.name for entry in home.iterdir()} if home.exists() else set()
