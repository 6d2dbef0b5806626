"""The generated files that everything is measured on: one big month and a small one to warm up with, in three forms."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PERIOD, WARM_PERIOD, WARM_ROWS = "2026-01", "2026-02", 2_000
BAD_SHARE = 0.005
FORMS = {
    "plain": ["--encoding", "utf-8", "--no-personal"],
    "gb18030": ["--encoding", "gb18030", "--no-personal"],
    "personal": ["--encoding", "utf-8"],
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A generated month and the small one before it."""

    file: Path
    warm: Path
    size: int


def generate(folder: Path, rows: int, form: str) -> Delivery:
    """Return the two files of a form, written below `folder`."""
    file = _month(folder / f"{form}_{rows}", rows, PERIOD, form)
    warm = _month(folder / f"{form}_warm", WARM_ROWS, WARM_PERIOD, form)
    return Delivery(file, warm, file.stat().st_size)


def _month(out: Path, rows: int, period: str, form: str) -> Path:
    script = ROOT / "data_samples" / "generate.py"
    asked = ["--rows", str(rows), "--period", period, "--bad-share", str(BAD_SHARE), "--out", str(out), *FORMS[form]]
    done = subprocess.run([sys.executable, str(script), *asked], check=True, capture_output=True, text=True)
    return Path(json.loads(done.stdout)["file"])
