"""A new city's repository: written once from the templates in `pipelines/scaffold/`, never over anything that is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pipelines.errors import EnvironmentFault, UsageError
from pipelines.steps.dag_files import DAG_FILES

# What a forge or an editor puts into a repository that is still new.
_NEW = (".git", ".gitignore", ".gitattributes", ".venv", ".idea", ".vscode", "LICENSE*", "README*")
_EXECUTABLE = (".ci/run", "make-env")
_NO_DOT = "dot."  # templates are packaged without the leading dot that some tools pass over


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A city's new repository: its folder, the files written, and those that were there already and stayed."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def scaffold(folder: Path) -> Scaffold:
    """Write a city's repository into a new folder and return what was done; UsageError when it holds other things."""
    folder = folder.expanduser().resolve()
    _refuse_used(folder)
    written: list[str] = []
    kept: list[str] = []
    try:
        for name, content in city_files().items():
            (written if _write(folder / name, content, executable=name in _EXECUTABLE) else kept).append(name)
    except OSError as error:
        raise EnvironmentFault(f"[init] cannot write {error.filename}: {error.strerror}.") from error
    return Scaffold(folder, tuple(written), tuple(kept))


def city_files() -> dict[str, bytes]:
    """Return every file of a new city by its path in the repository."""
    templates = {name: entry.read_bytes() for name, entry in _templates(files("pipelines") / "scaffold", "")}
    release = version("rongtong").encode()
    found = {name: content.replace(b"@VERSION@", release) for name, content in templates.items()}
    return found | {f"dags/{name}": text.encode() for name, text in DAG_FILES.items()}


def _templates(folder: Traversable, inside: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = entry.name.replace(_NO_DOT, ".", 1) if entry.name.startswith(_NO_DOT) else entry.name
        if entry.is_dir():
            yield from _templates(entry, f"{inside}{name}/")
        else:
            yield inside + name, entry


def _refuse_used(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"[init] {folder} is a file. Hint: name a new or an empty folder.")
    used = sorted(entry.name for entry in folder.iterdir() if not any(fnmatch(entry.name, name) for name in _NEW))
    if used:
        shown = ", ".join(used[:3]) + (f" and {len(used) - 3} more" if len(used) > 3 else "")
        raise UsageError(f"[init] {folder} is not empty: {shown}. Hint: name a new folder, or a repository just made.")


def _write(path: Path, content: bytes, *, executable: bool) -> bool:
    """Write a file that is not there yet; whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as handle:
            handle.write(content)
    except FileExistsError:
        return False
    if executable:
        path.chmod(path.stat().st_mode | 0o111)
    return True
