"""A city of its own for Airflow, and Airflow in processes of its own: importing it changes the process that does."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.steps.dag_files import write_dags
from tests.bi import bi_database

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data_samples"
HERE = Path(__file__).parent

# Run in processes of their own, never imported by the tests.
collect_ignore = ["parse_dags.py", "run_dags.py"]

# A contract nobody can use: a type that does not exist.
BROKEN = (ROOT / "schemas/base/subdistricts.odcs.yaml").read_text(encoding="utf-8")
BROKEN = BROKEN.replace("subdistricts", "bike_counts").replace("logicalType: string", "logicalType: float", 1)


@pytest.fixture(scope="session")
def sample_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample city's contracts and one broken contract more, in a folder that has no DAG files yet."""
    city = tmp_path_factory.mktemp("city")
    shutil.copytree(ROOT / "schemas", city / "schemas")
    (city / "schemas/base/bike_counts.odcs.yaml").write_text(BROKEN, encoding="utf-8")
    write_dags(city)
    return city


@pytest.fixture(scope="module")
def bi_url(new_database: Callable[[], str]) -> Iterator[str]:
    """The database that BI tools read."""
    with bi_database(new_database) as url:
        yield url


@pytest.fixture(scope="module")
def airflow_process(
    sample_city: Path, tmp_path_factory: pytest.TempPathFactory, bi_url: str
) -> Callable[[str], tuple[Path, dict[str, Any]]]:
    """A function that runs a script beside this file with Airflow on a new lake: the lake, and the JSON it printed last."""

    def run(script: str) -> tuple[Path, dict[str, Any]]:
        lake = tmp_path_factory.mktemp("lake")
        env = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RONGTONG"))}
        env |= {
            "RONGTONG_THREADS": "1",
            "RONGTONG_CITY": str(sample_city),
            "RONGTONG_HOME": str(lake),
            "RONGTONG_BI_URL": bi_url,
            "AIRFLOW_HOME": str(lake / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(sample_city / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        }
        command = [sys.executable, str(HERE / script), str(SAMPLES)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        return lake, json.loads(done.stdout.splitlines()[-1])

    return run
