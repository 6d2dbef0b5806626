"""Find what analysts read by the names they use for it: a table that is made, or a dataset that is delivered."""

from pipelines.contracts.catalog import find_contract, is_dataset
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import Contract
from pipelines.contracts.model_order import Made
from pipelines.contracts.models import LAYERS, Models, city_models
from pipelines.errors import ContractError, UsageError
from pipelines.names import bare_table, domain_of
from pipelines.settings import Settings


def find_table(settings: Settings, name: str) -> Made | Contract:
    """Return the model, or else the contract of the dataset, that goes by a name; UsageError when neither does.

    A table's bare name is a dataset's first. ContractError for a model that is broken.
    """
    found = find_made(settings, name)
    if found is None and domain_of(name) in LAYERS:
        known = [one.name for one in city_models(settings).made]
        hint = use(closest(name, known)) or f"there are {', '.join(known[:8])}."
        raise UsageError(f"[table] no model makes '{name}'. Hint: {hint}")
    return found or find_contract(settings, name)


def find_made(settings: Settings, name: str) -> Made | None:
    """Return the model of that name: its table (`ads.x`), its id, its Chinese name or, where no dataset has it, the bare table.

    None when there is none; ContractError when it is broken, UsageError when it is left out in this city.
    """
    models = city_models(settings)
    for one in models.made:
        if name in (one.name, one.contract.id, one.contract.title):
            return one
    if is_dataset(settings, name):
        return None
    for one in models.made:
        if name == one.contract.table:
            return one
    broken = [problem for problem in models.problems if f"/{bare_table(name)}." in problem.file]
    if broken:
        raise ContractError(broken)
    _must_apply(models, name)
    return None


def _must_apply(models: Models, name: str) -> None:
    for left, lacks in models.left_out:
        if name in (left, bare_table(left)):
            message = f"[left-out] {left} is left out in this city: it reads {', '.join(lacks)}, which the city does not have."
            raise UsageError(f"{message} Hint: describe what it lacks (`rongtong new`).")
