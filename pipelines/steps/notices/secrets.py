"""The addresses of channels, with their secrets in them."""

from pathlib import Path
from urllib.parse import quote

from pipelines.contracts.channels import SECRET
from pipelines.secrets import secret


def filled(home: Path, url: str) -> tuple[str, list[str]]:
    """Return a URL with its secrets in it, and the names of those that nobody gave.

    A URL that is nothing but one `${NAME}` is taken from there as a whole; inside a URL a value is percent-encoded.
    """
    names = SECRET.findall(url)
    values = {name: secret(home, name) for name in names}
    missing = [name for name in dict.fromkeys(names) if not values[name]]
    if SECRET.fullmatch(url):
        return values[names[0]], missing
    return SECRET.sub(lambda found: quote(values[found[1]], safe=""), url), missing
