"""Making the models of the sample city through Airflow, once all its deliveries are there.

The transforms are triggered by the assets they read; while dozens of deliveries arrive one after the other they would make
the same tables again and again, so they wait until the last has come.
"""

from graphlib import TopologicalSorter

from rich.console import Console

from pipelines.airflow_runs import AirflowRuns
from pipelines.contracts.model_order import domain_graph
from pipelines.contracts.models import city_models
from pipelines.settings import Settings
from pipelines.steps.model_listing import model_rows


def levels(settings: Settings) -> list[list[str]]:
    """Return the DAGs of the city's domains in groups: those of a group read only what groups before it make."""
    sorter = TopologicalSorter(domain_graph(city_models(settings).made))
    sorter.prepare()
    found = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found.append([f"transform__{domain}" for domain in ready])
        sorter.done(*ready)
    return found


def unmade(settings: Settings) -> list[list[str]]:
    """Return those of `levels` that have a table which was never made: what makes them was broken off, and may be on hold."""
    lacking = {f"transform__{row['domain']}" for row in model_rows(settings) if row["state"] == "never made"}
    found = [[dag_id for dag_id in group if dag_id in lacking] for group in levels(settings)]
    return [group for group in found if group]


def hold(server: AirflowRuns, groups: list[list[str]]) -> None:
    """Pause the transforms."""
    for dag_id in (dag_id for group in groups for dag_id in group):
        server.api.pause(dag_id, True)


def make_models(server: AirflowRuns, console: Console, groups: list[list[str]]) -> list[str]:
    """Let the transforms run, a group at a time, and return a sentence for each that did not succeed."""
    found = []
    for group in groups:
        console.print(f"{', '.join(group)} …", markup=False)
        for dag_id in group:
            server.api.pause(dag_id, False)
        runs = server.wait([server.trigger(dag_id) for dag_id in group], seconds=600)
        for run in runs:
            console.print(f"  {run.dag_id} {run.state} {'✓' if run.state == 'success' else '✗'}", markup=False)
            if run.state != "success":
                found.append(f"{run.dag_id}: {run.state}\n{server.failed_log(run)}")
    return found
