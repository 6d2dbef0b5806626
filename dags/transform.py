"""Airflow DAGs: one per domain, named transform__<domain>, that makes the tables of dim, dws and ads."""

from pipelines.orchestrate.transform import transform_dags

for dag in transform_dags():
    globals()[dag.dag_id] = dag
