"""Everything that can be said of one contract file by itself: the contract when it is sound, its problems when not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.contracts.document import Document, parse_document, read_document
from pipelines.contracts.model import City, Contract
from pipelines.contracts.places import column_entries, logical_lines
from pipelines.contracts.registry import Draft, draft_problems
from pipelines.contracts.rules import channels, checks, columns, identity, ingest, personal, pulling, reading, values
from pipelines.contracts.sentences import Fault
from pipelines.contracts.serial import from_plain, to_plain
from pipelines.contracts.to_contract import scope_of, to_contract
from pipelines.contracts.validation import structural_faults
from pipelines.errors import Problem

# importing them registers their rules
RULES_OF_ONE_CONTRACT = (channels, checks, columns, identity, ingest, personal, pulling, reading, values)


_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one contract file holds: `contract` is None when there is any problem; `lines` in the words of rules."""

    file: str
    contract: Contract | None
    lines: dict[str, int]
    problems: tuple[Problem, ...]


def inspect_contract(path: Path, city: City) -> Inspection:
    """Return a contract file's contract, or all its problems at once."""
    file = file_name(path, city)
    document, problems = read_document(path, file)
    return _inspected(file, city, document, problems)


def inspect_text(text: str, file: str, city: City) -> Inspection:
    """Return the contract that a text would be in the file of that name, or all its problems at once."""
    document, problems = parse_document(text, file)
    return _inspected(file, city, document, problems)


def _inspected(file: str, city: City, document: Document | None, problems: list[Problem]) -> Inspection:
    if document is None:
        return Inspection(file, None, {}, tuple(problems))
    faults = [fault for fault in structural_faults(document) if fault.place not in document.doubtful]
    problems += [
        Problem(file, document.line(fault.place), fault.rule, f"{fault.message}.", fault.hint) for fault in faults
    ]
    draft = _draft(document, city, faults)
    if draft:
        problems += draft_problems(draft)
    return Inspection(
        file=file,
        contract=draft.contract if draft and not problems else None,
        lines=dict(draft.lines) if draft else {},
        problems=tuple(sorted(problems, key=lambda p: (p.line or 0, p.rule, p.message))),
    )


def file_name(path: Path, city: City) -> str:
    """Return the name of a contract file in problems: from the city's folder, or from where this package lies."""
    full = path.resolve()
    for root in (Path(city.root).resolve(), _PACKAGE):
        if full.is_relative_to(root):
            return full.relative_to(root).as_posix()
    return str(path)


def to_entry(inspection: Inspection) -> dict[str, Any]:
    """Return an inspection as JSON holds it."""
    return {
        "file": inspection.file,
        "contract": to_plain(inspection.contract) if inspection.contract else None,
        "lines": inspection.lines,
        "problems": [[p.file, p.line, p.rule, p.message, p.hint] for p in inspection.problems],
    }


def from_entry(entry: dict[str, Any]) -> Inspection:
    """Return the inspection in what JSON held."""
    return Inspection(
        file=entry["file"],
        contract=from_plain(entry["contract"]) if entry["contract"] else None,
        lines=entry["lines"],
        problems=tuple(Problem(*fields) for fields in entry["problems"]),
    )


def _draft(document: Document, city: City, faults: list[Fault]) -> Draft | None:
    named = [column for _, column in column_entries(document.data) if isinstance(column.get("name"), str)]
    if not named:
        return None
    broken = frozenset(scope_of(place, document.data) for place in _places(document, faults))
    contract = to_contract(document, city, broken)
    return Draft(contract, document, logical_lines(document), city, broken)


def _places(document: Document, faults: list[Fault]) -> list[tuple[str | int, ...]]:
    return [*(fault.place for fault in faults), *document.doubtful]
