"""Where things are: the city repository, the lake and its folders, from the environment. Reads no contract."""

import os
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved settings of this process.

    `catalogue` is a PostgreSQL URL, or empty for the embedded SQLite catalogue; `bi` that of the mirror. `threads`: 0 is as the work needs.
    """

    city: Path
    home: Path
    inbox: Path
    data_docs: Path
    catalogue: str
    lang: str
    lock_seconds: float
    memory_limit: str
    max_document_mb: int
    threads: int = 0
    notify: str = ""
    notify_seconds: float = 15.0
    bi: str = ""

    @property
    def schemas(self) -> Path:
        """Folder of the contracts."""
        return self.city / "schemas"

    @property
    def landing(self) -> Path:
        """Folder where the bytes of deliveries are kept."""
        return self.home / "landing"

    @property
    def cache(self) -> Path:
        """Folder of compiled plans; may be deleted at any time."""
        return self.home / "cache"

    @property
    def tmp(self) -> Path:
        """Folder for spilled and half-written files; may be deleted when nothing runs."""
        return self.home / "tmp"


def _find_city() -> Path:
    named = os.environ.get("RONGTONG_CITY")
    if named:
        return Path(named).expanduser().resolve()
    here = Path.cwd().resolve()
    own = Path(__file__).resolve().parent.parent  # a clone's sample city; an installed package has none
    for folder in (here, *here.parents, own):
        if (folder / "schemas" / "_city.yaml").is_file():
            return folder
    return here


def _number(name: str, usual: str) -> str:
    text = os.environ.get(name) or usual
    if not text.isdigit():
        raise UsageError(f"[setting] {name} is '{text}'. Hint: write a whole number, such as {usual}.")
    return text


def settings() -> Settings:
    """Return the settings as the environment says now (cheap: nothing is cached, so tests and tasks may change it)."""
    city = _find_city()
    home = Path(os.environ.get("RONGTONG_HOME") or city / ".rongtong").expanduser().resolve()
    return Settings(
        city=city,
        home=home,
        inbox=Path(os.environ.get("RONGTONG_INBOX") or home / "inbox").expanduser().resolve(),
        data_docs=home / "docs",
        catalogue=os.environ.get("RONGTONG_CATALOGUE", ""),
        lang=os.environ.get("RONGTONG_LANG", "en"),
        lock_seconds=float(_number("RONGTONG_LOCK_SECONDS", "900")),
        memory_limit=os.environ.get("RONGTONG_MEMORY", "1200MB"),
        max_document_mb=int(_number("RONGTONG_MAX_DOCUMENT", "512")),
        threads=int(_number("RONGTONG_THREADS", "0")),
        notify=os.environ.get("RONGTONG_NOTIFY", ""),
        notify_seconds=float(_number("RONGTONG_NOTIFY_SECONDS", "15")),
        bi=os.environ.get("RONGTONG_BI_URL", ""),
    )
