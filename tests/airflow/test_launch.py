"""A real Airflow, started and stopped by us: what it does with an inbox, and that nothing of it stays."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipelines.airflow_api import Run
from pipelines.airflow_history import forget_history
from pipelines.errors import EnvironmentFault, UsageError
from pipelines.launch import AirflowServer, parse_again_when_changed
from pipelines.settings import settings

PROBE = '''"""Airflow DAGs: one task that tells what its process was born with."""
import os
import sys

from airflow.sdk import DAG, task

with DAG("probe", schedule=None):

    @task
    def born_with() -> dict[str, int]:
        heavy = ("great_expectations", "duckdb")
        return {**{name: name in sys.modules for name in heavy}, "parent": os.getppid()}

    born_with()
'''


def deliver(samples: Path, lake: Path, dataset: str, *names: str) -> None:
    for name in names:
        there = lake / "inbox" / dataset / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(samples / dataset / name, there)
        os.utime(there, (time.time() - 60, time.time() - 60))


def processes_of(lake: Path) -> list[int]:
    """Every process that was started for this lake, other than this one."""
    mark = f"RONGTONG_HOME={lake}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = mark in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def gone_within(seconds: float, lake: Path) -> bool:
    deadline = time.monotonic() + seconds
    while processes_of(lake) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not processes_of(lake)


def in_own_city(city: Path, lake: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RONGTONG"))}
    return {**kept, "RONGTONG_CITY": str(city), "RONGTONG_HOME": str(lake), "RONGTONG_THREADS": "1"}


@pytest.fixture(scope="module")
def seen(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What is to be seen of one server's life, from its start to its end."""
    lake = tmp_path_factory.mktemp("served")
    city = tmp_path_factory.mktemp("served-city")
    shutil.copytree(sample_city, city, dirs_exist_ok=True)
    (city / "dags" / "probe.py").write_text(PROBE, encoding="utf-8")
    (city / "dags" / "transform.py").unlink()  # its assets' events are looked at here, not what they trigger
    deliver(Path(__file__).parents[2] / "data_samples", lake, "base/subdistricts", "subdistricts_2025.geojson")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", in_own_city(city, lake))
        with AirflowServer(settings(), console=Console(quiet=True)) as server:
            server.wait_for_dags(["ingest__subdistricts", "ingest__bike_counts", "watch_inboxes", "probe"])
            first, probe = server.wait([server.trigger("watch_inboxes"), server.trigger("probe")])
            caused = caused_by_watching(server)
            second = server.wait([server.trigger("watch_inboxes")])[0]
            told_late = server_faults(server)
            os.utime(run_logs(lake, probe), (0, 0))
            yield {
                "late": told_late,
                "forgotten": [forget_history(server.home), forget_history(server.home)],
                "logs left": [run_logs(lake, run).exists() for run in (probe, first)],
                "watch": [first, second],
                "caused": caused,
                "caused later": caused_by_watching(server),
                "outcomes": [o for run in caused if run.state == "success" for o in server.outcomes(run)],
                "broken": "\n".join(server.log(run, "contract") for run in caused if run.state == "failed"),
                "events": server.api.asset_events(),
                "probe": server.api.result(probe, "born_with"),
                "page": page_without_login(server),
                "twice": refused_twice(),
                "lake": lake,
            }
    assert gone_within(5, lake), [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(lake)]


def caused_by_watching(server: AirflowServer) -> list[Run]:
    runs = [run for run in server.api.runs() if run.run_id.startswith(("inbox__", "broken__"))]
    return server.wait(runs)


def server_faults(server: AirflowServer) -> list[str]:
    """What is told of a DAG that never comes, and of a run that is not over in time."""
    with pytest.raises(EnvironmentFault) as missing:
        server.wait_for_dags(["ingest__nowhere"], seconds=0.5)
    with pytest.raises(EnvironmentFault) as late:
        server.wait([server.trigger("maintain_lake")], seconds=0.1)
    return [str(missing.value), str(late.value)]


def run_logs(lake: Path, run: Run) -> Path:
    return lake / "airflow" / "logs" / f"dag_id={run.dag_id}" / f"run_id={run.run_id}"


def refused_twice() -> str:
    with pytest.raises(UsageError) as told, AirflowServer(settings(), console=Console(quiet=True)):
        pass
    return str(told.value)


def page_without_login(server: AirflowServer) -> int:
    """The status code with which a Data Docs page answers somebody who is not logged in."""
    command = "import sys, urllib.request as r, urllib.error as e\ntry: print(r.urlopen(sys.argv[1]).status)\nexcept e.HTTPError as x: print(x.code)"
    url = f"{server.url}/rongtong/docs/index.html"
    return int(subprocess.run([sys.executable, "-c", command, url], capture_output=True, check=True).stdout)


def test_the_watcher_has_waiting_deliveries_published(seen: dict[str, Any]) -> None:
    assert {run.state for run in seen["watch"]} == {"success"}
    assert [(o["file"], o["verdict"]) for o in seen["outcomes"]] == [("subdistricts_2025.geojson", "published")]


def test_a_broken_contract_is_shown_red_by_the_watcher(seen: dict[str, Any]) -> None:
    assert [run.dag_id for run in seen["caused"] if run.state == "failed"] == ["ingest__bike_counts"]
    assert "float" in seen["broken"]


def test_the_watcher_causes_nothing_twice(seen: dict[str, Any]) -> None:
    assert seen["caused later"] == seen["caused"]


def test_the_asset_event_tells_the_batch(seen: dict[str, Any]) -> None:
    (event,) = seen["events"]
    assert event["uri"] == "rongtong://dwd/subdistricts"
    assert event["extra"]["batch"] == "subdistricts-0001"
    assert event["extra"]["snapshot"] > 0


def test_a_task_finds_great_expectations_imported_and_duckdb_not(seen: dict[str, Any]) -> None:
    assert seen["probe"]["great_expectations"]
    assert not seen["probe"]["duckdb"]  # it would have brought threads and an open database over the fork


def test_data_docs_are_for_those_who_are_logged_in(seen: dict[str, Any]) -> None:
    assert seen["page"] == 401


def test_waiting_in_vain_tells_for_what(seen: dict[str, Any]) -> None:
    missing, late = seen["late"]
    assert "ingest__nowhere" in missing
    assert "maintain_lake" in late


def test_old_history_is_forgotten_and_the_rest_kept(seen: dict[str, Any]) -> None:
    assert seen["forgotten"] == [1, 0]
    assert seen["logs left"] == [False, True]


def test_a_changed_contract_or_model_has_the_dag_files_parsed_again(sample_city: Path, tmp_path: Path) -> None:
    city = tmp_path / "city"
    shutil.copytree(sample_city, city)
    here = replace(settings(), city=city)
    file = city / "dags" / "ingest.py"
    os.utime(file, (0, 0))
    known = parse_again_when_changed(here, "")
    assert parse_again_when_changed(here, known) == known
    assert file.stat().st_mtime == 0
    (city / "schemas/base/bike_counts.odcs.yaml").unlink()
    fewer = parse_again_when_changed(here, known)
    assert fewer != known
    assert file.stat().st_mtime > 0
    os.utime(file, (0, 0))
    (city / "models/ads").mkdir(parents=True)
    (city / "models/ads/rates.sql").write_text("SELECT 1", encoding="utf-8")
    assert parse_again_when_changed(here, fewer) != fewer
    assert file.stat().st_mtime > 0


def test_a_second_airflow_on_the_same_lake_is_refused(seen: dict[str, Any]) -> None:
    assert "already runs" in seen["twice"]


def test_a_preload_starts_no_thread() -> None:
    # the environment that the scheduler gets
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    command = "from pipelines.preload import preload; preload(); import os; print(len(os.listdir('/proc/self/task')))"
    assert subprocess.run([sys.executable, "-c", command], env=env, capture_output=True, check=True).stdout == b"1\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["terminated", "killed"])
def test_when_up_ends_while_it_starts_nothing_stays(number: int, sample_city: Path, tmp_path: Path) -> None:
    if number == signal.SIGKILL and not shutil.which("setpriv"):
        pytest.skip("util-linux is missing: nothing ends children when their parent is killed outright")
    command = "from pipelines.launch import up; from pipelines.settings import settings; up(settings())"
    env = in_own_city(sample_city, tmp_path)
    process = subprocess.Popen([sys.executable, "-c", command], env=env, stderr=subprocess.DEVNULL)
    try:
        started = tmp_path / "airflow" / "logs" / "dag-processor.log"
        wait_until(lambda: started.exists() or process.poll() is not None)
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(60) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
        assert gone_within(60, tmp_path)
    finally:
        for pid in processes_of(tmp_path):
            os.kill(pid, signal.SIGKILL)


def wait_until(reached: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.3)
