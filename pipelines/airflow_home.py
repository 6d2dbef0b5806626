"""The embedded Airflow's own folder: its settings, its login, its preload. Imports no Airflow; starts nothing."""

import json
import os
import secrets
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import Settings
from pipelines.steps.dag_files import write_dags

USER = "admin"
# `up` has the files parsed at once when a contract or model changes; parsing 200 contracts takes Airflow 7 CPU-seconds.
PARSE_SECONDS = 3600

# The scheduler forks its workers, and they fork the tasks: what it has imported, no task imports again.
_LOCAL_SETTINGS = '''"""Written by rongtong: imports the heavy libraries once, in the scheduler, before it forks its workers."""

import sys

if sys.argv[1:2] == ["scheduler"]:
    from pipelines.preload import preload

    preload()
'''


@dataclass(frozen=True, slots=True)
class AirflowHome:
    """A prepared folder: where it is, the address of the UI, the login, and the environment of every Airflow process."""

    folder: Path
    url: str
    user: str
    password: str
    env: Mapping[str, str]

    @property
    def logs(self) -> Path:
        """Folder with one log file per Airflow process."""
        return self.folder / "logs"


def prepare(settings: Settings, port: int = 0, idle_seconds: int = 1) -> AirflowHome:
    """Return the Airflow folder of this lake, written where it was missing; `port` 0 takes a free one.

    `idle_seconds`: how long the scheduler sleeps when nothing happens.
    """
    folder = settings.home / "airflow"
    write_airflow_settings(folder)
    dags = write_dags(settings.city)
    url = f"http://localhost:{port or free_port()}"
    login = _kept(folder / "login.json", lambda: json.dumps({USER: secrets.token_hex(6)}))
    env = _environment(settings, folder, dags, url) | {
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": str(idle_seconds)
    }
    return AirflowHome(folder, url, USER, json.loads(login)[USER], env)


def write_airflow_settings(folder: Path) -> None:
    """Make an Airflow home's folders, and the settings with which its scheduler imports what is heavy before it forks."""
    for part in ("config", "logs", "plugins"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "config" / "airflow_local_settings.py").write_text(_LOCAL_SETTINGS, encoding="utf-8")


def free_port(preferred: int = 0) -> int:
    """Return `preferred` when nothing listens there, else (or for 0) a port the system gives."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The content of a file that only its owner may read, made once."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make(), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _environment(settings: Settings, folder: Path, dags: Path, url: str) -> dict[str, str]:
    """Environment of the Airflow processes: the caller's, without its AIRFLOW variables, with ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    bin_folder = str(Path(sys.executable).parent)
    return {
        **inherited,
        "PATH": os.pathsep.join([bin_folder, inherited.get("PATH", "")]),
        "NO_PROXY": ",".join(filter(None, ["localhost,127.0.0.1", inherited.get("NO_PROXY", "")])),
        # Both start threads on import, and a thread before a fork can be a deadlock after it.
        "OPENBLAS_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "RONGTONG_CITY": str(settings.city),
        "RONGTONG_HOME": str(settings.home),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(max(2, min(4, (os.cpu_count() or 2) + 1))),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "login.json"),
        "AIRFLOW__API_AUTH__JWT_SECRET": _kept(folder / "tokens.key", lambda: secrets.token_hex(32)),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": str(PARSE_SECONDS),
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "fork",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": url.rpartition(":")[2],
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__INSTANCE_NAME": "融通 Rongtong",
    }
