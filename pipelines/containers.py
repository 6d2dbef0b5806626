"""What docker-compose.yml runs beside Airflow itself: preparing, the sample city, health checks.

`python -m pipelines.containers prepare | samples | healthy COMPONENT`. Exit code 0 is success.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.airflow_api import AirflowApi
from pipelines.airflow_home import write_airflow_settings
from pipelines.errors import EnvironmentFault, RongtongError, UsageError
from pipelines.settings import settings

API = "http://api-server:8080"
KEEP_DAYS = 30


def prepare() -> int:
    """Bring Airflow's folder and database and the lake to this release; running it again changes nothing."""
    from pipelines.lake.create import open_for_writing

    folder = Path(os.environ["AIRFLOW_HOME"])
    write_airflow_settings(folder)
    _write_private(folder / "login.json", json.dumps(_passwords()))
    _airflow("db", "migrate")
    limit = datetime.now(UTC) - timedelta(days=KEEP_DAYS)
    _airflow("db", "clean", "--clean-before-timestamp", limit.isoformat(), "--skip-archive", "--yes")
    open_for_writing(settings()).close()
    settings().inbox.mkdir(parents=True, exist_ok=True)
    return 0


def samples() -> int:
    """Publish those of the sample city's deliveries that were not published before; 1 when something is not as listed."""
    from pipelines.airflow_runs import AirflowRuns
    from pipelines.demo.loading import load_samples

    if os.environ.get("RONGTONG_SAMPLES", "yes") != "yes":
        return 0
    user, password = next(iter(_passwords().items()))
    return load_samples(settings(), AirflowRuns(AirflowApi(API, user, password), "docker compose logs scheduler"))


def healthy(component: str) -> int:
    """Return 0 when Airflow's API server says that this component of it is healthy, else 1."""
    return 0 if AirflowApi(API, "", "").health().get(component) == "healthy" else 1


def _passwords() -> dict[str, str]:
    """Who may log in, by name, as AIRFLOW_PASSWORDS says."""
    try:
        found = json.loads(os.environ.get("AIRFLOW_PASSWORDS", ""))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found or not all(isinstance(value, str) for value in found.values()):
        raise UsageError('[setting] AIRFLOW_PASSWORDS is not JSON like {"admin": "…"}. Hint: see .env.')
    return found


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def _airflow(*words: str) -> None:
    if subprocess.run(["airflow", *words], check=False).returncode:
        raise EnvironmentFault(f"`airflow {' '.join(words[:2])}` failed. Hint: what it said is above.")


def main(words: list[str]) -> int:
    """Run one of the three and return its exit code."""
    try:
        match words:
            case ["prepare"]:
                return prepare()
            case ["samples"]:
                return samples()
            case ["healthy", component]:
                return healthy(component)
    except RongtongError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
