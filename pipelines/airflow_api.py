"""Airflow's REST interface, as much of it as driving our DAGs takes. Standard library only; imports no Airflow."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from pipelines.errors import EnvironmentFault, RongtongError, UsageError

FINISHED = frozenset({"success", "failed"})
_PAUSES_S = (0.5, 1, 2, 4)  # a server on SQLite answers 500 while another of its processes writes


@dataclass(frozen=True, slots=True)
class Run:
    """One DAG run and its state: queued, running, success or failed."""

    dag_id: str
    run_id: str
    state: str = "queued"

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end, good or bad."""
        return self.state in FINISHED


class AirflowApi:
    """A session with one Airflow server: asks for a token when it needs one. Every failure is a RongtongError."""

    def __init__(self, url: str, user: str, password: str, pauses: Sequence[float] = _PAUSES_S) -> None:
        self.url = url
        self._pauses = pauses
        self._login = {"username": user, "password": password}
        self._token = ""
        # A proxy set for the outside world must not be asked for localhost.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def health(self) -> dict[str, str | None]:
        """Status by component (`scheduler`, `dag_processor`, …); empty while the server does not answer."""
        try:
            parts = self._send("GET", "/api/v2/monitor/health", None, {})
        except (OSError, ValueError):
            return {}
        return {name: part["status"] for name, part in parts.items()}

    def dags(self) -> dict[str, bool]:
        """Ids of the DAGs the server knows, each with whether it has import errors."""
        found = self._pages("/api/v2/dags", "dags")
        return {dag["dag_id"]: bool(dag["has_import_errors"]) for dag in found}

    def import_errors(self) -> list[str]:
        """One text per DAG file that cannot be imported."""
        errors = self._pages("/api/v2/importErrors", "import_errors")
        return [f"{error['filename']}: {error['stack_trace']}" for error in errors]

    def pause(self, dag_id: str, is_paused: bool) -> None:
        """Pause a DAG, or let it run again."""
        self._call("PATCH", f"/api/v2/dags/{quote(dag_id)}?update_mask=is_paused", {"is_paused": is_paused})

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> Run:
        """Start a run of a DAG with these parameters and return it, queued; asking again starts no second one."""
        run = Run(dag_id, f"asked__{uuid.uuid4().hex}")
        body = {"dag_run_id": run.run_id, "logical_date": None, "conf": dict(conf)}
        try:
            return _run(self._call("POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", body))
        except UsageError as error:
            if _conflict(error):  # the server had started it before it failed to say so
                return run
            raise

    def runs(self, dag_id: str = "~") -> list[Run]:
        """Every run of one DAG, or of all of them, oldest first."""
        return [_run(found) for found in self._pages(f"/api/v2/dags/{dag_id}/dagRuns", "dag_runs", order_by="id")]

    def tasks(self, run: Run) -> list[dict[str, Any]]:
        """The task instances of a run, as Airflow describes them."""
        return self._pages(f"{_path(run)}/taskInstances", "task_instances")

    def result(self, run: Run, task_id: str, key: str = "return_value") -> Any:
        """What a task of the run returned, or pushed under another key; None when it did not."""
        try:
            found = self._call("GET", f"{_path(run)}/taskInstances/{quote(task_id)}/xcomEntries/{quote(key)}")
        except UsageError:
            return None
        return found["value"]

    def asset_events(self) -> list[dict[str, Any]]:
        """Every asset event, oldest first: `uri`, `extra`, `timestamp`, the run that caused it."""
        return self._pages("/api/v2/assets/events", "asset_events", order_by="timestamp")

    def log(self, run: Run, task_id: str) -> str:
        """What a task said in its last try, without Airflow's own lines; mapped instances one after the other."""
        instances = [task for task in self.tasks(run) if task["task_id"] == task_id and task["try_number"]]
        return "\n".join(line for task in instances for line in _ungrouped(self._log_lines(run, task)))

    def _log_lines(self, run: Run, task: Mapping[str, Any]) -> list[str]:
        path = f"{_path(run)}/taskInstances/{quote(task['task_id'])}/logs/{task['try_number']}"
        found = self._call("GET", f"{path}?{urlencode({'map_index': task['map_index'], 'full_content': True})}")
        return [event if isinstance(event, str) else str(event.get("event", "")) for event in found["content"]]

    def _pages(self, path: str, name: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._call("GET", f"{path}?{urlencode({**query, 'limit': 100, 'offset': len(found)})}")
            found += page[name]
            if not page[name] or len(found) >= page["total_entries"]:
                return found

    def _call(self, method: str, path: str, body: object = None) -> Any:
        for pause in self._pauses:
            try:
                return self._once(method, path, body)
            except EnvironmentFault:
                time.sleep(pause)
        return self._once(method, path, body)

    def _once(self, method: str, path: str, body: object) -> Any:
        try:
            return self._authorised(method, path, body)
        except urllib.error.HTTPError as error:
            raise _told(error, method, path) from error
        except OSError as error:
            raise EnvironmentFault(f"Airflow at {self.url} does not answer: {error}") from None

    def _authorised(self, method: str, path: str, body: object) -> Any:
        if not self._token:
            self._token = self._send("POST", "/auth/token", self._login, {})["access_token"]
        try:
            return self._send(method, path, body, {"Authorization": f"Bearer {self._token}"})
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise
        self._token = ""
        return self._authorised(method, path, body)

    def _send(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **headers})
        request.method = method
        with self._opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


def _run(found: Mapping[str, Any]) -> Run:
    return Run(found["dag_id"], found["dag_run_id"], found["state"])


def _ungrouped(lines: Iterable[str]) -> Iterable[str]:
    """The lines outside of the groups in which Airflow folds its own."""
    inside = False
    for line in lines:
        if line.startswith("::group::"):
            inside = True
        elif line.startswith("::endgroup::"):
            inside = False
        elif not inside:
            yield line


def _conflict(error: UsageError) -> bool:
    return isinstance(error.__cause__, urllib.error.HTTPError) and error.__cause__.code == 409


def _path(run: Run) -> str:
    return f"/api/v2/dags/{quote(run.dag_id)}/dagRuns/{quote(run.run_id)}"


def _told(error: urllib.error.HTTPError, method: str, path: str) -> RongtongError:
    """The server's answer as an error of ours: what was asked and what it said."""
    try:
        said = json.loads(error.read()).get("detail", "")
    except ValueError:
        said = error.reason
    text = f"Airflow answered {error.code} to {method} {path}: {said}"
    return EnvironmentFault(text) if error.code >= 500 else UsageError(text)
