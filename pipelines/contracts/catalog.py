"""Find contracts by the names people use for a dataset."""

from collections.abc import Iterable

from pipelines.contracts.hints import closest
from pipelines.contracts.model import Contract
from pipelines.contracts.sources import ContractFile, keyed_files
from pipelines.contracts.survey import inspect_one, survey
from pipelines.errors import ContractError, Problem, UsageError
from pipelines.names import bare_table, dag_id_of, domain_of, table_of
from pipelines.settings import Settings

_LAYERS = ("", "ods", "dwd")
_MADE = ("dim", "dws", "ads")


def find_contract(settings: Settings, name: str) -> Contract:
    """Return the contract of a dataset named by id, `dwd.table`, DAG id or table.

    UsageError names the closest when there is none, or all that the name could mean; ContractError when it is broken.
    """
    inspection = inspect_one(settings, file_of(settings, name))
    if inspection.contract is None:
        raise ContractError(list(inspection.problems))
    return inspection.contract


def file_of(settings: Settings, name: str) -> ContractFile:
    """Return the contract file of a dataset; UsageError when no contract, or more than one, goes by that name."""
    files = keyed_files(settings.schemas)
    found = [file for file in files if file.dataset == name] or [file for file in files if _goes_by(file.dataset, name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"[dataset] '{name}' could mean {', '.join(file.dataset for file in found)}. Hint: name the id."
        )
    raise UsageError(_unknown(name, [file.dataset for file in files], settings))


def is_dataset(settings: Settings, name: str) -> bool:
    """Whether a contract file of the city goes by that name."""
    return any(file.dataset == name or _goes_by(file.dataset, name) for file in keyed_files(settings.schemas))


def all_contracts(settings: Settings) -> tuple[list[Contract], list[Problem]]:
    """Return the sound contracts of a city in order of id, and the problems of the others; none when the city pack is broken.

    Problems that contracts have only with each other are lint's.
    """
    seen = survey(settings)
    contracts = [] if seen.city_problems else [member.contract for member in seen.members]
    return sorted(contracts, key=lambda contract: contract.id), seen.problems


def _goes_by(dataset: str, name: str) -> bool:
    prefix = domain_of(name) if "." in name else ""
    return table_of(dataset) == bare_table(name) and prefix in (*_LAYERS, domain_of(dataset))


def _unknown(name: str, datasets: list[str], settings: Settings) -> str:
    if domain_of(name) in _MADE:
        return f"[dataset] {name} is made, not delivered. Hint: `rongtong show {name}`, `rongtong transform`."
    if not datasets:
        return f"[dataset] there is no dataset '{name}': {settings.schemas} holds no contract. Hint: rongtong new {name} --from FILE."
    meant = _closest(name, datasets)
    hint = f"did you mean '{meant}'?" if meant else f"there are {', '.join(sorted(datasets)[:8])}."
    return f"[dataset] there is no dataset '{name}'. Hint: {hint}"


def _closest(name: str, datasets: Iterable[str]) -> str:
    ways = {way: dataset for dataset in datasets for way in (dataset, table_of(dataset), dag_id_of(dataset))}
    return ways.get(closest(name, ways), "") or ways.get(closest(bare_table(name), ways), "")
