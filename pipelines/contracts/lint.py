"""Lint: every problem of a city's contracts, by themselves, with each other, and against what was published last."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pipelines.contracts.catalog import file_of
from pipelines.contracts.model import Contract
from pipelines.contracts.survey import survey
from pipelines.errors import Problem
from pipelines.settings import Settings

NOTHING_PUBLISHED: Mapping[str, Contract] = MappingProxyType({})


def lint(
    settings: Settings, ids: Sequence[str] = (), published: Mapping[str, Contract] = NOTHING_PUBLISHED
) -> list[Problem]:
    """Return all problems of the named contracts (of all when none is named), sorted by file and line.

    `published`: the contracts published last, by id; a breaking change against them demands a higher major version.
    UsageError for a name that no contract has.
    """
    seen = survey(settings)
    problems = [*seen.problems, *seen.problems_between(dict(published))]
    if ids:
        wanted = {file_of(settings, name).path for name in ids}
        files = {found.file for file, found in seen.found if file.path in wanted}
        problems = [problem for problem in problems if problem.file in files or problem in seen.city_problems]
    return sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.rule, p.message))
