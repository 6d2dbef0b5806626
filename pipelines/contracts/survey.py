"""All contracts of a city inspected, each file only when something that decides its meaning changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.cache import forget_others, is_cached, read_cached, write_cached
from pipelines.contracts.city import load_city
from pipelines.contracts.inspection import Inspection, from_entry, inspect_contract, to_entry
from pipelines.contracts.model import City, Contract
from pipelines.contracts.registry import Assembly, Member, city_problems
from pipelines.contracts.rules import city as city_rules
from pipelines.contracts.sources import ContractFile, keyed_files
from pipelines.errors import ContractError, Problem, RongtongError
from pipelines.settings import Settings

# importing it registers its rules
RULES_BETWEEN_CONTRACTS = city_rules


@dataclass(frozen=True, slots=True)
class Survey:
    """Every contract file of a city with what it holds, and the problems of the city pack itself."""

    found: tuple[tuple[ContractFile, Inspection], ...]
    city_problems: tuple[Problem, ...]

    @property
    def members(self) -> list[Member]:
        """The sound contracts with the lines their problems point at."""
        return [Member(found.contract, found.lines) for _, found in self.found if found.contract]

    @property
    def problems(self) -> list[Problem]:
        """Problems of the city pack and of every file by itself."""
        return [*self.city_problems, *(problem for _, found in self.found for problem in found.problems)]

    def problems_between(self, published: dict[str, Contract]) -> list[Problem]:
        """Return the problems that contracts have with each other and with what was published last."""
        ids = [file.dataset for file, _ in self.found]
        return city_problems(Assembly(self.members, ids, published))


def survey(settings: Settings) -> Survey:
    """Return the survey of a city's contracts; a broken city pack is told, and the contracts are inspected all the same."""
    city, problems = _city(settings.city)
    files = keyed_files(settings.schemas)
    folder = _folder(settings)
    if problems:
        return Survey(tuple((file, inspect_contract(file.path, city)) for file in files), tuple(problems))
    found = tuple((file, _kept(folder, file) or inspect_contract(file.path, city)) for file in files)
    _keep(settings, found)
    forget_others(folder, [file.key for file in files])
    return Survey(found, ())


def inspect_one(settings: Settings, file: ContractFile) -> Inspection:
    """Return what one contract file holds; ContractError when the city pack is broken."""
    kept = _kept(_folder(settings), file)
    if kept:
        return kept
    inspection = inspect_contract(file.path, load_city(settings.city))
    _keep(settings, [(file, inspection)])
    return inspection


def _folder(settings: Settings) -> Path:
    return settings.cache / "contracts"


def _city(root: Path) -> tuple[City, list[Problem]]:
    try:
        return load_city(root), []
    except ContractError as error:
        return City(str(root), "", "", "Asia/Shanghai", "EPSG:4490", ""), error.problems


def _keep(settings: Settings, found: Iterable[tuple[ContractFile, Inspection]]) -> None:
    """Keep what is not kept yet, but nothing of a file that changed since its key was taken."""
    folder = _folder(settings)
    fresh = [(file, inspection) for file, inspection in found if not is_cached(folder, file.key)]
    keys = {file.key for file in keyed_files(settings.schemas)} if fresh else set()
    for file, inspection in fresh:
        if file.key in keys:
            write_cached(folder, file.key, to_entry(inspection))


def _kept(folder: Path, file: ContractFile) -> Inspection | None:
    entry = read_cached(folder, file.key)
    try:
        return from_entry(entry) if entry else None
    except (KeyError, TypeError, ValueError, RongtongError):
        return None
