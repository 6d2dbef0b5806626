"""What a contract names and never holds: tokens, passwords, database URLs. From the environment or a file of the owner's."""

import os
import stat
from pathlib import Path

from pipelines.contracts.pulling import SECRET_PLACE
from pipelines.errors import UsageError

FILE = "secrets.env"


def secret(home: Path, name: str) -> str:
    """Return the value of a secret: the environment's, else that of the line NAME=value of `secrets.env`; UsageError for none."""
    value = os.environ.get(name) or _kept(home / FILE).get(name, "")
    if not value:
        raise UsageError(
            f"[secret] there is no secret {name}. Hint: export {name}, or write a line {name}=… into {home / FILE} (mode 600)."
        )
    return value


def filled(home: Path, text: str) -> str:
    """Return a text with every ${NAME} in it replaced by the secret of that name."""
    return SECRET_PLACE.sub(lambda found: secret(home, found[1]), text)


def is_private(file: Path) -> bool:
    """Whether nobody but its owner may read or write a file."""
    return not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _kept(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    if not is_private(file):
        raise UsageError(f"[secret] {file} may be read by others. Hint: chmod 600 {file}.")
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}
