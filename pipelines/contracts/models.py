"""The models of a city: the package's own and the city's, each a SELECT with a contract, and what is wrong with them.

A packaged model whose datasets or policies a city does not have is left out; a city's own model must find all it reads.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.contracts.cache import forget_others, read_cached, write_cached
from pipelines.contracts.city import load_city
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import Contract
from pipelines.contracts.model_order import Made, domain_faults, in_order
from pipelines.contracts.sources import SUFFIX, code_digest, contract_files, keyed_files
from pipelines.errors import Problem
from pipelines.settings import Settings

LAYERS = ("dim", "dws", "ads")
PACKAGED = Path(__file__).resolve().parent.parent / "models"
# What this process found: one command asks several times, and the key tells every file they are made of.
_FOUND: "dict[str, Models]" = {}
_FOUND_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class Models:
    """The models that apply to a city, the packaged ones left out (name → what they lack), and all problems."""

    made: tuple[Made, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    problems: tuple[Problem, ...] = ()


def city_models(settings: Settings) -> Models:
    """Return the models of a city, in an order in which each comes after all it reads; broken ones are told, not returned."""
    folder = settings.cache / "models"
    files = [*model_files(PACKAGED), *model_files(settings.city / "models")]
    key = _key(settings, files)
    if key not in _FOUND:
        models = _from_json(read_cached(folder, key))
        if models is None:
            models = _survey(settings, files)
            write_cached(folder, key, _to_json(models))
            forget_others(folder, [key])
        if len(_FOUND) == _FOUND_AT_MOST:
            _FOUND.pop(next(iter(_FOUND)))
        _FOUND[key] = models
    return _FOUND[key]


def all_models(settings: Settings) -> list[Contract]:
    """Return the contracts of the models that apply to a city, in the order in which they are made."""
    return [made.contract for made in city_models(settings).made]


def model_files(root: Path) -> list[Path]:
    """Return the contract files of models below a folder, sorted."""
    return [path for layer in LAYERS for path in contract_files(root / layer)] if root.is_dir() else []


def _survey(settings: Settings, files: Iterable[Path]) -> Models:
    # sqlglot costs a fifth of a second: only when something changed
    from pipelines.contracts.inspection import inspect_contract
    from pipelines.contracts.model_grades import with_grades
    from pipelines.contracts.model_lineage import with_lineage
    from pipelines.contracts.model_reading import classification_told, made_of, without_policies
    from pipelines.contracts.model_unfold import making_faults
    from pipelines.contracts.survey import survey

    city = load_city(settings.city)
    made: dict[str, Made] = {}
    places: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in files:
        found, faults = made_of(path, city)
        problems += faults
        if found:
            made[found.name] = found  # a city's own takes the place of the packaged one of that name
            places[found.name] = path
    datasets = {file.dataset.rpartition(".")[2]: file.dataset for file in keyed_files(settings.schemas)}
    applying, left_out = _applying(made, set(datasets), {policy.name for policy in city.policies})
    problems += [problem for one in applying.values() for problem in _missing(one, applying, set(datasets))]
    problems += [problem for name, one in applying.items() for problem in without_policies(one, places[name], city)]
    problems += [problem for one in applying.values() for problem in making_faults(one, applying)]
    ordered, faults = in_order(applying)
    problems += [*faults, *domain_faults(ordered)]
    members = survey(settings).members
    lines = cache(lambda path: inspect_contract(path, city).lines)
    graded, faults = with_grades(
        with_lineage(_sound(ordered, problems), members),
        [member.contract for member in members],
        lambda one, column: classification_told(lines(places[one.name]), column),
    )
    problems += faults
    return Models(_sound(graded, problems), tuple(sorted(left_out.items())), tuple(sorted(set(problems))))


def _sound(made: Iterable[Made], problems: Iterable[Problem]) -> tuple[Made, ...]:
    broken = {problem.file for problem in problems}
    return tuple(one for one in made if not {one.contract.path, one.sql_path} & broken)


def _applying(
    made: dict[str, Made], tables: set[str], policies: set[str]
) -> tuple[dict[str, Made], dict[str, tuple[str, ...]]]:
    """Split models into those whose inputs the city has, and packaged ones that lack a dataset, a policy or such a model."""
    applying = dict(made)
    left_out: dict[str, tuple[str, ...]] = {}
    while True:
        lacking = {
            name: missing
            for name, one in applying.items()
            if _is_packaged(one) and (missing := (*_lacks(one, applying, tables), *_unruled(one, policies)))
        }
        if not lacking:
            return applying, left_out
        left_out |= lacking
        applying = {name: one for name, one in applying.items() if name not in lacking}


def _lacks(one: Made, made: Iterable[str], tables: set[str]) -> tuple[str, ...]:
    known = {*made, *(f"dwd.{table}" for table in tables)}
    return tuple(name for name in one.reads if not name.startswith(("quality.", "pack.")) and name not in known)


def _unruled(one: Made, policies: set[str]) -> tuple[str, ...]:
    """The policies a model needs of which the city knows nothing at all."""
    return tuple(f"policy {name}" for name in one.model.policies if name.partition(".")[0] not in policies)


def _missing(one: Made, made: Iterable[str], tables: set[str]) -> list[Problem]:
    known = [*made, *(f"dwd.{table}" for table in tables)]
    return [
        Problem(
            one.sql_path,
            None,
            "model-reads",
            f"it reads {name}, which no contract and no model makes.",
            use(closest(name, known)),
        )
        for name in _lacks(one, made, tables)
    ]


def _is_packaged(one: Made) -> bool:
    return one.contract.path.startswith("pipelines/models/")


def _key(settings: Settings, files: Iterable[Path]) -> str:
    total = hashlib.sha256(code_digest().encode())
    for path in files:
        sql = path.with_name(path.name.removesuffix(SUFFIX) + ".sql")
        for part in (path, sql):
            total.update(str(part).encode() + b"\0" + (part.read_bytes() if part.is_file() else b"-"))
    for file in keyed_files(settings.schemas):
        total.update(f"{file.dataset}\0{file.key}".encode())
    total.update((settings.schemas / "_city.yaml").read_bytes())
    return total.hexdigest()


def _to_json(models: Models) -> dict[str, Any]:
    from pipelines.contracts.serial import to_plain

    return {
        "made": [[to_plain(one.contract), one.reads, one.lineage] for one in models.made],
        "left_out": models.left_out,
        "problems": [[p.file, p.line, p.rule, p.message, p.hint] for p in models.problems],
    }


def _from_json(entry: Any) -> Models | None:
    from pipelines.contracts.serial import from_plain

    if entry is None:
        return None
    try:
        return Models(
            tuple(
                Made(from_plain(one), tuple(reads), tuple((a, b, c) for a, b, c in lineage))
                for one, reads, lineage in entry["made"]
            ),
            tuple((name, tuple(lacks)) for name, lacks in entry["left_out"]),
            tuple(Problem(*fields) for fields in entry["problems"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
