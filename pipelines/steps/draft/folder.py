"""Drafting contracts for a whole folder: files that are deliveries of one dataset become one contract."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.contracts.lint import lint
from pipelines.contracts.model import Contract
from pipelines.derive.mapping import accepted_headings, plain
from pipelines.errors import ContractError, EngineFault, SourceError, UsageError
from pipelines.lake.faults import faults_translated
from pipelines.names import COLUMN, snake
from pipelines.settings import Settings
from pipelines.steps.draft.drafting import Drafting, drafting
from pipelines.steps.draft.naming import title_of
from pipelines.steps.draft.options import DraftOptions, DraftResult
from pipelines.steps.draft.periods import named_periods
from pipelines.steps.draft.table_names import table_name

_USUAL_DOMAIN = "intake"
_NO_DATA = ("~$", ".", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one dataset's files: `status` is draft, active, exists or failed, `why` says why it failed."""

    dataset: str
    files: tuple[str, ...]
    format: str = ""
    columns: int = 0
    rows: int = 0
    status: str = "failed"
    todos: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""


@dataclass(slots=True)
class _Group:
    """Files with one title and the same headings, the newest last."""

    title: str
    files: list[Path]
    headings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    """One pass over a folder: which tables are taken, by this run or before it."""

    desk: Drafting
    folder: Path
    domain: str
    options: DraftOptions
    taken: set[str] = field(default_factory=set)


def draft_folder(settings: Settings, folder: Path, domain: str, options: DraftOptions) -> list[Row]:
    """Return one row per dataset found in a folder and its folders, each drafted from its newest file.

    Contracts that are there stay as they are. UsageError: no folder, no file in it, no domain by that name.
    SourceError: the dictionary is none.
    """
    files = _files(folder, options.dictionary)
    with drafting(settings, options.dictionary) as desk, faults_translated():
        run = _Run(desk, folder, _domain(folder, domain), options)
        rows = [row for group in _groups(run, files) for row in _drafted(run, group)]
    return _linted(settings, rows)


def _files(folder: Path, dictionary: Path | None) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"[from-folder] {folder} is no folder.")
    known = dictionary.resolve() if dictionary else None
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _is_no_data(path.relative_to(folder))]
    wanted = [path for path in found if path.resolve() != known and not path.name.endswith(".manifest.json")]
    if not wanted:
        raise UsageError(f"[from-folder] there is no file in {folder}.")
    return wanted


def _is_no_data(path: Path) -> bool:
    return any(part.startswith(_NO_DATA) for part in path.parts)


def _domain(folder: Path, domain: str) -> str:
    if domain and not COLUMN.match(domain):
        raise UsageError(f"[id] '{domain}' is no domain. Hint: small letters, digits and _, e.g. governance.")
    return domain or snake(folder.resolve().name) or _USUAL_DOMAIN


def _groups(run: _Run, files: Sequence[Path]) -> Iterator[_Group]:
    """The files by folder, title and ending; where several share these, by their headings too."""
    alike: dict[tuple[str, str, str], list[Path]] = {}
    for path in files:
        ending = (
            "".join(path.suffixes[-2:]).casefold() if path.suffix.lower() in (".gz", ".zip") else path.suffix.casefold()
        )
        alike.setdefault((str(path.parent), title_of(path.name), ending), []).append(path)
    for (_, title, _), members in alike.items():
        if len(members) == 1:
            yield _Group(title, members)
        else:
            yield from _by_headings(run, title, members)


def _by_headings(run: _Run, title: str, files: Iterable[Path]) -> Iterator[_Group]:
    found: dict[frozenset[str], _Group] = {}
    for path in files:
        try:
            headings = run.desk.headings(path)
        except (SourceError, EngineFault):
            yield _Group(title, [path])  # drafting it says why
            continue
        group = found.setdefault(frozenset(map(plain, headings)), _Group(title, [], headings))
        group.files.append(path)
    for group in found.values():
        group.files.sort(key=_period_of)
        yield group


def _period_of(path: Path) -> tuple[str, str]:
    named = named_periods(path.name)
    return (named[0].value if named else "", path.name)


def _drafted(run: _Run, group: _Group) -> Iterator[Row]:
    names = tuple(str(path.relative_to(run.folder)) for path in group.files)
    newest = group.files[-1]
    dataset = ""
    try:
        dataset, existing = _dataset(run, group, newest)
        if existing:
            yield Row(dataset, names, existing.ingest.format, len(existing.columns), status="exists")
            return
        yield _row(names, dataset, run.desk, run.desk.draft(dataset, newest, run.options))
    except ContractError as error:
        yield Row(dataset, names, why="; ".join(str(problem) for problem in error.problems[:3]))
    except (SourceError, UsageError, EngineFault) as error:
        run.taken.discard(dataset.rpartition(".")[2])
        yield Row("", names, why=str(error).removeprefix(f"{newest}: ").removeprefix(f"{newest.name}: "))


def _row(names: tuple[str, ...], dataset: str, desk: Drafting, result: DraftResult) -> Row:
    form = desk.contracts[-1].ingest.format
    return Row(dataset, names, form, result.columns, result.rows, result.status, result.todos, result.notes)


def _dataset(run: _Run, group: _Group, newest: Path) -> tuple[str, Contract | None]:
    """The id of a group: what its files are called, else their folder; with the contract that describes them already."""
    inside = newest.parent != run.folder
    base = table_name(group.title) or (table_name(newest.parent.name) if inside else "") or "dataset"
    number = 1
    while True:
        table = base if number == 1 else f"{base}_{number}"
        existing = next((contract for contract in run.desk.contracts if contract.table == table), None)
        if table not in run.taken and (existing is None or _describes(run, existing, group, newest)):
            run.taken.add(table)
            return (existing.id if existing else f"{run.domain}.{table}"), existing
        number += 1


def _describes(run: _Run, contract: Contract, group: _Group, newest: Path) -> bool:
    """Whether a contract knows every heading of the files."""
    group.headings = group.headings or run.desk.headings(newest)
    known = {plain(name) for column in contract.columns for name in accepted_headings(column)}
    return all(plain(heading) in known for heading in group.headings)


def _linted(settings: Settings, rows: list[Row]) -> list[Row]:
    """The rows, with what lint says of the contracts just drafted among their todos."""
    told: dict[str, list[str]] = {}
    for problem in lint(settings):
        told.setdefault(Path(problem.file).name.partition(".")[0], []).append(
            f"lint: [{problem.rule}] {problem.message}"
        )
    return [
        replace(row, todos=(*row.todos, *told.get(row.dataset.rpartition(".")[2], ())))
        if row.status in ("draft", "active")
        else row
        for row in rows
    ]
