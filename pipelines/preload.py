"""What the Airflow scheduler imports before it forks: importing only; no connection, no thread, no TLS before a fork."""

import importlib

HEAVY = ("duckdb", "pyarrow", "great_expectations")
STEPS = ("pipelines.steps.ingest", "pipelines.steps.replay", "pipelines.steps.maintain")


def preload() -> None:
    """Import everything a task will need. LocalExecutor itself freezes the garbage collector around its forks."""
    for name in STEPS:
        importlib.import_module(name)
