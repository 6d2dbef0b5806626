"""Rows out of JSON texts, in SQL: a heading for every key that is met, nested ones with dots, and a reason for what is no record."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from pipelines.names import literal, quoted
from pipelines.sources.faults import refusal
from pipelines.sources.landed import Landed
from pipelines.sources.quoting import MAX_LINE
from pipelines.sources.rejected import too_long
from pipelines.sources.relation import LINE, RESERVED, STRUCTURE

_DEPTH = 8
_SHAPES = 1000
TEXT = "VARCHAR"
_SOUND = (  # nothing but an object begins like one; from_json makes a record of NULLs out of anything else
    f"strlen(line) <= {MAX_LINE} AND (line LIKE '{{%' OR ltrim(line, E' \\t\\r\\n') LIKE '{{%')"
    " AND NOT contains(line, '\\u0000')"
)
NO_JSON, NO_OBJECT, HAS_NUL = "this is no JSON", "this is JSON, but no object", "a text of it holds a NUL"
NO_OBJECT_INSIDE = "a value stands in it where other records have an object"


def note_keys(record: Any, found: dict[str, str], heading: str = "", pointer: str = "", depth: int = 0) -> None:
    """Add to `found` the headings of a parsed record's values, each with the JSON pointer that leads to it.

    >>> keys = {}; note_keys({"id": 1, "at": {"lon": 118.1, "a/b": [1]}}, keys); keys
    {'id': '/id', 'at.lon': '/at/lon', 'at.a/b': '/at/a~1b'}
    """
    for key, value in record.items():
        if not key:  # nothing could ask for it
            continue
        name = f"{heading}.{key}" if heading else key
        place = f"{pointer}/{_escaped(key)}"
        if isinstance(value, dict) and value and depth < _DEPTH:
            note_keys(value, found, name, place, depth + 1)
        else:
            found.setdefault(name, place)


class Keys:
    """The headings met in records, each with its pointer: `found`. Flat records of a shape that was met tell nothing new."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._met: set[tuple[str, ...]] = set()

    def note(self, record: dict[str, Any]) -> None:
        """Add the headings of a record."""
        shape, flat = tuple(record), dict not in map(type, record.values())
        if flat and shape in self._met:
            return
        note_keys(record, self.found)
        if flat and len(self._met) < _SHAPES:
            self._met.add(shape)


def record_in(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a text is, None where it is none."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def checked(landed: Landed, found: dict[str, str]) -> dict[str, str]:
    """Return the headings; SourceError when two, or two keys on the way to them, differ in case alone or one is reserved."""
    names = set(found).union(*(_above(pointer) for pointer in found.values()))
    lowered = Counter(name.lower() for name in names)
    twice = sorted(name for name in names if lowered[name.lower()] > 1 or name.lower() in RESERVED)
    if twice:
        told = f"keys differ in case alone or are reserved: {', '.join(twice)}."
        raise refusal(landed.file_name, "header", told, "let the department rename one of them")
    return found


def _above(pointer: str) -> Iterator[str]:
    """The names of the objects that hold what a pointer leads to."""
    return accumulate(_keys(pointer)[:-1], "{}.{}".format)


def rows_sql(view: str, pointers: Mapping[str, str]) -> str:
    """Return the relation of records in a view of (line, _line): one VARCHAR column a heading, `_line`, `_structure`.

    An empty text is NULL, as in every other format; a number is spelled as JSON spells it, an array is its JSON text.
    """
    tree = tree_of(pointers.values())
    told = literal(json.dumps(tree, ensure_ascii=False))
    record = f"TRY(from_json(line, {told}))"
    if objects := list(_objects(tree)):  # from_json passes over a value that stands where an object should
        record = f"coalesce(TRY(from_json_strict(line, {told})), CASE WHEN NOT {_lost(objects)} THEN {record} END)"
    columns = ",\n        ".join(
        f"nullif({value_of(tree, pointer, '_record')}, '') AS {quoted(heading)}"
        for heading, pointer in pointers.items()
    )
    return f"""(
    SELECT
        {columns},
        {LINE}, CASE WHEN _record IS NULL THEN {_reason()} END AS {STRUCTURE}
    FROM (
        SELECT line, {LINE},
            CASE WHEN {_SOUND} THEN {record} END AS _record
        FROM {view}
    )
)"""


def tree_of(pointers: Iterable[str]) -> dict[str, Any]:
    """Return the structure of a record, texts and structures by key; a key that holds now a value and now an object is a text."""
    tree: dict[str, Any] = {}
    for pointer in pointers:
        *above, last = _keys(pointer)
        inner = tree
        for key in above:
            held = inner.setdefault(key, {})
            if not isinstance(held, dict):
                break
            inner = held
        else:
            inner[last] = TEXT
    return tree


def value_of(tree: dict[str, Any], pointer: str, record: str = "") -> str:
    """Return SQL for the text a pointer leads to, in a structure called `record` or (without) in columns.

    Below a key that is a text, it is looked up in that.
    """
    sql, held = record, tree
    keys = _keys(pointer)
    for place, key in enumerate(keys):
        sql = f"struct_extract({sql}, {literal(key)})" if sql else quoted(key)
        if held[key] == TEXT:
            rest = "".join(f"/{_escaped(key)}" for key in keys[place + 1 :])
            return f"json_extract_string(CASE WHEN {sql} LIKE '{{%' THEN {sql} END, {literal(rest)})" if rest else sql
        held = held[key]
    return sql


def _keys(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _objects(tree: dict[str, Any], above: str = "") -> Iterator[str]:
    """The pointers of all that is taken for an object."""
    for key, held in tree.items():
        if held != TEXT:
            yield (place := f"{above}/{_escaped(key)}")
            yield from _objects(held, place)


def _lost(objects: Iterable[str]) -> str:
    """SQL: whether a value, and not an empty one, stands where an object should; true too where that cannot be told."""
    kept = ", ".join(f"json_extract_string(line, {literal(pointer)})" for pointer in objects)
    return f"coalesce(TRY(list_bool_or([v NOT LIKE '{{%' AND v NOT IN ('', '[]') FOR v IN [{kept}]])), NOT coalesce(TRY(json_valid(line)), false))"


def _reason() -> str:
    """SQL for why a line gave no record; asked of those lines alone, so that the others are parsed once."""
    return (
        f"CASE WHEN strlen(line) > {MAX_LINE} THEN {literal(too_long(MAX_LINE))} "
        f"WHEN NOT json_valid(line) THEN {literal(NO_JSON)} "
        f"WHEN contains(line, '\\u0000') THEN {literal(HAS_NUL)} "
        f"WHEN ltrim(line, E' \\t\\r\\n') LIKE '{{%' THEN {literal(NO_OBJECT_INSIDE)} ELSE {literal(NO_OBJECT)} END"
    )
