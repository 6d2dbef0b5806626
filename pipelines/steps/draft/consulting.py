"""What a data dictionary makes of a draft: the table that describes the file, and how far the values agree with it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from pipelines.contracts.hints import closest
from pipelines.contracts.model import Column
from pipelines.steps.dictionary.entries import Entry, entry_of
from pipelines.steps.dictionary.reading import Dictionary
from pipelines.steps.draft.facts import Fact
from pipelines.steps.draft.saying import Said

_TOLERABLE = 0.05


def consulted(dictionary: Dictionary, headings: Sequence[str], code_lists: Collection[str], said: Said) -> list[Entry]:
    """Return the entries of the table that describes a file; how file and dictionary differ is said."""
    if not dictionary.tables:
        return []
    table = dictionary.table_for(headings)
    if table is None:
        _tell(said, "the dictionary describes none of the file's columns")
        return []
    met = [entry for heading in headings if (entry := entry_of(heading, table.entries))]
    names = [entry.called for entry in table.entries]
    lacking = [f"{heading}{_near(heading, names)}" for heading in headings if entry_of(heading, table.entries) is None]
    absent = [f"{e.called}{_near(e.called, headings)}" for e in table.entries if e not in met]
    if lacking:
        _tell(said, f"not in the dictionary: {', '.join(lacking)}")
    if absent:
        _tell(said, f"in the dictionary, not in the file: {', '.join(absent)}")
    for heading, near in table.unknown:
        said.notes.append(f"dictionary: the heading '{heading}' is not read{f' (closest: {near})' if near else ''}")
    return [_listed(entry, code_lists) for entry in table.entries]


def _tell(said: Said, text: str) -> None:
    said.add("columns", [text])
    said.notes.append(text)


def _near(word: str, known: Sequence[str]) -> str:
    near = closest(word, known)
    return f" (closest: {near})" if near else ""


def _listed(entry: Entry, code_lists: Collection[str]) -> Entry:
    """The entry without the name of a code list that the city has not; what stands there is asked about."""
    known = not entry.code_list or entry.code_list in code_lists
    return entry if known else replace(entry, code_list="")


def as_told(column: Column, fact: Fact, rows: int, entry: Entry, remarks: list[str], todos: list[str]) -> Column:
    """Return the column with what the dictionary says of it, where the values do not speak against it."""
    column = _required(column, fact, rows, entry, todos)
    column = _typed(column, fact, entry, remarks, todos)
    column = replace(column, description=entry.description)
    if entry.unit and column.type in ("integer", "number"):
        column = replace(column, unit=entry.unit)
    return _bounded(_coded(column, fact, entry, todos), fact, entry, todos)


def _required(column: Column, fact: Fact, rows: int, entry: Entry, todos: list[str]) -> Column:
    if entry.required is None:
        return column
    lacking = rows - fact.filled
    if entry.required and lacking > _TOLERABLE * rows:
        todos.append(
            f"required: the dictionary says so, but {lacking:,} of {rows:,} rows have no value: which is right?"
        )
    return replace(column, required=entry.required)


def _typed(column: Column, fact: Fact, entry: Entry, remarks: list[str], todos: list[str]) -> Column:
    if entry.type in (None, column.type):
        return column
    if entry.type == "string":
        return Column(
            column.name, "string", title=column.title, aliases=column.aliases, required=column.required, nulls=column.nulls,
        )  # fmt: skip
    if (column.type, entry.type) == ("integer", "number") and entry.scale == 0:
        return column
    if (column.type, entry.type) in (("integer", "number"), ("date", "timestamp")):
        return replace(column, type=entry.type)
    if (column.type, entry.type) == ("timestamp", "date"):
        remarks.append("the dictionary calls it a date, but its values have a time of day")
        return column
    if fact.filled:
        todos.append(f"type: the dictionary says {entry.type}, the values say {column.type}: which is right?")
        return column
    return replace(column, type=entry.type, nulls=())


def _coded(column: Column, fact: Fact, entry: Entry, todos: list[str]) -> Column:
    """The column with the code list or the values that the dictionary names; what neither can be is asked."""
    written = dict(entry.written).get("code_list", "")
    if entry.code_list:
        return replace(column, code_list=entry.code_list)
    whole = column.type == "integer" and all(code.isdecimal() for code, _ in entry.values)
    if entry.values and (column.type == "string" or whole):
        return _answered(column, fact, entry, todos)
    if written and not entry.values and written not in ("-", "/", "无"):
        todos.append(
            f"code list: the dictionary says '{written[:60]}', which is no list in schemas/_shared: make one, or leave it out."
        )
    return column


def _answered(column: Column, fact: Fact, entry: Entry, todos: list[str]) -> Column:
    codes = tuple(code for code, _ in entry.values)
    others = sum(count for value, count in fact.values.items() if value not in codes)
    labels = "；".join(f"{code} {label}" for code, label in entry.values if label)
    if others:
        todos.append(f"values: {others:,} values are none of the dictionary's {len(codes)}: which is right?")
        return column
    told = "。".join(text for text in (column.description, labels) if text)
    enum = codes if column.type == "string" else tuple(int(code) for code in codes)
    return replace(column, enum=enum, description=told)


def _bounded(column: Column, fact: Fact, entry: Entry, todos: list[str]) -> Column:
    if column.type != "string" or entry.length is None:
        return column
    if fact.longest > entry.length:
        todos.append(
            f"length: the dictionary allows {entry.length}, the longest value has {fact.longest}: which is right?"
        )
        return column
    return replace(column, max_length=entry.length)
