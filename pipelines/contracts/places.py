"""Where things stand in a contract file, in the words of rules: `columns/speed/logicalType` instead of indexes."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.contracts.document import Document, Place

PROPERTY = "rongtong"
Where = tuple[str, ...]
# a column's rongtong value, a column or check, the contract's rongtong value
_PREFIX_SIZES = (7, 4, 3)


def column_entries(data: Mapping[str, Any]) -> list[tuple[Place, dict[str, Any]]]:
    """Return the place and content of every column that is at least a mapping."""
    return _entries(data, "properties")


def quality_entries(data: Mapping[str, Any]) -> Iterator[tuple[Place, str, dict[str, Any]]]:
    """Yield place, column name ('' for the table's own) and content of every quality entry that is at least a mapping."""
    for place, entry in _entries(data, "quality"):
        yield place, "", entry
    for place, column in column_entries(data):
        for index, entry in enumerate(_list(column.get("quality"))):
            if isinstance(entry, dict):
                yield (*place, "quality", index), str(column.get("name", "")), entry


def table_entry(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema object of a contract, or an empty mapping when there is none."""
    first = next(iter(_list(data.get("schema"))), None)
    return first if isinstance(first, dict) else {}


def _entries(data: Mapping[str, Any], key: str) -> list[tuple[Place, dict[str, Any]]]:
    items = _list(table_entry(data).get(key))
    return [(("schema", 0, key, index), item) for index, item in enumerate(items) if isinstance(item, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def custom_entries(holder: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, Any, str]]:
    """Yield place, value and name of every custom property of a contract or a column."""
    for index, item in enumerate(_list(holder.get("customProperties"))):
        if isinstance(item, dict) and isinstance(item.get("property"), str):
            yield (*place, "customProperties", index, "value"), item.get("value"), item["property"]


def rongtong_entry(holder: Mapping[str, Any], place: Place) -> tuple[Place, dict[str, Any]]:
    """Return place and content of the `rongtong` property of a contract or a column; empty when there is none."""
    for where, value, name in custom_entries(holder, place):
        if name == PROPERTY and isinstance(value, dict):
            return where, value
    return place, {}


def logical_lines(document: Document) -> dict[str, int]:
    """Return the line of every place by its name in the words of rules, e.g. `columns/speed/rongtong/unit`."""
    prefixes = _prefixes(document.data)
    lines: dict[str, int] = {}
    for place, line in document.lines.items():
        lines.setdefault("/".join(str(part) for part in _renamed(place, prefixes)), line)
    return lines


def line_at(lines: Mapping[str, int], where: Where) -> int:
    """Return the line of a place, or of the nearest thing that holds it."""
    while where:
        line = lines.get("/".join(where))
        if line is not None:
            return line
        where = where[:-1]
    return 1


def _prefixes(data: Mapping[str, Any]) -> dict[Place, Place]:
    names: dict[Place, Place] = {}
    for place, column in column_entries(data):
        if isinstance(column.get("name"), str):
            names |= _with_rongtong(column, place, ("columns", column["name"]))
    for place, _ in _entries(data, "quality"):
        names[place] = ("checks", str(place[3]))
    return names | _with_rongtong(data, (), ())


def _with_rongtong(holder: Mapping[str, Any], place: Place, name: Place) -> dict[Place, Place]:
    inner, value = rongtong_entry(holder, place)
    own = {place: name} if place else {}
    return own | ({inner: (*name, PROPERTY)} if value else {})


def _renamed(place: Place, prefixes: dict[Place, Place]) -> Place:
    for size in _PREFIX_SIZES:
        name = prefixes.get(place[:size])
        if name is not None:
            return (*name, *place[size:])
    return place
