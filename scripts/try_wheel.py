"""Try the package as an office gets it: build the wheel, install it into an empty environment, run a city there.

Takes about a minute with a warm cache. Needs `make setup`; touches nothing but a temporary folder.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = [sys.executable, "-m", "uv", "--quiet"]
SAMPLE = "data_samples/governance/toilet_inspections/公厕巡查_202601.csv"
COUNT = "select count(*) from dwd.toilet_inspections"


def main() -> None:
    """Run it all; the first command that fails ends it."""
    with tempfile.TemporaryDirectory(prefix="rongtong-wheel-") as scratch:
        folder = Path(scratch)
        run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"], ROOT)
        install(folder)
        env = environment(folder)
        run(["rongtong", "init", "city"], folder, env)
        city = folder / "city"
        for command in (
            ["rongtong", "lint"],
            ["sh", ".ci/run"],
            ["rongtong", "ingest", "toilet_inspections", "--file", SAMPLE],
        ):
            run(command, city, env)
        run(["airflow", "db", "migrate"], city, env)
        run(
            ["airflow", "dags", "test", "ingest__toilet_inspections", "-c", f'{{"file": "{city / SAMPLE}"}}'], city, env
        )
        run(["rongtong", "sql", COUNT], city, env)
        run(["rongtong", "doctor"], city, env)
    print("the wheel works by itself")


def install(folder: Path) -> None:
    """Make an environment with what the lock names, and the wheel; nothing of this clone."""
    run([*UV, "venv", "--python", sys.executable, folder / "venv"], folder)
    python = ["--python", folder / "venv" / "bin" / "python"]
    sys.path.insert(0, str(ROOT / "scripts"))
    from setup import find_pip, uv_environment

    index = uv_environment(find_pip(folder))
    run([*UV, "pip", "sync", *python, "--require-hashes", ROOT / "requirements.lock"], folder, index)
    run([*UV, "pip", "install", *python, "--no-deps", "--offline", *(folder / "dist").glob("*.whl")], folder)


def environment(folder: Path) -> dict[str, str]:
    """The environment of a user who has nothing but that installation."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("RONGTONG", "AIRFLOW", "PYTHON"))
    }
    return {
        **inherited,
        "PATH": os.pathsep.join([str(folder / "venv" / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
        "RONGTONG_HOME": str(folder / "lake"),
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "city" / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }


def run(command: Sequence[object], folder: Path, env: dict[str, str] | None = None) -> None:
    """Run a command and show it; end with its output when it fails."""
    words = [str(word) for word in command]
    print("$", " ".join(words), flush=True)
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nfailed ({done.returncode}): {' '.join(words)}")


if __name__ == "__main__":
    main()
