"""What a dataset's sources gave last (`RONGTONG_HOME/pulled/<table>.json`), so that nothing is fetched or judged twice.

The file may be deleted: everything is then fetched once more, and publishing finds what it has already.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipelines.settings import Settings

_KEPT = 500


@dataclass(frozen=True, slots=True)
class Given:
    """What one source gave: its validators, the sha256 of the bytes, the plan they were judged under, and how."""

    etag: str = ""
    modified: str = ""
    sha256: str = ""
    plan: str = ""
    refused: bool = False


def given_before(settings: Settings, table: str, source: str, plan: str, *, again: bool) -> Given:
    """Return what a source gave last under this plan; nothing when `again` is asked of what was refused."""
    known = _read(_file(settings, table)).get(source, Given())
    return Given() if known.plan != plan or (known.refused and again) else known


def remember_given(settings: Settings, table: str, source: str, given: Given) -> None:
    """Write down what a source gave, once it has a verdict."""
    file = _file(settings, table)
    known = {name: entry for name, entry in _read(file).items() if name != source} | {source: given}
    text = json.dumps(
        {name: asdict(entry) for name, entry in list(known.items())[-_KEPT:]}, ensure_ascii=False, indent=1
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.part")
    half.write_text(text, "utf-8")
    half.replace(file)


def judged(given: Given, plan: str, *, refused: bool) -> Given:
    """Return what was given with the plan it was judged under and how."""
    return replace(given, plan=plan, refused=refused)


def _file(settings: Settings, table: str) -> Path:
    return settings.home / "pulled" / f"{table}.json"


def _read(file: Path) -> dict[str, Given]:
    try:
        return {name: Given(**entry) for name, entry in json.loads(file.read_text("utf-8")).items()}
    except (OSError, ValueError, TypeError):
        return {}
