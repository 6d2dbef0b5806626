"""Loading the sample city into a lake whose Airflow somebody else runs: each delivery once, however often it is asked.

What was broken off goes on where it was, also between the last delivery and the tables that are made of all of them.
"""

from rich.console import Console

from pipelines.airflow_runs import AirflowRuns
from pipelines.contracts.deliveries import Expected, load_deliveries
from pipelines.demo.modelling import hold, levels, make_models, unmade
from pipelines.demo.sending import send_wave, surprises_in
from pipelines.names import dag_id_of
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows


def load_samples(settings: Settings, airflow: AirflowRuns) -> int:
    """Send what the ledger does not know yet, wave by wave, and make the tables; returns 0 when all came out as listed, else 1."""
    console = Console(highlight=False, soft_wrap=True)
    expected = load_deliveries(settings.city / "data_samples" / "deliveries.yaml")
    left = _unknown(settings, expected)
    groups = levels(settings) if left else unmade(settings)
    if not left and not groups:
        console.print("the sample city is there already")
        return 0
    ingests = {dag_id_of(delivery.dataset) for delivery in left}
    airflow.wait_for_dags(sorted({*ingests, *(dag_id for group in groups for dag_id in group)}), seconds=180)
    hold(airflow, groups)
    for wave in sorted({delivery.wave for delivery in left}):
        send_wave(airflow, settings, console, [delivery for delivery in left if delivery.wave == wave])
    surprises = [*surprises_in(settings, expected if left else []), *make_models(airflow, console, groups)]
    for surprise in surprises:
        console.print(f"NOT AS EXPECTED  {surprise}", style="bold red", markup=False)
    console.print(f"the sample city is loaded: {len(expected)} deliveries, {len(surprises)} not as listed")
    return 1 if surprises else 0


def _unknown(settings: Settings, expected: list[Expected]) -> list[Expected]:
    """The deliveries that have no batch yet, or one that was to be taken back and was not."""
    known = {(row["dataset"], row["file"]): row["state"] for row in batch_rows(settings, None)}
    return [
        delivery
        for delivery in expected
        if _key(delivery) not in known or (delivery.retract and known[_key(delivery)] != "retracted")
    ]


def _key(delivery: Expected) -> tuple[str, str]:
    return delivery.dataset, delivery.file.rpartition("/")[2]
