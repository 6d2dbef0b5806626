"""Lint: every problem of a city's contracts and models, by themselves, with each other, and against what was published last."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from pipelines.contracts.catalog import file_of
from pipelines.contracts.codelists import code_list_names, load_code_list
from pipelines.contracts.divisions import load_successors
from pipelines.contracts.finding import find_made
from pipelines.contracts.model import Contract
from pipelines.contracts.models import Models, city_models
from pipelines.contracts.survey import survey
from pipelines.errors import ContractError, Problem
from pipelines.settings import Settings

NOTHING_PUBLISHED: Mapping[str, Contract] = MappingProxyType({})


def lint(
    settings: Settings, ids: Sequence[str] = (), published: Mapping[str, Contract] = NOTHING_PUBLISHED
) -> list[Problem]:
    """Return all problems of the named contracts and models (of all, and of the city's code lists, when none is named), sorted.

    `published`: the contracts published last, by id; a breaking change against them demands a higher major version.
    UsageError for a name that no contract and no model has.
    """
    seen = survey(settings)
    problems = [*seen.problems, *seen.problems_between(dict(published))]
    models = Models(()) if seen.city_problems else city_models(settings)  # no model can be read without the city pack
    if not ids:
        problems += [*_shared_problems(settings), *models.problems]
    else:
        made, delivered = _models_named(settings, ids)
        wanted = {file_of(settings, name).path for name in delivered}
        files = {found.file for file, found in seen.found if file.path in wanted}
        problems = [problem for problem in problems if problem.file in files or problem in seen.city_problems] + made
    return sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.rule, p.message))


def _models_named(settings: Settings, ids: Sequence[str]) -> tuple[list[Problem], list[str]]:
    """Return the problems of the named models, and the names that are none."""
    problems: list[Problem] = []
    others: list[str] = []
    for name in ids:
        try:
            others += [] if find_made(settings, name) else [name]
        except ContractError as broken:
            problems += broken.problems
    return problems, others


def _shared_problems(settings: Settings) -> list[Problem]:
    """Problems of the code lists, also of those that no contract names, and of the successors of divisions."""
    schemas = settings.schemas
    loads = [partial(load_code_list, schemas, name) for name in code_list_names(schemas)]
    found = [problem for load in loads for problem in _told(load)]
    return found or _told(partial(load_successors, schemas))


def _told(load: Callable[[], object]) -> list[Problem]:
    try:
        load()
    except ContractError as error:
        return error.problems
    return []
