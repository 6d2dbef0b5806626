"""Airflow DAGs: one per contract, named ingest__<table>. Everything they do comes from the contracts."""

from pipelines.orchestrate.ingest import ingest_dags

for dag in ingest_dags():
    globals()[dag.dag_id] = dag
