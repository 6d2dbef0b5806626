"""Starting DAG runs in an Airflow and waiting for them, whoever runs that Airflow."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from pipelines.airflow_api import AirflowApi, Run
from pipelines.errors import EnvironmentFault


class AirflowRuns:
    """An Airflow that answers at its REST interface; `logs` is where a person would look when a run does not end."""

    api: AirflowApi
    logs: str

    def __init__(self, api: AirflowApi, logs: str) -> None:
        self.api = api
        self.logs = logs

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None) -> Run:
        """Start a run of a DAG with these parameters and return it, queued."""
        return self.api.trigger(dag_id, conf or {})

    def wait_for_dags(self, dag_ids: Collection[str], seconds: float = 60) -> None:
        """Return once all these DAGs are parsed; EnvironmentFault with the import errors when they never are."""
        for _ in self._until(seconds):
            missing = set(dag_ids) - self.api.dags().keys()
            if not missing:
                return
        errors = "\n".join(self.api.import_errors()) or "no import error is reported"
        raise EnvironmentFault(
            f"these DAGs are not there after {seconds:.0f} s: {', '.join(sorted(missing))}\n{errors}"
        )

    def wait(
        self, runs: Sequence[Run], *, on_change: Callable[[Run], None] = lambda run: None, seconds: float = 1800
    ) -> list[Run]:
        """Return these runs in their order once all are finished; `on_change` hears of every change of state.

        EnvironmentFault when none of them changes for that many seconds: a slow machine needs longer, and gets there.
        """
        known = {(run.dag_id, run.run_id): run for run in runs}
        while not all(run.finished for run in known.values()):
            changed = self._changes(known, seconds)
            for run in changed:
                on_change(run)
            if not changed:
                late = ", ".join(f"{r.dag_id} {r.run_id} ({r.state})" for r in known.values() if not r.finished)
                raise EnvironmentFault(
                    f"nothing changed for {seconds:.0f} s, not finished: {late}. Hint: see {self.logs}"
                )
        return [known[run.dag_id, run.run_id] for run in runs]

    def outcomes(self, run: Run) -> list[dict[str, Any]]:
        """What became of the deliveries of an ingest run (`Outcome.as_dict()`); empty when it got to none."""
        return self.api.result(run, "publish", "outcomes") or []

    def log(self, run: Run, task_id: str = "publish") -> str:
        """The log of a task of the run, one line an event."""
        return self.api.log(run, task_id)

    def failed_log(self, run: Run) -> str:
        """The logs of the run's failed tasks, one after the other."""
        failed = sorted({task["task_id"] for task in self.api.tasks(run) if task["state"] == "failed"})
        return "\n".join(self.log(run, task_id) for task_id in failed)

    def _changes(self, known: dict[tuple[str, str], Run], seconds: float) -> list[Run]:
        """Bring these runs up to date as soon as one changes: those that did, none when none did within these seconds."""
        for _ in self._until(seconds):
            found = {(run.dag_id, run.run_id): run for run in self.api.runs()}
            changed = {key: found[key] for key, run in known.items() if found.get(key, run) != run}
            known.update(changed)
            if changed:
                return list(changed.values())
        return []

    def _until(self, seconds: float, pause: float = 0.3) -> Iterator[None]:
        """Come round until the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            yield
            time.sleep(pause)
