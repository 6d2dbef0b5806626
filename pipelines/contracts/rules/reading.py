"""Rules on how a column's text becomes a value, and of what type the lake keeps it."""

import re
from collections.abc import Iterator

from pipelines.contracts.model import Column
from pipelines.contracts.registry import Draft, Finding, rule

_PHYSICAL = {
    "string": ("VARCHAR",),
    "integer": ("BIGINT",),
    "number": ("DOUBLE", "DECIMAL(p,s)"),
    "boolean": ("BOOLEAN",),
    "date": ("DATE",),
    "timestamp": ("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"),
    "time": ("TIME",),
    "object": ("GEOMETRY",),
}
_DECIMAL = re.compile(r"^DECIMAL\((\d{1,2}),\s*(\d{1,2})\)$", re.IGNORECASE)
_SPECIFIER = re.compile(r"%(-?.)", re.DOTALL)
_DATE_PARTS = {"a", "A", "b", "B", "h", "w", "d", "-d", "m", "-m", "y", "-y", "Y", "j", "-j", "%"}
_TIME_PARTS = {"H", "-H", "I", "-I", "p", "M", "-M", "S", "-S", "f", "g", "n", "%"}
_PARTS = {"date": _DATE_PARTS | _TIME_PARTS, "timestamp": _DATE_PARTS | _TIME_PARTS, "time": _TIME_PARTS}


@rule("format-known", delivered=True)
def format_known(draft: Draft) -> Iterator[Finding]:
    """Date forms are strptime patterns that the lake's engine reads, with at least a year (a month means its first day)."""
    for column in draft.columns:
        where = ("columns", column.name, "rongtong", "formats")
        for index, text in enumerate(column.formats):
            fault = _format_fault(column, text)
            if fault:
                yield Finding((*where, str(index)), f"column '{column.name}': format '{text}' {fault}")


def _format_fault(column: Column, text: str) -> str:
    if column.type not in _PARTS:
        return f"is for dates and times, not for type {column.type}"
    parts = _SPECIFIER.findall(text)
    if {"z", "Z"} & set(parts):
        return (
            "names a zone; without formats, ISO times that name theirs (2026-01-31T08:30:00+08:00, …Z) are read as such"
        )
    unknown = [part for part in parts if part not in _PARTS[column.type]]
    if unknown or text.count("%") != len(parts) + parts.count("%"):
        return f"has '%{unknown[0] if unknown else ''}', which is not read"
    plain = {part.removeprefix("-") for part in parts}
    if column.type == "time":
        return "" if plain & {"H", "I"} else "names no hour"
    return "" if plain & {"y", "Y"} else "names no year"


@rule("setting-fits-type")
def setting_fits_type(draft: Draft) -> Iterator[Finding]:
    """Reading settings stand at columns of a type they mean something for."""
    fits: dict[str, tuple[str, ...]] = {
        "thousands": ("integer", "number"),
        "decimal": ("number",),
        "trueValues": ("boolean",),
        "falseValues": ("boolean",),
        "serial": ("date", "timestamp", "time"),
        "codeList": ("string",),
    }
    for column in draft.columns:
        for key, types in fits.items():
            if draft.given("columns", column.name, "rongtong", key) and column.type not in types:
                where = ("columns", column.name, "rongtong", key)
                yield Finding(
                    where, f"column '{column.name}': {key} means nothing for type {column.type}", "remove it."
                )
        if column.thousands and column.thousands == column.decimal:
            where = ("columns", column.name, "rongtong", "thousands")
            yield Finding(where, f"column '{column.name}': '{column.decimal}' cannot mark both thousands and decimals")
        both = set(column.true_values) & set(column.false_values)
        for value in sorted(both):
            where = ("columns", column.name, "rongtong", "falseValues")
            yield Finding(where, f"column '{column.name}': '{value}' cannot mean both true and false")


@rule("physical-type")
def physical_type(draft: Draft) -> Iterator[Finding]:
    """A physicalType is the one the lake has for the logicalType."""
    for column in draft.columns:
        allowed = _PHYSICAL[column.type]
        where = ("columns", column.name, "physicalType")
        written = column.physical_type.upper()
        if not written and column.type != "object":
            continue
        if column.type == "number" and _is_decimal(written):
            continue
        if written not in allowed:
            hint = f"write {' or '.join(allowed)}{'' if column.type == 'object' else ', or leave it out'}."
            message = f"column '{column.name}': type {column.type} is not kept as '{column.physical_type}'"
            yield Finding(where, message, hint)


def _is_decimal(written: str) -> bool:
    match = _DECIMAL.match(written)
    return bool(match and 1 <= int(match[1]) <= 38 and int(match[2]) <= int(match[1]))
