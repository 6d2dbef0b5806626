"""What the facts make of each column: its rules, what is said about it, and what a person must still decide."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pipelines.contracts.model import Column, Tolerance
from pipelines.steps.dictionary.entries import Entry
from pipelines.steps.draft import personal
from pipelines.steps.draft.consulting import as_told
from pipelines.steps.draft.facts import Fact
from pipelines.steps.draft.guessing import is_code, near_miss
from pipelines.steps.draft.keys import is_id, is_unique
from pipelines.steps.draft.naming import UNNAMED, Name
from pipelines.steps.draft.sampling import FEW, Look
from pipelines.steps.draft.shapes import pattern_of

_FEWEST_FOR_ENUM = 100
_FEWEST_CODES = 20
_FEWEST_LISTED = 5
_LONGEST_ANSWER = 40
_TIMES = ("date", "timestamp", "time", "boolean")
# An inferred list is what one delivery held: a new word is worth a look, not a refused row.
_LENIENT = (("enum", Tolerance("warning", 100.0)),)


@dataclass(frozen=True, slots=True)
class Decided:
    """A column of the contract: under which heading it comes, what is said of it, and what is left to decide."""

    heading: str
    column: Column
    remarks: tuple[str, ...]
    todos: tuple[str, ...] = ()
    public: bool = False
    suspicion: personal.Suspicion | None = None


@dataclass(slots=True)
class _Saying:
    remarks: list[str] = field(default_factory=list)
    todos: list[str] = field(default_factory=list)


def decide(
    fact: Fact, look: Look | None, name: Name, rows: int, entry: Entry | None, *, is_personal: bool | None
) -> Decided:
    """Return the column that a file's facts, the dictionary's entry and the person's word on personal data make."""
    said = _Saying()
    title = entry.title if entry and entry.title else fact.heading
    column = replace(fact.column, name=name.name, title=title, unit=name.unit, required=0 < rows == fact.filled)
    if fact.heading not in (title, name.name):
        column = replace(column, aliases=(fact.heading,))
    if entry:
        column = as_told(column, fact, rows, entry, said.remarks, said.todos)
    suspected = _suspicion(fact, look, column)
    chosen = is_personal if is_personal is not None else suspected is not None
    if chosen:
        column = _masked(_as_written(column, suspected), suspected)
    if entry and entry.level:
        column = replace(column, level=max(entry.level, column.level))
    said.remarks.append(_presence(fact, rows))
    said.remarks.extend(_type_remarks(fact, look, column))
    if chosen and is_personal is None and suspected:
        said.todos.append(f"personal data? Likely {suspected.kind}: {suspected.evidence}. Confirm with --personal.")
    people = is_personal is None and not chosen and _may_be_people(look)
    if people:
        said.todos.append(
            "personal data? The few values look like names of people and are not listed. If so: --personal."
        )
    column = _with_values(column, fact, rows, said, is_personal=chosen or people)
    if not name.source:
        said.todos.append(f"name this column: {_nameless(fact.heading)}.")
    if fact.guess.question:
        said.todos.append(fact.guess.question)
    public = not chosen and (
        suspected is not None or any(map(personal.must_be_declared, (fact.heading, name.name, title)))
    )
    return Decided(fact.heading, column, tuple(said.remarks), tuple(said.todos), public, suspected)


def _nameless(heading: str) -> str:
    return "it has no heading" if heading.startswith(UNNAMED) else f"'{heading}' is in no glossary here"


def _suspicion(fact: Fact, look: Look | None, column: Column) -> personal.Suspicion | None:
    """Dates and numbers are not personal because their heading holds a word that is (电话受理时间); birth dates are."""
    by_heading = personal.kind_of_heading(fact.heading) or personal.kind_of_heading(column.name)
    if column.type in _TIMES and by_heading != "date of birth":
        return None
    if column.type == "object" or (column.type == "number" and not by_heading):
        return None
    if look is None:
        return personal.suspicion(fact.heading, column.name)
    return personal.suspicion(
        fact.heading,
        column.name,
        look.filled,
        look.people,
        length=look.length,
        distinct=look.distinct,
    )


def _may_be_people(look: Look | None) -> bool:
    return look is not None and personal.may_be_people(look.people.get("name", 0), look.filled, look.distinct)


def _as_written(column: Column, suspected: personal.Suspicion | None) -> Column:
    """Numbers of phones, cards and citizens are texts: nobody adds them up, and the first digit may be a zero."""
    if suspected and suspected.kind in personal.NUMBERS and column.type == "integer":
        return replace(column, type="string", thousands="")
    return column


def _masked(column: Column, suspected: personal.Suspicion | None) -> Column:
    mask = suspected.mask if suspected and column.type == "string" else "hmac"
    return replace(column, personal=True, mask=mask, level=3)


def _presence(fact: Fact, rows: int) -> str:
    parts = [f"{fact.filled:,} of {rows:,} filled" if fact.filled < rows else f"all {rows:,} filled"]
    if fact.filled and fact.longest:
        parts.append(f"{'' if fact.exact else 'about '}{fact.distinct:,} different")
    if fact.markers:
        told = ", ".join(f"'{marker}' {count:,} times" for marker, count in sorted(fact.markers.items()))
        parts.append(f"nothing is written {told}")
    return "; ".join(parts)


def _type_remarks(fact: Fact, look: Look | None, column: Column) -> Iterator[str]:
    if fact.wrong:
        yield f"{fact.wrong:,} values are no {column.type}: their rows will be quarantined"
    if fact.misfits[1] and column.type == "string":
        yield f"kept as text: {fact.misfits[1]:,} values are no {fact.misfits[0]}"
    elif column.type == "string" and look and (miss := near_miss(look)):
        yield f"kept as text: {miss}"
    if column.type in ("date", "timestamp") and fact.low and not column.personal:
        yield f"from {fact.low[:16]} to {fact.high[:16]}"


def _with_values(column: Column, fact: Fact, rows: int, said: _Saying, *, is_personal: bool) -> Column:
    """The column with the rules its values suggest: a code list, a list of answers, a fixed shape, uniqueness."""
    if _is_listed(fact, column) and not is_personal:
        said.remarks.append(f"every value is in the code list {fact.lists[0]}")
        column = replace(column, type="string", code_list=fact.lists[0], thousands="", nulls=column.nulls)
    if column.type != "string":
        return column
    if column.code_list or column.enum:
        return column
    if is_unique(fact, rows) and is_id(fact.heading) and rows >= _FEWEST_CODES:
        column = replace(column, unique=True)
    pattern = pattern_of(fact.outline, fact.low, fact.high) if fact.outline and fact.filled >= _FEWEST_CODES else ""
    if pattern:
        return replace(column, pattern=pattern)
    answers = _answers(fact)
    if answers and not is_personal and not column.unique:
        said.remarks.append("the values met; while there is a tolerance, others are reported, not quarantined")
        return replace(column, enum=answers, tolerance=_LENIENT)
    return column


def _is_listed(fact: Fact, column: Column) -> bool:
    """Whether the values are from a code list; two or three numbers may be in one by chance."""
    if not fact.lists or column.code_list:
        return False
    sure = is_code(fact.heading) or fact.distinct >= _FEWEST_LISTED
    return column.type == "string" or (column.type == "integer" and sure)


def _answers(fact: Fact) -> tuple[str, ...]:
    """The few values that many rows hold, the commonest first; () when they are not few, or not answers."""
    values = fact.values
    few = 2 <= len(values) <= min(FEW, fact.filled // 20) and fact.filled >= _FEWEST_FOR_ENUM
    if not few or any(len(value) > _LONGEST_ANSWER or not value.isprintable() for value in values):
        return ()
    return tuple(sorted(values, key=lambda value: (-values[value], value)))
