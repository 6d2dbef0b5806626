"""Runs the peers in an environment of their own, made from their lock when it is not there."""

import json
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import Measured
from scripts.setup import find_pip, uv_environment

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
LOCK = HERE / "requirements.lock"
_READY = VENV / ".ready"


class PeerUnavailable(Exception):
    """A peer could not be installed or did not finish; the message says why."""


def run_peer(script: str, file: Path, warm: Path, folder: Path) -> Measured:
    """Return what a peer's script measured on a file; PeerUnavailable."""
    python = VENV / "bin" / "python"
    command = [str(python), str(HERE / f"{script}.py"), str(file), str(warm), str(folder)]
    folder.mkdir(parents=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise PeerUnavailable(f"{script} ended with exit code {done.returncode}: {last[:200]}")
    return Measured(**json.loads(done.stdout.strip().splitlines()[-1]))


def install() -> None:
    """Make the environment from the lock, exact versions with hashes; PeerUnavailable when that fails."""
    if _READY.exists() and _READY.stat().st_mtime >= LOCK.stat().st_mtime:
        return
    uv = [sys.executable, "-m", "uv"] if find_spec("uv") else [shutil.which("uv") or ""]
    if not uv[0]:
        raise PeerUnavailable("there is no uv here to install them with")
    with tempfile.TemporaryDirectory() as scratch:
        env = uv_environment(find_pip(Path(scratch)))
    _call([*uv, "venv", "--clear", str(VENV), "--python", sys.executable], env)
    _call([*uv, "pip", "install", "--python", str(VENV), "--require-hashes", "-r", str(LOCK)], env)
    _READY.touch()


def _call(command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerUnavailable((done.stderr.strip().splitlines() or ["no reason given"])[-1][:200])
