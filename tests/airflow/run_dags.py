"""Runs the DAGs in this process with `dag.test()` on a new lake, with the sample city's files, and prints what came of it."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow.api_fastapi.core_api.security import get_user
from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from fastapi.testclient import TestClient

from pipelines.lake import connect
from pipelines.orchestrate.docs_site import docs_app
from pipelines.settings import settings

samples = Path(sys.argv[1])
inbox = Path(os.environ["RONGTONG_HOME"]) / "inbox"


@contextmanager
def told() -> Iterator[Callable[[], str]]:
    """All that this process writes meanwhile; Airflow's log writers hold on to the stream they were made with."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        streams = [(number, os.dup(number)) for number in (1, 2)]
        for number, _ in streams:
            os.dup2(file.fileno(), number)
        try:
            yield lambda: os.pread(file.fileno(), 1 << 22, 0).decode()
        finally:
            for number, before in streams:
                os.dup2(before, number)
                os.close(before)


def deliver(dataset: str, *names: str) -> None:
    """Put files into a dataset's inbox, as if they had come a while ago."""
    (inbox / dataset).mkdir(parents=True, exist_ok=True)
    for age, name in enumerate(reversed(names), start=1):
        there = inbox / dataset / name
        shutil.copyfile(samples / dataset / name, there)
        when = there.stat().st_mtime - 60 * age
        os.utime(there, (when, when))


def with_strays(file: Path) -> Path:
    """Write the file's rows outside the lake, the first sixty shifted by one column or with a caller's phone as their office."""
    head, *lines = file.read_text(encoding="gb18030").splitlines()
    rows = [line.split(",") for line in lines]
    for number, row in enumerate(rows[:60]):
        if number % 2:
            row[:] = [row[-1], *row[:-1]]
        else:
            row[6], row[7], row[13] = row[-1], f"回拨{row[-1]}", "400"
    there = Path(os.environ["RONGTONG_HOME"]).with_name("strayed") / "hotline_202606.csv"
    there.parent.mkdir()
    there.write_text("\n".join([head, *map(",".join, rows), ""]), encoding="gb18030")
    return there


def run(dag_id: str, conf: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run a DAG to its end: its states, its outcomes, what its tasks told, the asset events it caused."""
    with create_session() as session:
        before = session.query(AssetEvent).count()
    with told() as text:
        # a DAG of its own: `test` leaves its parameters in it
        run = DagBag().dags[dag_id].test(run_conf=dict(conf or {}))
        log = text()
    with create_session() as session:
        ours = {"dag_id": dag_id, "run_id": run.run_id}
        outcomes = [row.value for row in session.query(XComModel).filter_by(**ours, key="outcomes")]
        events = [event.extra for event in session.query(AssetEvent).order_by(AssetEvent.id)][before:]
        tasks = {_name(ti): ti.state for ti in session.query(TaskInstance).filter_by(**ours)}
    return {
        "state": run.state,
        "tasks": tasks,
        "outcomes": [outcome for pushed in outcomes for outcome in pushed],
        "told": log,
        "events": events,
    }


class Tries:
    """A task of a run, try after try, without Airflow's scheduler: the events that each try sends, and what it returns."""

    def __init__(self, dag_id: str, task_id: str) -> None:
        self.dag = DagBag().dags[dag_id]
        self.task = self.dag.get_task(task_id)
        self.number = 0

    def next(self) -> dict[str, Any]:
        self.number += 1
        self.sent: list[dict[str, Any]] = []
        context = {
            "dag": self.dag,
            "run_id": "cut_off",
            "params": self.dag.params.dump(),
            "ti": self,
            "outlet_events": self,
        }
        returned = self.task.execute(context)
        return {"events": self.sent, "returned": returned}

    @property
    def try_number(self) -> int:
        return self.number

    def __getitem__(self, _: object) -> "Tries":
        return self

    def add(self, _: object, extra: dict[str, Any]) -> None:
        self.sent.append(extra)

    def xcom_push(self, *_: object) -> None:
        """Nobody reads it."""


def cut_off_after_commit(dag_id: str, task_id: str) -> dict[str, Any]:
    """What the try after one that was cut off between its commit and its end tells: of the first, nothing is known but the ledger."""
    tries = Tries(dag_id, task_id)
    lost = tries.next()
    return {"lost": lost, "then": tries.next()}


def _name(ti: TaskInstance) -> str:
    return ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"


def pages() -> dict[str, int]:
    """The status codes with which the Data Docs answer: a page, one that is not there, a file outside, a stranger."""
    app = docs_app(settings().data_docs)
    stranger = TestClient(app).get("/hotline_orders/hotline_orders-0001.html").status_code
    app.dependency_overrides[get_user] = lambda: "somebody"
    client = TestClient(app)
    asked = {
        "page": "/hotline_orders/hotline_orders-0001.html",
        "missing": "/hotline_orders/none.html",
        "outside": "/..%2Fcatalog.sqlite",
    }
    return {"stranger": stranger, **{name: client.get(path).status_code for name, path in asked.items()}}


def more_cut_off() -> list[dict[str, Any]]:
    """A published and a refused delivery, and the models made of them, each in a try that was cut off."""
    deliver(hotline, "hotline_202604.csv", "hotline_202605.csv")
    return [
        cut_off_after_commit("ingest__hotline_orders", "publish"),
        cut_off_after_commit("transform__governance", "transform"),
    ]


def incidents() -> list[tuple[object, ...]]:
    """What the ledger says people had to know, in order."""
    con = connect()
    try:
        return con.execute(
            "SELECT dataset, period, kind, event, run FROM quality.incidents ORDER BY told_at"
        ).fetchall()
    finally:
        con.close()


initdb()

base, hotline = "base/subdistricts", "governance/hotline_orders"
deliver(base, "subdistricts_2025.geojson", "subdistricts_2026.geojson")
deliver(hotline, "hotline_202602.csv", "hotline_202603.csv", "hotline_202603_更正.csv")
january = str(samples / hotline / "hotline_202601.csv")
refused = str(samples / hotline / "hotline_202603.csv")

strayed = str(with_strays(samples / hotline / "extra.csv"))

print(
    json.dumps(
        {
            "watch": run("watch_inboxes"),
            "watch again": run("watch_inboxes"),
            "subdistricts": run("ingest__subdistricts"),
            "waiting": run("ingest__hotline_orders"),
            "nothing": run("ingest__hotline_orders"),
            "file": run("ingest__hotline_orders", {"file": january}),
            "again": run("ingest__hotline_orders", {"file": january}),
            "conceded": run("ingest__hotline_orders", {"file": refused, "accept": "看板8点要用", "by": "张三"}),
            "strayed": run("ingest__hotline_orders", {"file": strayed}),
            "strayed, taken all the same": run(
                "ingest__hotline_orders", {"file": strayed, "accept": "试", "by": "张三"}
            ),
            "replay": run("ingest__hotline_orders", {"replay": "hotline_orders-0001"}),
            "transform": run("transform__governance"),
            "transform again": run("transform__governance"),
            "cut off": more_cut_off(),
            "no file": run("ingest__hotline_orders", {"file": "nowhere.csv"}),
            "broken": run("ingest__bike_counts"),
            "due": run("watch_due_dates"),
            "incidents": incidents(),
            "maintain": run("maintain_lake"),
            "pages": pages(),
        },
        default=str,
    )
)
