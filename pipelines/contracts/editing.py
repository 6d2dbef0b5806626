"""Change single values of a contract file and leave every other character of it, comments above all, as it is.

Each change is made where YAML's own parser says the value stands; afterwards the whole file is read again, and must
say what it said before but for the changes.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from pipelines.contracts.document import parse_document
from pipelines.contracts.places import PROPERTY, column_entries
from pipelines.errors import EngineFault

_WIDTH = 1 << 20
# A way through a file: keys of mappings, places in sequences. The mapping or sequence first, then what leads on from it.
_Trail = list[tuple[yaml.CollectionNode, int]]


@dataclass(frozen=True, slots=True)
class Edit:
    """A column's value by its place in ODCS (`businessName`, `logicalTypeOptions/maxLength`, `rongtong/unit`); None: not there."""

    column: str
    place: tuple[str, ...]
    value: Any


def edited(text: str, file: str, edits: Sequence[Edit]) -> str:
    """Return a contract's text with the edits made; EngineFault when the text cannot be edited so, nothing else changed."""
    document, _ = parse_document(text, file)
    if document is None:
        raise EngineFault(f"{file}: [edit] the contract cannot be read.")
    wanted = copy.deepcopy(document.data)
    for edit in edits:
        _apply(wanted, edit)
        text = _edited(text, edit)
    after, _ = parse_document(text, file)
    if after is None or after.data != wanted:
        raise EngineFault(f"{file}: [edit] the changes do not fit this file's layout; nothing was written.")
    return text


def _apply(data: dict[str, Any], edit: Edit) -> None:
    """Make an edit in the data that a file holds: what the edited text must say."""
    column = next(raw for _, raw in column_entries(data) if raw.get("name") == edit.column)
    keys = list(edit.place)
    holder = column
    if keys[0] == PROPERTY:
        properties = column.setdefault("customProperties", [])
        own = next((item for item in properties if item.get("property") == PROPERTY), None)
        if own is None:
            own = {"property": PROPERTY, "value": {}}
            properties.append(own)
        holder, keys = own["value"], keys[1:]
    for key in keys[:-1]:
        holder = holder.setdefault(key, {})
    if edit.value is None:
        holder.pop(keys[-1], None)
        _drop_empty(column)
    else:
        holder[keys[-1]] = edit.value


def _drop_empty(column: dict[str, Any]) -> None:
    for item in [item for item in column.get("customProperties", []) if not item.get("value")]:
        column["customProperties"].remove(item)
    for key in [key for key, value in column.items() if value in ({}, [])]:
        del column[key]


def _edited(text: str, edit: Edit) -> str:
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    trail = _trail_to_column(root, edit.column)
    keys = list(edit.place)
    if keys[0] == PROPERTY:
        return _edited_own(text, trail, keys[1:], edit.value)
    return _set(text, trail, keys, edit.value)


def _edited_own(text: str, trail: _Trail, keys: list[str], value: Any) -> str:
    """An edit inside the `rongtong` property, which is an item of a list."""
    column = _end_of(trail)
    place = _index(column, "customProperties")
    items = column.value[place][1].value if place is not None else []
    for number, item in enumerate(items):
        name = _value(item, "property")
        if name is not None and name.value == PROPERTY:
            at = _index(item, "value")
            assert at is not None
            return _set(
                text, [*trail, (column, place or 0), (column.value[place or 0][1], number), (item, at)], keys, value
            )
    if value is None:
        return text
    own = {"property": PROPERTY, "value": _nested(keys, value)}
    if items:
        return _insert(
            text, items[-1].start_mark.index, "", f"{_flow(own)}\n{' ' * (items[-1].start_mark.column - 2)}- "
        )
    return _set(text, trail, ["customProperties"], [own])


def _set(text: str, trail: _Trail, keys: list[str], value: Any) -> str:
    """Set or remove what `keys` lead to from the end of a trail."""
    holder = _end_of(trail)
    place = _index(holder, keys[0])
    if place is not None and len(keys) > 1:
        return _set(text, [*trail, (holder, place)], keys[1:], value)
    if value is None:
        return text if place is None else _removed(text, [*trail, (holder, place)])
    if place is not None:
        return _replaced(text, holder.value[place][1], _flow(value))
    return _added(text, holder, keys[0], _flow(_nested(keys[1:], value)))


def _added(text: str, mapping: yaml.CollectionNode, key: str, written: str) -> str:
    """Add a key after the first one (`name`, in a column)."""
    if not mapping.value:
        return _replaced(text, mapping, f"{{{key}: {written}}}")
    first, value = mapping.value[0]
    if mapping.flow_style:
        return _insert(text, _end(value), f", {key}: {written}")
    end = text.find("\n", _end(value))
    end = len(text) if end < 0 else end
    return _insert(text, end, f"\n{' ' * first.start_mark.column}{key}: {written}")


def _removed(text: str, trail: _Trail) -> str:
    """Remove the last step of a trail, and what holds it when that would be empty."""
    holder, place = trail[-1]
    siblings = holder.value
    if len(siblings) == 1 or (isinstance(holder, yaml.MappingNode) and _is_own_property(trail)):
        return _removed(text, trail[:-1])
    entry = siblings[place]
    start_node, end_node = entry if isinstance(holder, yaml.MappingNode) else (entry, entry)
    start, end = start_node.start_mark.index, _end(end_node)
    if holder.flow_style:
        return _without_comma(text, start, end)
    start = text.rfind("\n", 0, start) + 1
    until = text.find("\n", end - 1)  # a block scalar's end is behind its newline
    return text[:start] + text[until + 1 if until >= 0 else len(text) :]


def _is_own_property(trail: _Trail) -> bool:
    """Whether the step is the value of a custom property: without it, the whole property goes."""
    holder, place = trail[-1]
    return _value(holder, "property") is not None and holder.value[place][0].value == "value"


def _without_comma(text: str, start: int, end: int) -> str:
    after = len(text[end:]) - len(text[end:].lstrip())
    if text[end + after : end + after + 1] == ",":
        rest = text[end + after + 1 :]
        return text[:start] + rest.lstrip(" ")
    return text[:start].rstrip().removesuffix(",").rstrip() + text[end:]


def _replaced(text: str, node: yaml.Node, written: str) -> str:
    old = text[node.start_mark.index : _end(node)]
    ending = old[len(old.rstrip()) :]  # a block scalar's text ends with its newline
    return text[: node.start_mark.index] + written + ending + text[_end(node) :]


def _insert(text: str, index: int, written: str, before: str = "") -> str:
    return text[:index] + before + written + text[index:]


def _end(node: yaml.Node) -> int:
    """Where a node's own text ends: the parser's mark of a block is where the next thing begins."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)


def _trail_to_column(root: Any, name: str) -> _Trail:
    schema = _index(root, "schema")
    assert schema is not None
    tables = root.value[schema][1]
    properties = _index(tables.value[0], "properties")
    assert properties is not None
    columns = tables.value[0].value[properties][1]
    for number, column in enumerate(columns.value):
        found = _value(column, "name")
        if found is not None and found.value == name:
            return [(root, schema), (tables, 0), (tables.value[0], properties), (columns, number)]
    raise KeyError(name)


def _end_of(trail: _Trail) -> Any:
    """The node that a trail leads to."""
    holder, place = trail[-1]
    entry = holder.value[place]
    return entry[1] if isinstance(holder, yaml.MappingNode) else entry


def _index(mapping: yaml.Node, key: str) -> int | None:
    return next((place for place, (name, _) in enumerate(mapping.value) if name.value == key), None)


def _value(mapping: yaml.Node, key: str) -> Any:
    place = _index(mapping, key) if isinstance(mapping, yaml.MappingNode) else None
    return None if place is None else mapping.value[place][1]


def _nested(keys: Sequence[str], value: Any) -> Any:
    return {keys[0]: _nested(keys[1:], value)} if keys else value


def _flow(value: Any) -> str:
    """A value in flow style on one line."""
    written = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=_WIDTH, sort_keys=False)
    return str(written).strip()[1:-1]
