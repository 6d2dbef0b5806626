"""Airflow DAGs of the whole lake: one looks at all inboxes, one at what is due, one does the maintenance."""

from pipelines.orchestrate.lake import maintain_lake, watch_due_dates, watch_inboxes

watch = watch_inboxes()
due = watch_due_dates()
maintain = maintain_lake()
