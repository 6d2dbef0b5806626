"""The columns of a draft: each named, typed and given its rules, with what is said of them all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipelines.contracts.model import Column
from pipelines.derive.mapping import plain
from pipelines.sources.faults import refusal
from pipelines.steps.dictionary.entries import Entry, entry_of
from pipelines.steps.draft.asking import Asked
from pipelines.steps.draft.choosing import heading_of
from pipelines.steps.draft.deciding import Decided, decide
from pipelines.steps.draft.facts import Fact
from pipelines.steps.draft.naming import UNNAMED, CityNames, Name, as_called, named
from pipelines.steps.draft.opening import Opened
from pipelines.steps.draft.options import DraftOptions
from pipelines.steps.draft.saying import Said


def described(
    opened: Opened,
    asked: Asked,
    city: CityNames,
    entries: Sequence[Entry],
    table: str,
    options: DraftOptions,
    said: Said,
) -> list[Decided]:
    """Return the columns of an opened file; SourceError when two headings read the same, UsageError for an unknown column."""
    _refuse_twins(opened, asked)
    facts = [fact for fact in asked.facts.columns.values() if not _is_nothing(fact)]
    told = {fact.heading: entry_of(fact.heading, entries) for fact in facts}
    names = _names(asked, facts, told, city, table, options)
    personal = _told_personal(facts, names, options)
    found = [_decided(asked, fact, name, told, personal) for fact, name in zip(facts, names, strict=True)]
    grouped = any(item.column.thousands for item in found)
    found = [replace(item, column=_grouped(city.widened(item.heading, item.column), grouped)) for item in found]
    asked_for = personal is None and all(entry.personal is None for entry in entries)
    if asked_for and not any(item.column.personal for item in found):
        said.add("columns", todos=("personal data: no column looks like it. Confirm with --personal ''.",))
    _say_of_headings(opened, names, options, said)
    return found


def _refuse_twins(opened: Opened, asked: Asked) -> None:
    seen: dict[str, str] = {}
    for heading in asked.reading.headings:
        other = seen.setdefault(plain(heading), heading)
        if other != heading:
            text = f"the headings '{other}' and '{heading}' differ in blanks or width alone."
            raise refusal(opened.landed.file_name, "header", text, "let the department rename one of them")


def _is_nothing(fact: Fact) -> bool:
    """Whether a column has neither heading nor values: what a delimiter at the end of every line leaves."""
    return fact.heading.startswith(UNNAMED) and not fact.filled


def _decided(
    asked: Asked, fact: Fact, name: Name, told: Mapping[str, Entry | None], personal: frozenset[str] | None
) -> Decided:
    look, entry = asked.looks.get(fact.heading), told[fact.heading]
    chosen = True if entry and entry.personal else None
    chosen = chosen if personal is None else fact.heading in personal
    return decide(fact, look, name, asked.facts.rows, entry, is_personal=chosen)


def _names(
    asked: Asked,
    facts: Sequence[Fact],
    told: Mapping[str, Entry | None],
    city: CityNames,
    table: str,
    options: DraftOptions,
) -> list[Name]:
    """Names go by types, so every column is decided once without its name first."""
    unnamed = [_decided(asked, fact, Name(fact.heading, source="heading"), told, frozenset()) for fact in facts]
    typed = [(item.heading, city.widened(item.heading, item.column)) for item in unnamed]
    given = {heading: entry.name for heading, entry in told.items() if entry and entry.name}
    return as_called(named(typed, table, city, given), options.columns_named)


def _told_personal(facts: Sequence[Fact], names: Sequence[Name], options: DraftOptions) -> frozenset[str] | None:
    if options.personal is None:
        return None
    known = [(fact.heading, name.name) for fact, name in zip(facts, names, strict=True)]
    return frozenset(heading_of(word, known, "personal") for word in options.personal)


def _grouped(column: Column, grouped: bool) -> Column:
    """The column with a thousands mark where the file has any: its numbers may be too small to show one here."""
    return replace(column, thousands=",") if grouped and column.type in ("integer", "number") else column


def _say_of_headings(opened: Opened, names: Sequence[Name], options: DraftOptions, said: Said) -> None:
    """A heading that some glossary knows was decoded rightly, and so was the file."""
    read_well = any(name.source in ("city", "glossary", "dictionary", "person") for name in names)
    if opened.ingest.format == "csv" and not (opened.encoding_sure or options.encoding or read_well):
        text = f"encoding: it reads as {opened.ingest.encoding}, but may be another. Do the names below read well?"
        said.add("encoding", todos=(text,))
    if not opened.has_headings:
        said.add("headerRow", todos=("there are no headings: name the columns in the order of the file.",))
