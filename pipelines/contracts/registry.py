"""The registered rules: each a short generator of findings, under the name that its problems carry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.contracts.document import Document
from pipelines.contracts.model import City, Column, Contract
from pipelines.contracts.places import Where, line_at
from pipelines.errors import Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: where in the contract (`columns/speed/logicalType`, or a line), what, and what to do."""

    where: Where
    message: str
    hint: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A contract as far as its structure is sound: `broken` names the parts (see scope_of) that rules leave alone."""

    contract: Contract
    document: Document
    lines: Mapping[str, int]
    city: City
    broken: frozenset[str]

    def sound(self, scope: str) -> bool:
        """Whether a part of the contract has no fault in its structure."""
        return scope not in self.broken

    def given(self, *where: str) -> bool:
        """Whether the file itself says something at a place."""
        return "/".join(where) in self.lines

    @property
    def columns(self) -> list[Column]:
        """The columns without a fault in their structure."""
        return [column for column in self.contract.columns if self.sound(f"columns/{column.name}")]

    @property
    def names(self) -> list[str]:
        """Names of all columns, sound or not."""
        return [column.name for column in self.contract.columns]


@dataclass(frozen=True, slots=True)
class Member:
    """A sound contract among the others of its city, with the lines its problems point at."""

    contract: Contract
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Assembly:
    """All sound contracts of a city, the ids of all its files, and the contracts published last, by id."""

    members: Sequence[Member]
    ids: Sequence[str]
    published: Mapping[str, Contract]


Rule = Callable[[Draft], Iterator[Finding]]
CityRule = Callable[[Assembly], Iterator[tuple[Member, Finding]]]

_RULES: dict[str, Rule] = {}
_CITY_RULES: dict[str, CityRule] = {}
_ADVISORY: set[str] = set()
_DELIVERED: set[str] = set()


def rule(name: str, delivered: bool = False) -> Callable[[Rule], Rule]:
    """Register a rule that one contract alone can break; `delivered`: only one whose data are delivered, no model."""

    def register(function: Rule) -> Rule:
        _RULES[name] = function
        if delivered:
            _DELIVERED.add(name)
        return function

    return register


def city_rule(name: str, advisory: bool = False) -> Callable[[CityRule], CityRule]:
    """Register a rule between contracts; an advisory one fails lint, but stops no contract from being published."""

    def register(function: CityRule) -> CityRule:
        _CITY_RULES[name] = function
        if advisory:
            _ADVISORY.add(name)
        return function

    return register


def rule_names() -> list[str]:
    """Return the names of all registered rules, sorted."""
    return sorted([*_RULES, *_CITY_RULES])


def is_advisory(name: str) -> bool:
    """Whether breaking a rule leaves a contract fit for publishing."""
    return name in _ADVISORY


def draft_problems(draft: Draft) -> list[Problem]:
    """Return what every rule finds in one contract."""
    file = draft.document.file
    return [
        _problem(file, draft.lines, name, finding)
        for name, function in _RULES.items()
        if not (draft.contract.model and name in _DELIVERED)
        for finding in function(draft)
    ]


def city_problems(assembly: Assembly) -> list[Problem]:
    """Return what every rule between contracts finds."""
    return [
        _problem(member.contract.path, member.lines, name, finding)
        for name, function in _CITY_RULES.items()
        for member, finding in function(assembly)
    ]


def _problem(file: str, lines: Mapping[str, int], name: str, finding: Finding) -> Problem:
    return Problem(file, finding.line or line_at(lines, finding.where), name, f"{finding.message}.", finding.hint)
