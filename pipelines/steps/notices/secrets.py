"""Secrets by name: from the environment, else from `secrets.env` in the lake's folder. A value never reaches a message."""

import os
import re
import stat
from urllib.parse import quote

from pipelines.contracts.channels import SECRET
from pipelines.settings import Settings

FILE = "secrets.env"
_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$")


def secret(settings: Settings, name: str) -> str:
    """Return the value of a secret, '' when nobody gave one."""
    return os.environ.get(name) or _kept(settings).get(name, "")


def is_private(settings: Settings) -> bool:
    """Whether nobody but its owner may read or write the file of secrets; True when there is none."""
    file = settings.home / FILE
    return not file.is_file() or not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def _kept(settings: Settings) -> dict[str, str]:
    if not is_private(settings):
        return {}  # a secret that others read is none; doctor says so
    try:
        lines = (settings.home / FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    found = [match for line in lines if not line.lstrip().startswith("#") and (match := _LINE.match(line))]
    return {match[1]: match[2].strip("'\"") for match in found}


def filled(settings: Settings, url: str) -> tuple[str, list[str]]:
    """Return a URL with its secrets in it, and the names of those that nobody gave.

    A URL that is nothing but one `${NAME}` is taken from there as a whole; inside a URL a value is percent-encoded.
    """
    names = SECRET.findall(url)
    values = {name: secret(settings, name) for name in names}
    missing = [name for name in dict.fromkeys(names) if not values[name]]
    if SECRET.fullmatch(url):
        return values[names[0]], missing
    return SECRET.sub(lambda found: quote(values[found[1]], safe=""), url), missing
