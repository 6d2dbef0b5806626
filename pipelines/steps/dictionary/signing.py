"""Taking a signed dictionary over into the contracts: only what differs, comments kept, and nothing while it contradicts them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts.catalog import file_of, find_contract
from pipelines.contracts.city import load_city
from pipelines.contracts.diff import Change, diff
from pipelines.contracts.document import read_document
from pipelines.contracts.editing import edited
from pipelines.contracts.inspection import inspect_text
from pipelines.contracts.model import City
from pipelines.contracts.places import column_entries
from pipelines.errors import ContractError, Problem, SourceError, UsageError
from pipelines.settings import Settings
from pipelines.steps.dictionary.comparing import Comparison, about
from pipelines.steps.dictionary.reading import Table, read_dictionary

_RULE = "signed"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed dictionary changed in one contract; `accepted` are the contradictions that were accepted."""

    dataset: str
    path: str
    changes: tuple[Change, ...]
    accepted: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    """One contract's new text, and what is to be told of it."""

    path: Path
    text: str
    old: str
    signed: Signed
    problems: tuple[Problem, ...]


def take_signed(settings: Settings, signed: Path, names: Sequence[str] = (), *, accept: bool = False) -> list[Signed]:
    """Return what a signed dictionary changed, having written it into the contracts (the named ones alone, where any are named).

    ContractError with every contradiction in all datasets, and nothing is written, unless they are accepted; also when
    a contract would not be sound any more. SourceError: the file is no dictionary. UsageError: a dataset it does not hold.
    """
    city = load_city(settings.city)
    tables = _tables(settings, signed, names)
    taken = [_taken(settings, city, table, signed, accept=accept) for table in tables]
    problems = [problem for one in taken for problem in one.problems]
    if problems:
        raise ContractError(problems)
    for one in taken:
        if one.text != one.old:
            _write(one.path, one.text)
    return [one.signed for one in taken]


def _tables(settings: Settings, signed: Path, names: Sequence[str]) -> list[Table]:
    """The tables that say which dataset they are, each dataset once."""
    tables = [table for table in read_dictionary(signed).tables if about(table, "dataset")]
    if not tables:
        hint = "sign the workbook that `rongtong dictionary --out FILE` writes"
        raise SourceError(str(Problem(str(signed), None, _RULE, "no sheet says which dataset it describes.", hint)))
    held = [about(table, "dataset") for table in tables]
    twice = sorted({dataset for dataset in held if held.count(dataset) > 1})
    if twice:
        raise SourceError(str(Problem(str(signed), None, _RULE, f"{', '.join(twice)}: described by several sheets.")))
    wanted = [find_contract(settings, name).id for name in names]
    lacking = [dataset for dataset in wanted if dataset not in held]
    if lacking:
        raise UsageError(f"[signed] {signed} does not describe {', '.join(lacking)}. Hint: it has {', '.join(held)}.")
    return [table for table in tables if not wanted or about(table, "dataset") in wanted]


def _taken(settings: Settings, city: City, table: Table, signed: Path, *, accept: bool) -> _Taken:
    contract = find_contract(settings, about(table, "dataset"))
    path = file_of(settings, contract.id).path
    document, _ = read_document(path, contract.path)
    assert document is not None  # its contract is sound
    compared = Comparison(contract, _raw(document.data), table, f"{signed.name}[{table.sheet}]").compared()
    if compared.contradictions and not accept:
        return _Taken(path, "", "", Signed(contract.id, contract.path, (), ()), compared.contradictions)
    edits = [*compared.edits, *compared.accepted]
    text = edited(document.text, contract.path, edits)
    after = inspect_text(text, contract.path, city)
    changes = tuple(diff(contract, after.contract)) if after.contract else ()
    told = Signed(contract.id, contract.path, changes, compared.contradictions)
    return _Taken(path, text, document.text, told, after.problems)


def _raw(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(raw.get("name")): raw for _, raw in column_entries(data)}


def _write(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    half.write_text(text, encoding="utf-8")
    half.chmod(path.stat().st_mode & 0o777)
    half.replace(path)
