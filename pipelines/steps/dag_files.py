"""What a city's dags/ folder holds: three files, the same in every city. Imports no Airflow."""

from collections.abc import Mapping
from pathlib import Path

# Airflow skips files that do not say both "airflow" and "dag".
DAG_FILES: Mapping[str, str] = {
    "ingest.py": '''"""Airflow DAGs: one per contract, named ingest__<table>. Everything they do comes from the contracts."""

from pipelines.orchestrate.ingest import ingest_dags

for dag in ingest_dags():
    globals()[dag.dag_id] = dag
''',
    "lake.py": '''"""Airflow DAGs of the whole lake: one looks at all inboxes, one at what is due, one does the maintenance."""

from pipelines.orchestrate.lake import maintain_lake, watch_due_dates, watch_inboxes

watch = watch_inboxes()
due = watch_due_dates()
maintain = maintain_lake()
''',
    "transform.py": '''"""Airflow DAGs: one per domain, named transform__<domain>, that makes the tables of dim, dws and ads."""

from pipelines.orchestrate.transform import transform_dags

for dag in transform_dags():
    globals()[dag.dag_id] = dag
''',
}


def write_dags(city: Path) -> Path:
    """Return the city's folder of DAG files; a city that has none gets it."""
    folder = city / "dags"
    if not folder.exists():
        folder.mkdir(parents=True)
        for name, text in DAG_FILES.items():
            (folder / name).write_text(text, encoding="utf-8")
    return folder
