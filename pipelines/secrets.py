"""Secrets by name: from the environment, else from `secrets.env` in the lake's folder. A value never reaches a message."""

import os
import re
import stat
from pathlib import Path

FILE = "secrets.env"
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def secret(home: Path, name: str) -> str:
    """Return the value of a secret, '' when nobody gave one; a file that others may read gives none."""
    return os.environ.get(name) or _kept(home).get(name, "")


def is_private(home: Path, name: str = FILE) -> bool:
    """Whether nobody but its owner may read or write a file of secrets; True when there is none."""
    file = home / name
    return not file.is_file() or not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _kept(home: Path) -> dict[str, str]:
    if not is_private(home):
        return {}
    try:
        lines = (home / FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    found = [match for line in lines if not line.lstrip().startswith("#") and (match := _LINE.match(line))]
    return {match[1]: match[2].strip("'\"") for match in found}
