"""Drafting a contract from a file: look at all of it, infer what can be inferred, leave the rest to a person."""

import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.city import load_city
from pipelines.contracts.codelists import code_list_names, load_code_list
from pipelines.contracts.lint import lint
from pipelines.contracts.model import Contract
from pipelines.derive.macros import create_macros
from pipelines.errors import ContractError, EnvironmentFault, UsageError
from pipelines.lake.connection import Connection, bare_connection
from pipelines.names import DATASET_ID, domain_of, table_of
from pipelines.settings import Settings
from pipelines.steps.dictionary.reading import Dictionary, read_dictionary
from pipelines.steps.draft.asking import ask
from pipelines.steps.draft.composing import Composed, compose
from pipelines.steps.draft.naming import CityNames
from pipelines.steps.draft.opening import beginning, open_unknown
from pipelines.steps.draft.options import DraftOptions, DraftResult


@dataclass(slots=True)
class Drafting:
    """What the drafts of one run share: a connection, the city, its code lists, a dictionary, and the contracts so far."""

    settings: Settings
    con: Connection
    zone: str
    dictionary: Dictionary
    contracts: list[Contract]
    code_lists: Mapping[str, frozenset[str]]

    def draft(self, dataset: str, file: Path, options: DraftOptions) -> DraftResult:
        """Return the contract drafted from a file and written; what is raised is told at `draft`."""
        path = _place(self.settings, dataset, options)
        with tempfile.TemporaryDirectory(prefix="rongtong-draft-") as folder:
            opened = open_unknown(self.con, dataset, file, Path(folder), options.encoding, self.zone)
            asked = ask(self.con, opened, self.code_lists, self.zone)
            names = CityNames(self.contracts, table_of(dataset), self.code_lists)
            composed = compose(self.con, dataset, opened, asked, names, self.dictionary, options, self.zone)
            opened.reading.close()
        written = _written(self.settings, path, dataset, composed, force=options.force)
        self.contracts.append(composed.contract)
        return written

    def headings(self, file: Path) -> tuple[str, ...]:
        """Return a file's headings; of a large text its beginning is looked at. SourceError: it cannot be read."""
        with tempfile.TemporaryDirectory(prefix="rongtong-draft-") as folder:
            begun = beginning(file, Path(folder))
            opened = open_unknown(self.con, "draft.headings", begun, Path(folder), "", self.zone)
            opened.reading.close()
            return tuple(opened.reading.headings)


@contextmanager
def drafting(settings: Settings, dictionary: Path | None) -> Iterator[Drafting]:
    """Open what drafts need; ContractError: the city pack is broken. SourceError: the dictionary is none."""
    zone = load_city(settings.city).timezone
    contracts, _ = all_contracts(settings)
    told = read_dictionary(dictionary) if dictionary else Dictionary()
    con = bare_connection(settings, timezone=zone)
    try:
        for statement in create_macros():
            con.execute(statement)
        yield Drafting(settings, con, zone, told, contracts, _code_lists(settings))
    finally:
        con.close()


def draft(settings: Settings, dataset: str, file: Path, options: DraftOptions) -> DraftResult:
    """Return the contract drafted from a file and written to `schemas/<domain>/<table>.odcs.yaml`.

    UsageError: no id, a table the city has, an existing contract without `force`, an option that cannot be.
    SourceError: the file or the dictionary cannot be read. ContractError: the city pack is broken.
    """
    _place(settings, dataset, options)
    with drafting(settings, options.dictionary) as desk:
        return desk.draft(dataset, file, options)


def _place(settings: Settings, dataset: str, options: DraftOptions) -> Path:
    """Where the contract goes; UsageError when it cannot go there."""
    if not DATASET_ID.match(dataset):
        raise UsageError(
            f"[id] '{dataset}' is not of the form domain.table. Hint: small letters, digits and _, e.g. governance.light_faults."
        )
    path = settings.schemas / domain_of(dataset) / f"{table_of(dataset)}.odcs.yaml"
    if path.exists() and not options.force:
        raise UsageError(f"[exists] {path} is there already. Hint: edit it, or --force to draft it anew.")
    others = [p for p in settings.schemas.rglob(f"{table_of(dataset)}.odcs.y*ml") if p.parent != path.parent]
    if others:
        raise UsageError(
            f"[table-unique] the table '{table_of(dataset)}' belongs to {others[0]}. Hint: choose another name."
        )
    return path


def _code_lists(settings: Settings) -> Mapping[str, frozenset[str]]:
    """The codes valid today, by code list; broken lists are lint's to tell."""
    today = date.today().isoformat()
    found = {}
    for name in code_list_names(settings.schemas):
        try:
            rows = load_code_list(settings.schemas, name).rows
        except ContractError:
            continue
        found[name] = frozenset(code for code, _, start, end in rows if start <= today and (not end or end > today))
    return {name: codes for name, codes in found.items() if codes}


def _written(settings: Settings, path: Path, dataset: str, composed: Composed, *, force: bool) -> DraftResult:
    """Write the contract, and once more as a draft when lint finds what inference overlooked."""
    text = composed.text()
    _write(path, text, force=force)
    if composed.status == "active":
        problems = [f"lint: [{p.rule}] {p.message}" for p in lint(settings, (dataset,))]
        if problems:
            composed = replace(composed, todos={**composed.todos, "top": (*composed.todos.get("top", ()), *problems)})
            text = composed.text()
            _write(path, text, force=True)
    columns = len(composed.contract.columns)
    return DraftResult(
        path, text, composed.status, composed.all_todos, composed.inferred, composed.notes, composed.rows, columns
    )


def _write(path: Path, text: str, *, force: bool) -> None:
    """Put the whole text there at once, never over a file that somebody else has just made."""
    half = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EnvironmentFault(
            f"[city-write] cannot write {path}: {error.strerror}. Hint: the city's folder must be writable for this user."
        ) from error
    try:
        if force:
            half.replace(path)
        else:
            os.link(half, path)
    except FileExistsError:
        raise UsageError(f"[exists] {path} is there already. Hint: edit it, or --force to draft it anew.") from None
    finally:
        half.unlink(missing_ok=True)
