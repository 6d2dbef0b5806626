"""Rules between the contracts of a city: what is shared must mean the same everywhere."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from pipelines.contracts.diff import version_problem
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import Column, Reference
from pipelines.contracts.registry import Assembly, Finding, Member, city_rule
from pipelines.names import table_of


@city_rule("table-unique")
def table_unique(assembly: Assembly) -> Iterator[tuple[Member, Finding]]:
    """A table belongs to one contract of the city: two would write to the same place."""
    owners: dict[str, list[str]] = defaultdict(list)
    for member in assembly.members:
        owners[member.contract.table].append(member.contract.id)
    for member in assembly.members:
        others = [dataset for dataset in owners[member.contract.table] if dataset != member.contract.id]
        if others:
            message = f"table '{member.contract.table}' is also the table of {', '.join(sorted(others))}"
            yield member, Finding(("id",), message, "give one of them another name.")


@city_rule("reference-resolves")
def reference_resolves(assembly: Assembly) -> Iterator[tuple[Member, Finding]]:
    """A reference names a column of a contract, of the same type, and pseudonymised on both sides or on neither."""
    columns = {member.contract.table: member.contract.columns for member in assembly.members}
    tables = [table_of(dataset) for dataset in assembly.ids]
    for member in assembly.members:
        for column in member.contract.columns:
            reference = column.reference
            if reference is None or (reference.table in tables and reference.table not in columns):
                continue  # no reference, or to a contract that is broken itself: told there
            found = _reference_fault(column, reference, columns.get(reference.table), tables)
            if found:
                where = ("columns", column.name, "relationships")
                yield member, Finding(where, f"column '{column.name}': {found[0]}", found[1])


def _reference_fault(
    column: Column, reference: Reference, target: tuple[Column, ...] | None, tables: list[str]
) -> tuple[str, str] | None:
    if target is None:
        return f"there is no contract for table '{reference.table}'", use(closest(reference.table, tables))
    names = [other.name for other in target]
    if reference.column not in names:
        message = f"table '{reference.table}' has no column '{reference.column}'"
        return message, use(closest(reference.column, names))
    other = target[names.index(reference.column)]
    told = f"{reference.table}.{other.name}"
    if other.type != column.type:
        return f"is of type {column.type}, but {told} is of type {other.type}", ""
    if (other.mask == "hmac") != (column.mask == "hmac"):
        return f"is pseudonymised on one side only: it and {told} never meet", ""
    return None


@city_rule("glossary", advisory=True)
def glossary(assembly: Assembly) -> Iterator[tuple[Member, Finding]]:
    """A column's name means one type and one unit in the whole city; the few are told, not the many."""
    uses: dict[str, list[tuple[Member, Column]]] = defaultdict(list)
    for member in assembly.members:
        for column in member.contract.columns:
            uses[column.name].append((member, column))
    for name, found in uses.items():
        meanings = Counter(_meaning(column) for _, column in found)
        usual = max(meanings, key=lambda meaning: (meanings[meaning], _earliest(meaning, found)))
        for member, column in found:
            if _meaning(column) != usual:
                where = next(m.contract.path for m, c in found if _meaning(c) == usual)
                message = f"column '{name}' is {_told(column.type, column.unit)} here, {_told(*usual)} in {where}"
                yield member, Finding(("columns", name), message, "give it the same type and unit, or another name.")


def _meaning(column: Column) -> tuple[str, str]:
    return column.type, column.unit


def _earliest(meaning: tuple[str, str], found: list[tuple[Member, Column]]) -> tuple[bool, int]:
    """Rank a meaning among equally frequent ones: in a contract that publishes first, then by the order of files."""
    uses = [(m.contract.status == "active", -index) for index, (m, c) in enumerate(found) if _meaning(c) == meaning]
    return max(uses)


def _told(kind: str, unit: str) -> str:
    return f"{kind} in {unit}" if unit else f"{kind} without a unit"


@city_rule("title-unique", advisory=True)
def title_unique(assembly: Assembly) -> Iterator[tuple[Member, Finding]]:
    """A dataset's name is its own in the city: its Chinese view goes by it."""
    called: dict[str, list[Member]] = defaultdict(list)
    for member in assembly.members:
        called["".join(member.contract.title.casefold().split())].append(member)
    for title, members in called.items():
        for member in members[1:] if title else ():
            message = f"'{member.contract.title}' is also the name of {members[0].contract.id}"
            yield member, Finding(("name",), message, "name them apart.")


@city_rule("version-bump")
def version_bump(assembly: Assembly) -> Iterator[tuple[Member, Finding]]:
    """A contract that breaks with the one published last says so by its major version."""
    for member in assembly.members:
        old = assembly.published.get(member.contract.id)
        found = version_problem(old, member.contract) if old else None
        if found:
            yield member, Finding(("version",), *found)
