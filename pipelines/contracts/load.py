"""Load contracts: the files of a city, and one file as a Contract."""

from pathlib import Path

from pipelines.contracts.inspection import inspect_contract
from pipelines.contracts.model import City, Contract
from pipelines.contracts.sources import contract_files as contract_files
from pipelines.errors import ContractError


def load_contract(path: Path, city: City) -> Contract:
    """Return the contract in a file, with defaults from the city; ContractError with all its problems at once."""
    inspection = inspect_contract(path, city)
    if inspection.contract is None:
        raise ContractError(list(inspection.problems))
    return inspection.contract
