"""Rules on the names of columns, their keys and what else identifies them."""

import unicodedata
from collections.abc import Iterator

from pipelines.contracts.hints import use
from pipelines.contracts.model import Column
from pipelines.contracts.places import column_entries
from pipelines.contracts.registry import Draft, Finding, rule
from pipelines.names import COLUMN

_UNITS = {
    "_kmh": ("km/h",),
    "_pct": ("%",),
    "_ug_m3": ("µg/m³", "μg/m³", "ug/m3", "µg/m3", "微克/立方米"),
    "_mg_m3": ("mg/m³", "mg/m3", "毫克/立方米"),
    "_km2": ("km²", "km2", "平方公里"),
    "_m2": ("m²", "m2", "平方米"),
    "_m3": ("m³", "m3", "立方米"),
    "_km": ("km", "公里"),
    "_mm": ("mm", "毫米"),
    "_m": ("m", "米"),
    "_kwh": ("kWh", "kwh", "千瓦时"),
    "_days": ("d", "day", "days", "天", "日"),
    "_min": ("min", "分钟"),
    "_kg": ("kg", "千克"),
    "_yuan": ("元", "CNY"),
}

_RESERVED = frozenset(
    {"rowid", "row_id", "begin_snapshot", "end_snapshot", "snapshot_id", "filename", "file_row_number", "file_index"}
)


@rule("snake-case")
def snake_case(draft: Draft) -> Iterator[Finding]:
    """Columns are called in small letters, digits and _."""
    for column in draft.contract.columns:
        if not COLUMN.match(column.name):
            hint = "use small letters, digits and _; the delivered heading goes into aliases."
            yield Finding(("columns", column.name, "name"), f"column '{column.name}' is not snake_case", hint)


@rule("reserved-name")
def reserved_name(draft: Draft) -> Iterator[Finding]:
    """No column is called like the lake's own columns, which every table has unseen."""
    for column in draft.contract.columns:
        if column.name in _RESERVED:
            said = f"column '{column.name}' is a name the lake itself uses"
            yield Finding(
                ("columns", column.name, "name"),
                said,
                f"call it '{column.name}_no' or the like; the heading goes into aliases.",
            )


@rule("column-unique")
def column_unique(draft: Draft) -> Iterator[Finding]:
    """A column is declared once."""
    first: dict[str, int] = {}
    for place, raw in column_entries(draft.document.data):
        name, line = raw.get("name"), draft.document.line(place)
        if isinstance(name, str) and first.setdefault(name, line) != line:
            message = f"column '{name}' is declared twice (first on line {first[name]})"
            yield Finding(("columns", name), message, line=line)


@rule("business-name")
def business_name(draft: Draft) -> Iterator[Finding]:
    """Every column has the name that people use for it."""
    for column in draft.columns:
        if not column.title.strip():
            where = ("columns", column.name)
            yield Finding(where, f"column '{column.name}' has no businessName", "add the Chinese name departments use.")


@rule("heading-unique")
def heading_unique(draft: Draft) -> Iterator[Finding]:
    """A delivered heading means one column: names, business names and aliases do not meet."""
    owners: dict[str, str] = {}
    for column in draft.columns:
        for key, heading in _headings(column):
            first = owners.setdefault(_plain(heading), column.name)
            if first != column.name:
                where = ("columns", column.name, *key)
                yield Finding(where, f"column '{column.name}': '{heading}' already means column '{first}'")


def _headings(column: Column) -> list[tuple[tuple[str, ...], str]]:
    named = [(("name",), column.name), (("businessName",), column.title)]
    return [pair for pair in named if pair[1]] + [(("rongtong", "aliases"), alias) for alias in column.aliases]


def _plain(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())


@rule("key-required")
def key_required(draft: Draft) -> Iterator[Finding]:
    """A key column is required, and not dropped while being read."""
    for column in draft.columns:
        if column.key_position is None:
            continue
        where = ("columns", column.name)
        if not column.required:
            yield Finding((*where, "primaryKey"), f"key column '{column.name}' is not required", "add required: true.")
        if column.mask == "drop":
            yield Finding((*where, "rongtong", "mask"), f"key column '{column.name}' is dropped", "use 'hmac'.")


@rule("key-position")
def key_position(draft: Draft) -> Iterator[Finding]:
    """Positions in the key run 1, 2, 3 … and belong to key columns."""
    taken: dict[int, str] = {}
    for column in draft.columns:
        where = ("columns", column.name, "primaryKeyPosition")
        if column.key_position is None:
            if draft.given(*where):
                message = f"column '{column.name}' has a place in the key but is not part of it"
                yield Finding(where, message, "add primaryKey: true.")
            continue
        other = taken.setdefault(column.key_position, column.name)
        if other != column.name:
            message = f"columns '{other}' and '{column.name}' both have place {column.key_position} in the key"
            yield Finding(where, message)
    for place in sorted(taken):
        if place > len(taken):
            message = f"column '{taken[place]}' has place {place} in a key of {len(taken)}"
            yield Finding(("columns", taken[place], "primaryKeyPosition"), message, "count the places from 1.")


@rule("unit-suffix")
def unit_suffix(draft: Draft) -> Iterator[Finding]:
    """A name that ends in a unit ends in the unit the column has."""
    by_unit = {unit: suffix for suffix, units in _UNITS.items() for unit in units}
    for column in draft.columns:
        suffix = next((suffix for suffix in _UNITS if column.name.endswith(suffix)), "")
        if column.unit and suffix and column.unit not in _UNITS[suffix]:
            message = f"column '{column.name}' ends in '{suffix}' but its unit is '{column.unit}'"
            better = by_unit.get(column.unit, "")
            hint = use(column.name.removesuffix(suffix) + better) if better else ""
            yield Finding(("columns", column.name, "rongtong", "unit"), message, hint)
