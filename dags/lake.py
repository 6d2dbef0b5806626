"""Airflow DAGs of the whole lake: one looks at all inboxes, one does the maintenance."""

from pipelines.orchestrate.lake import maintain_lake, watch_inboxes

watch = watch_inboxes()
maintain = maintain_lake()
