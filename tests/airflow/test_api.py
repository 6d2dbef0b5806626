"""How we talk to Airflow: tokens, pages, and what its answers become."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from pipelines.airflow_api import AirflowApi, Run
from pipelines.errors import EnvironmentFault, UsageError


class Answering(BaseHTTPRequestHandler):
    """Answers as told, by path; gives out a new token at each login and knows only the newest."""

    logins: ClassVar[int] = 0
    failures: ClassVar[int] = 0
    answers: ClassVar[dict[str, tuple[int, Any]]] = {}

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != f"Bearer token-{Answering.logins}":
            return self._answer(401, {"detail": "Token Expired"})
        if Answering.failures:
            Answering.failures -= 1
            return self._answer(500, {"detail": "database is locked"})
        return self._answer(*Answering.answers.get(self.path, (404, {"detail": "not here"})))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/auth/token":
            return self.do_GET()
        Answering.logins += 1
        return self._answer(201, {"access_token": f"token-{Answering.logins}"})

    def _answer(self, code: int, body: Any) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[AirflowApi]:
    Answering.logins, Answering.failures, Answering.answers = 0, 0, {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield AirflowApi(f"http://127.0.0.1:{server.server_port}", "admin", "secret", pauses=(0, 0))
        server.shutdown()
        thread.join()


def page(number: int, total: int) -> tuple[int, Any]:
    dags = [{"dag_id": f"d{i}", "has_import_errors": False} for i in range(number, min(total, number + 100))]
    return 200, {"dags": dags, "total_entries": total}


def test_all_pages_are_read(api: AirflowApi) -> None:
    Answering.answers = {f"/api/v2/dags?limit=100&offset={n}": page(n, 250) for n in (0, 100, 200)}
    assert len(api.dags()) == 250


def test_an_expired_token_is_replaced(api: AirflowApi) -> None:
    Answering.answers = {"/api/v2/dags?limit=100&offset=0": page(0, 1)}
    assert api.dags() == {"d0": False}
    Answering.logins += 1  # the server forgets the token it gave
    assert api.dags() == {"d0": False}


def test_what_the_server_says_is_told(api: AirflowApi) -> None:
    with pytest.raises(UsageError, match="404 to POST /api/v2/dags/none/dagRuns: not here"):
        api.trigger("none", {})


def test_a_server_that_is_busy_is_asked_again(api: AirflowApi) -> None:
    Answering.answers = {"/api/v2/dags?limit=100&offset=0": page(0, 1)}
    Answering.failures = 2
    assert api.dags() == {"d0": False}


def test_a_run_that_the_server_started_without_saying_so_is_not_started_twice(api: AirflowApi) -> None:
    Answering.answers = {"/api/v2/dags/d/dagRuns": (409, {"detail": "exists"})}
    Answering.failures = 1
    run = api.trigger("d", {})
    assert (run.dag_id, run.state) == ("d", "queued")


def test_a_server_that_goes_on_failing_is_an_environment_fault(api: AirflowApi) -> None:
    Answering.answers = {"/api/v2/importErrors?limit=100&offset=0": (503, b"no JSON")}
    with pytest.raises(EnvironmentFault, match="503"):
        api.import_errors()


def test_import_errors_name_their_file(api: AirflowApi) -> None:
    errors = {"import_errors": [{"filename": "x.py", "stack_trace": "boom"}], "total_entries": 1}
    Answering.answers = {"/api/v2/importErrors?limit=100&offset=0": (200, errors)}
    assert api.import_errors() == ["x.py: boom"]


def test_a_task_that_returned_nothing_gives_nothing(api: AirflowApi) -> None:
    assert api.result(Run("d", "r"), "t") is None


def test_a_server_that_is_not_there_is_an_environment_fault() -> None:
    api = AirflowApi("http://127.0.0.1:9", "admin", "secret")
    assert api.health() == {}
    with pytest.raises(EnvironmentFault, match="does not answer"):
        api.dags()
