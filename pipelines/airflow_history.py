"""Forgetting what the embedded Airflow did long ago: a run a minute fills its database and its log folder."""

import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.airflow_home import AirflowHome

KEEP_DAYS = 30


def forget_history(home: AirflowHome, days: int = KEEP_DAYS) -> int:
    """Delete the logs and the database rows of runs older than `days`; return how many runs had logs.

    The lake's own ledger is the history that counts. Free while there is nothing that old.
    """
    old = _older_than(home.logs, days)
    if not old:
        return 0
    limit = datetime.now(UTC) - timedelta(days=days)
    command = ["airflow", "db", "clean", "--clean-before-timestamp", limit.isoformat(), "--skip-archive", "--yes"]
    with (home.logs / "clean.log").open("wb") as log:
        done = subprocess.run(command, env=dict(home.env), cwd=home.folder, stdout=log, stderr=log, check=False)
    if done.returncode:
        return 0  # told in clean.log; tomorrow is another day
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _older_than(logs: Path, days: int) -> list[Path]:
    limit = time.time() - days * 86_400
    return [folder for folder in logs.glob("dag_id=*/run_id=*") if folder.stat().st_mtime < limit]
