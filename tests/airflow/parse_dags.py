"""Parses the city's DAG files as Airflow's DAG processor does, and prints what it found as JSON."""

import json
import sys

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization

HEAVY = ("apprise", "duckdb", "pyarrow", "pandas", "great_expectations")


def described(dag: DAG) -> dict[str, object]:
    DagSerialization.to_dict(dag)  # what the scheduler and the UI get to see
    timetable = getattr(dag.timetable, "timetable", dag.timetable)  # of assets or a time
    waited_for = getattr(dag.timetable, "asset_condition", None)
    return {
        "tasks": sorted(dag.task_ids),
        "tags": sorted(dag.tags),
        "owner": dag.owner,
        "doc": dag.doc_md or "",
        "params": sorted(dag.params),
        "active": dag.max_active_runs,
        "schedule": str(getattr(timetable, "expression", "")),
        "zone": str(getattr(timetable, "timezone", "")),
        "waits for": sorted(asset.uri for asset in waited_for.objects) if waited_for else [],
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "inlets": [asset.uri for task in dag.tasks for asset in task.inlets],
    }


bag = DagBag(safe_mode=True)
found = {dag_id: described(dag) for dag_id, dag in bag.dags.items()}
print(
    json.dumps({"dags": found, "errors": bag.import_errors, "heavy": [name for name in HEAVY if name in sys.modules]})
)
