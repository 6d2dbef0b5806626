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
        """Return these runs in their order once all are finished; `on_change` hears of every change of state."""
        known = {(run.dag_id, run.run_id): run for run in runs}
        for _ in self._until(seconds):
            for run in self.api.runs():
                key = run.dag_id, run.run_id
                if key in known and known[key] != run:
                    known[key] = run
                    on_change(run)
            if all(run.finished for run in known.values()):
                return [known[run.dag_id, run.run_id] for run in runs]
        late = ", ".join(f"{run.dag_id} {run.run_id} ({run.state})" for run in known.values() if not run.finished)
        raise EnvironmentFault(f"not finished after {seconds:.0f} s: {late}. Hint: see {self.logs}")

    def outcomes(self, run: Run) -> list[dict[str, Any]]:
        """What became of the deliveries of an ingest run (`Outcome.as_dict()`); empty when it got to none."""
        return self.api.result(run, "publish", "outcomes") or []

    def log(self, run: Run, task_id: str = "publish") -> str:
        """The log of a task of the run, one line an event."""
        return self.api.log(run, task_id)

    def _until(self, seconds: float, pause: float = 0.3) -> Iterator[None]:
        """Come round until the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            yield
            time.sleep(pause)
