"""Put the project's environment into .venv: exact versions with hashes, then the project itself, editable.

Needs Python 3.11 or newer and its standard library, nothing else: where the system's Python has neither pip nor
ensurepip (Debian, Ubuntu), pip comes from the distribution's own package, unpacked into a temporary folder.
Packages come from wherever pip is configured to look (mirrors, proxies, local folders).
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"

# pip's settings and what uv calls them.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
}


def main() -> None:
    """Make or refresh .venv, and say how long it took."""
    if not (3, 11) <= sys.version_info < (3, 15):
        sys.exit(f"Python 3.11 to 3.14 is needed, this is {sys.version.split()[0]}. Hint: make setup PYTHON=python3.12")
    started = time.monotonic()
    if not PYTHON.exists():
        say("making .venv")
        venv.create(VENV, clear=True, with_pip=False, symlinks=True)
    with tempfile.TemporaryDirectory() as scratch:
        install(find_pip(Path(scratch)), Path(scratch))
    say(f"ready in {time.monotonic() - started:.0f} s: .venv/bin/rongtong")


def say(text: str) -> None:
    """Tell what happens now."""
    print(f"setup: {text}", flush=True)


def install(pip: list[str], scratch: Path) -> None:
    """Install what the lock names with uv, or with pip itself where uv cannot; then the project."""
    say(f"installing {LOCK.read_text().count('==')} packages at most (exact versions, with hashes)")
    env = uv_environment(pip)
    # Compiled now, once: Great Expectations or Airflow take twice as long to import from source, in every process
    # where nothing may be written beside them (another user's .venv, PYTHONDONTWRITEBYTECODE).
    if not (bring_uv(pip, scratch) and run([*UV, "sync", "--compile-bytecode", "--require-hashes", LOCK], env)):
        say("uv could not; installing with pip, which takes some minutes")
        need([*pip, "install", "-q", "--require-hashes", "--no-deps", "-r", LOCK])
    need([*UV, "install", "--no-deps", "--no-build-isolation", "--offline", "--editable", ROOT])


UV = [PYTHON, "-m", "uv", "--quiet", "pip"]


def bring_uv(pip: list[str], scratch: Path) -> bool:
    """Install the locked uv into .venv; whether that worked."""
    requirement = scratch / "uv.txt"
    requirement.write_text(locked("uv"))
    return run([*pip, "install", "-qq", "--no-deps", "--require-hashes", "-r", requirement])


def locked(name: str) -> str:
    """The lines of the lock that belong to one package: its version and hashes."""
    lines = LOCK.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    ends = (number for number in range(start + 1, len(lines)) if not lines[number].startswith(" "))
    return "\n".join(lines[start : next(ends, len(lines))]) + "\n"


def find_pip(scratch: Path) -> list[str]:
    """Command that runs some pip on .venv: the system's, the one Python carries, or the distribution's wheel."""
    if quiet([sys.executable, "-m", "pip", "--python", PYTHON, "--version"]):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON), "--disable-pip-version-check"]
    if quiet([PYTHON, "-m", "pip", "--version"]) or quiet([PYTHON, "-m", "ensurepip", "--default-pip"]):
        return [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    wheels = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl")) or distribution_wheels(scratch)
    if wheels:
        return [str(PYTHON), f"{wheels[-1]}/pip", "--disable-pip-version-check"]
    sys.exit("This Python has neither pip nor ensurepip. Hint: install python3-venv or python3-pip, then try again.")


def distribution_wheels(scratch: Path) -> list[Path]:
    """pip's wheel out of Debian's or Ubuntu's package, unpacked into `scratch`; works for any user, changes no system."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return []
    say("no pip here: taking it from the distribution's package python3-pip-whl")
    for folder in ("lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    own = [f"-oDir::State::lists={scratch}/lists", f"-oDir::Cache={scratch}/cache", "-oDebug::NoLocking=1", "-qq"]
    if run(["apt-get", *own, "update"]) and run(["apt-get", *own, "download", "python3-pip-whl"], cwd=scratch):
        for package in scratch.glob("*.deb"):
            run(["dpkg-deb", "-x", package, scratch])
    return sorted(scratch.glob("usr/share/python-wheels/pip-*.whl"))


def uv_environment(pip: list[str]) -> dict[str, str]:
    """The environment in which uv looks where pip is configured to look; what is set for uv already stays."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    env = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip does; the hashes keep it safe
    # A variable outweighs the user's file, and that the machine's; pip lists them in no useful order.
    rank = {":env:": 2, "install": 1}
    pairs = [line.partition("=")[::2] for line in listed.splitlines()]
    for key, value in sorted(pairs, key=lambda pair: rank.get(pair[0].rpartition(".")[0], 0)):
        name = UV_NAMES.get(key.rpartition(".")[2])
        places = [place for place in str(ast.literal_eval(value)).split() if not missing_folder(place)]
        if name and places:
            env[name] = ("," if name == "UV_FIND_LINKS" else " ").join(places)
    return {**env, **os.environ}


def missing_folder(place: str) -> bool:
    """Whether this is a folder that is not there: pip passes over it, uv would fail."""
    return place.startswith("/") and not Path(place).exists()


def run(command: list[object], env: dict[str, str] | None = None, cwd: Path | None = None) -> bool:
    """Run a command, its output shown; whether it succeeded."""
    return subprocess.run([str(part) for part in command], env=env, cwd=cwd, check=False).returncode == 0


def quiet(command: list[object]) -> bool:
    """Run a command, its output hidden; whether it succeeded."""
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0


def need(command: list[object]) -> None:
    """Run a command; end with its exit code when it fails."""
    if not run(command):
        sys.exit(f"setup: this failed: {' '.join(str(part) for part in command)}")


if __name__ == "__main__":
    main()
