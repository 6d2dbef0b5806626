"""What the Airflow scheduler imports before it forks its workers: only what starts no thread and opens nothing.

Great Expectations takes 10 CPU-seconds to import, once here instead of once a task. DuckDB is left to the tasks: its
import alone opens a database and starts threads, which a fork would not carry over (and it takes 0.2 s).
"""

import importlib

# By name: their home is `quality`, but `quality` imports DuckDB too.
HEAVY = (
    "great_expectations",
    "great_expectations.render.renderer.page_renderer",
    "great_expectations.render.view.view",
)


def preload() -> None:
    """Import the heavy libraries. LocalExecutor itself freezes the garbage collector around its forks."""
    for name in HEAVY:
        importlib.import_module(name)
