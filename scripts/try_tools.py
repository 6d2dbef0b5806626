"""Try an analyst's own tools on a lake, in an environment that has nothing of ours: the plain duckdb CLI, polars, dbt-duckdb.

Takes about half a minute with a warm cache. Needs `make setup`; touches nothing but a temporary folder.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
PAGE = ROOT / "docs" / "for-analysts.md"
UV = [sys.executable, "-m", "uv", "--quiet"]
DATASET, SAMPLE = "environment.waste_collected", EXAMPLES / "清运量_202606.csv"
DRAFTED = "--key 清运单号 --period file_name:month --mode replace_period --provider 城市管理局 --personal 驾驶员电话"
NAMES = {"col_01": "collection_id", "col_02": "collected_date", "col_03": "transfer_station", "col_06": "driver_phone"}


def main() -> None:
    """Run it all; the first thing that fails ends it."""
    with tempfile.TemporaryDirectory(prefix="rongtong-tools-") as scratch:
        folder = Path(scratch)
        bin_folder = install(folder)
        env = environment(folder, bin_folder)
        make_lake(folder, env)
        try_command_line(folder, env)
        try_python(folder, env)
        try_dbt(folder, env)
    print("the analyst's own tools work")


def install(folder: Path) -> Path:
    """Make an environment with what the example's lock names; nothing of this clone. Returns its folder of commands."""
    run([*UV, "venv", "--python", sys.executable, folder / "venv"], folder)
    sys.path.insert(0, str(ROOT / "scripts"))
    from setup import find_pip, uv_environment

    lock = EXAMPLES / "dbt" / "requirements.lock"
    index = uv_environment(find_pip(folder))
    run([*UV, "pip", "sync", "--python", folder / "venv/bin/python", "--require-hashes", lock], folder, index)
    return folder / "venv" / "bin"


def environment(folder: Path, bin_folder: Path) -> dict[str, str]:
    """The environment of an analyst: that installation first, `rongtong` by its path."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("RONGTONG", "DBT", "PYTHON"))
    }
    ours = folder / "bin"
    ours.mkdir()
    (ours / "rongtong").symlink_to(Path(sys.executable).parent / "rongtong")
    return {
        **inherited,
        "PATH": os.pathsep.join([str(bin_folder), str(ours), "/usr/local/bin", "/usr/bin", "/bin"]),
        "RONGTONG_CITY": str(folder / "city"),
        "RONGTONG_HOME": str(folder / "lake"),
    }


def make_lake(folder: Path, env: dict[str, str]) -> None:
    """Publish the walk-throughs' first month in a city of its own."""
    shutil.copytree(ROOT / "schemas", folder / "city" / "schemas")
    run(["rongtong", "new", DATASET, "--from", SAMPLE, *DRAFTED.split()], folder, env)
    contract = folder / "city" / "schemas" / "environment" / "waste_collected.odcs.yaml"
    lines = [line for line in contract.read_text(encoding="utf-8").splitlines() if "# TODO name" not in line]
    text = "\n".join(lines).replace("status: draft", "status: active")
    for drafted, named in NAMES.items():
        text = text.replace(drafted, named)
    contract.write_text(text + "\n", encoding="utf-8")
    run(["rongtong", "ingest", DATASET, "--file", SAMPLE], folder, env)


def try_command_line(folder: Path, env: dict[str, str]) -> None:
    """The page's lines for the plain command line, as they stand."""
    for command in blocks("sh"):
        if "duckdb" in command:
            run(["bash", "-euo", "pipefail", "-c", command], folder, env)


def try_python(folder: Path, env: dict[str, str]) -> None:
    """The page's Python that needs nothing of ours, as it stands."""
    for number, code in enumerate(blocks("python")):
        if "rongtong" in code and "pipelines" not in code:
            script = folder / f"example_{number}.py"
            script.write_text(code, encoding="utf-8")
            run(["python", script], folder, env)


def try_dbt(folder: Path, env: dict[str, str]) -> None:
    """The example project: its model is built from the lake and tested, twice."""
    project = shutil.copytree(EXAMPLES / "dbt", folder / "dbt")
    for _ in range(2):
        run(["dbt", "--quiet", "build", "--profiles-dir", "."], project, env)
    found = run(
        ["duckdb", "-csv", "-noheader", "marts.duckdb", "select sum(loads) from waste_by_station"], project, env
    )
    if found.strip() != "120":
        sys.exit(f"dbt made {found.strip()} loads of 120")


def blocks(language: str) -> list[str]:
    """The page's code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def run(command: Sequence[object], folder: Path, env: dict[str, str] | None = None) -> str:
    """Run a command, show it and return its output; end with that when it fails."""
    words = [str(word) for word in command]
    print("$", " ".join(words), flush=True)
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nfailed ({done.returncode}): {' '.join(words)}")
    return done.stdout


if __name__ == "__main__":
    main()
