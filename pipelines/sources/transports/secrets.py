"""What a contract names and never holds: tokens, passwords, database URLs."""

from pathlib import Path

from pipelines import secrets
from pipelines.contracts.pulling import SECRET_PLACE
from pipelines.errors import UsageError


def secret(home: Path, name: str) -> str:
    """Return the value of a secret; UsageError when nobody gave one, or when others may read the file it stands in."""
    value = secrets.secret(home, name)
    if value:
        return value
    file = home / secrets.FILE
    if not secrets.is_private(home):
        raise UsageError(f"[secret] {file} may be read by others. Hint: chmod 600 {file}.")
    raise UsageError(
        f"[secret] there is no secret {name}. Hint: export {name}, or write a line {name}=… into {file} (mode 600)."
    )


def filled(home: Path, text: str) -> str:
    """Return a text with every ${NAME} in it replaced by the secret of that name."""
    return SECRET_PLACE.sub(lambda found: secret(home, found[1]), text)
