"""A city's configuration as tables, `pack.*`: what the dimension models read. Pure; making them in a session is the lake's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipelines.contracts.divisions import Successor
from pipelines.contracts.model import City, CodeList, Contract
from pipelines.standards.divisions import division_level, division_parent
from pipelines.standards.working_days import Calendar

_SIZES = (9, 6)


@dataclass(frozen=True, slots=True)
class PackTable:
    """A table: its name, its columns with their DuckDB types, its rows in that order."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]


def policies_table(city: City) -> PackTable:
    """Return every value of every policy of the city, with the days it holds and its basis."""
    rows = [
        (
            policy.name, item.name, item.value, item.text or None, item.unit or None,
            _day(version.effective), _day(version.until), item.basis.kind, item.basis.ref,
        )
        for policy in city.policies for version in policy.versions for item in version.items
    ]  # fmt: skip
    return _table(
        "policies", rows, policy="VARCHAR", item="VARCHAR", value="DOUBLE", text="VARCHAR", unit="VARCHAR",
        valid_from="DATE", valid_to="DATE", basis_kind="VARCHAR", basis_ref="VARCHAR",
    )  # fmt: skip


def calendar_table(calendar: Calendar) -> PackTable:
    """Return every day the calendar knows. An ordinary day rests on the notice of its year, which names the others."""
    usual = _notices(calendar)
    days = [calendar.first + timedelta(days=n) for n in range((calendar.last - calendar.first).days + 1)]
    rows = []
    for day in days:
        name, ref = calendar.notes.get(day, ("", usual.get(day.year, "")))
        rows.append((day, calendar.is_working(day), name or None, _kind_of(ref), ref or None))
    return _table(
        "calendar", rows, day="DATE", is_working_day="BOOLEAN", name="VARCHAR", basis_kind="VARCHAR", basis_ref="VARCHAR"
    )  # fmt: skip


def code_lists_table(lists: Iterable[CodeList], titles: Mapping[str, str]) -> PackTable:
    """Return the entries of all code lists; a list without a title goes by its name."""
    rows = [
        (codes.name, titles.get(codes.name, codes.title), code, name, _day(start), _day(end))
        for codes in lists
        for code, name, start, end in codes.rows
    ]
    return _table(
        "code_lists", rows, list="VARCHAR", list_title="VARCHAR", code="VARCHAR", name="VARCHAR",
        valid_from="DATE", valid_to="DATE",
    )  # fmt: skip


def divisions_table(divisions: CodeList | None, successors: Sequence[Successor]) -> PackTable:
    """Return the divisions, those of the past too, with level, the code above, and what took over a code that ended."""
    after = {(entry.code, entry.valid_to): entry.successor_code for entry in successors}
    entries = divisions.rows if divisions else ()
    known = {code for code, *_ in entries}
    rows = [
        (code, name, division_level(code), parent_among(code, known), _day(start), _day(end), after.get((code, end)))
        for code, name, start, end in entries
    ]
    return _table(
        "divisions", rows, code="VARCHAR", name="VARCHAR", level="VARCHAR", parent_code="VARCHAR",
        valid_from="DATE", valid_to="DATE", successor_code="VARCHAR",
    )  # fmt: skip


def parent_among(code: str, known: Iterable[str]) -> str | None:
    """Return the code of the division above in the length the list has it, None for a province and for what is no code.

    >>> parent_among("350203001", ["350203"]), parent_among("350200", []), parent_among("350203001001", ["350203001"])
    ('350203', '350000', '350203001')
    """
    above = division_parent(code)
    if above is None:
        return None
    shorter = [above[:size] for size in _SIZES if size < len(above) and not above[size:].strip("0")]
    return next((way for way in (above, *shorter) if way in set(known)), shorter[-1] if shorter else above)


def datasets_table(contracts: Iterable[Contract]) -> PackTable:
    """Return one row a contract, of what is delivered and of what is made."""
    rows = [
        (
            contract.id, contract.layer, contract.table, contract.title, contract.domain,
            contract.provider or None, contract.owner or None, contract.stage or None,
            dict(contract.sharing).get("type"), *(contract.frequency or (None, None)), *(contract.latency or (None, None)),
            contract.is_personal, contract.grade,
        )
        for contract in contracts
    ]  # fmt: skip
    return _table(
        "datasets", rows, dataset="VARCHAR", layer="VARCHAR", table_name="VARCHAR", title="VARCHAR", domain="VARCHAR",
        provider="VARCHAR", owner="VARCHAR", stage="VARCHAR", sharing_type="VARCHAR", frequency_value="INTEGER",
        frequency_unit="VARCHAR", latency_value="INTEGER", latency_unit="VARCHAR", personal="BOOLEAN", grade="INTEGER",
    )  # fmt: skip


def columns_table(contracts: Iterable[Contract]) -> PackTable:
    """Return one row a column of every contract."""
    rows = [
        (
            contract.id, column.name, column.title or None, column.type, column.unit or None,
            column.key_position is not None,
            f"{column.reference.table}.{column.reference.column}" if column.reference else None,
        )
        for contract in contracts for column in contract.columns
    ]  # fmt: skip
    return _table(
        "columns", rows, dataset="VARCHAR", column_name="VARCHAR", title="VARCHAR", type="VARCHAR", unit="VARCHAR",
        is_key="BOOLEAN", reference="VARCHAR",
    )  # fmt: skip


def reads_table(reads: Mapping[str, Sequence[str]]) -> PackTable:
    """Return one row a relation that a model's SELECT reads, also of models that were never made."""
    rows = [(model, relation) for model, relations in reads.items() for relation in relations]
    return _table("reads", rows, model="VARCHAR", relation="VARCHAR")


def _table(name: str, rows: list[tuple[Any, ...]], /, **columns: str) -> PackTable:
    return PackTable(name, tuple(columns.items()), rows)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _notices(calendar: Calendar) -> dict[int, str]:
    """The document most days of a year rest on."""
    years: dict[int, Counter[str]] = {}
    for day, (_, ref) in calendar.notes.items():
        years.setdefault(day.year, Counter())[ref] += 1
    return {year: refs.most_common(1)[0][0] for year, refs in years.items()}


def _kind_of(ref: str) -> str | None:
    """A notice of the State Council is law; what a city writes of its own is its practice, or an example where it says so."""
    if not ref:
        return None
    if "国务院" in ref or "国办" in ref:
        return "law"
    return "example" if "示例" in ref or "example" in ref else "local practice"


def all_tables(
    city: City,
    calendar: Calendar,
    lists: Sequence[CodeList],
    successors: Sequence[Successor],
    contracts: Sequence[Contract],
    today: date,
) -> Iterator[PackTable]:
    """Yield the tables of the city pack."""
    yield policies_table(city)
    yield calendar_table(calendar)
    yield code_lists_table(lists, dict(city.list_titles))
    yield divisions_table(next((codes for codes in lists if codes.name == "divisions"), None), successors)
    yield datasets_table(contracts)
    yield columns_table(contracts)
    yield _table("today", [(today,)], day="DATE")
