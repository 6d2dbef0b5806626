"""The readers' passwords: random, kept in the lake's folder for its owner alone, the same in every run."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from pipelines.errors import EnvironmentFault
from pipelines.secrets import is_private

FILE = "readers.json"


def passwords(home: Path, domains: Iterable[str]) -> dict[str, str]:
    """Return domain → password for these domains and all that had one before, new ones made and kept; EnvironmentFault."""
    known = _kept(home)
    fresh = {domain: secrets.token_urlsafe(24) for domain in sorted(set(domains) - set(known))}
    if fresh:
        _keep(home, known | fresh)
    return known | fresh


def _kept(home: Path) -> dict[str, str]:
    path = home / FILE
    if not path.is_file():
        return {}
    if not is_private(home, FILE):
        raise EnvironmentFault(f"[readers-file] {path} may be read by others. Hint: chmod 600 {path}.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise EnvironmentFault(
            f"[readers-file] {path} cannot be read. Hint: restore it, or remove it: all readers then get new passwords."
        )
    return {str(domain): str(password) for domain, password in found.items()}


def _keep(home: Path, all_of_them: dict[str, str]) -> None:
    draft = home / f".readers-{os.getpid()}-{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(all_of_them, handle, indent=1)
    draft.replace(home / FILE)
