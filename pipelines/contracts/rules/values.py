"""Rules on what a column's values may be: bounds, listed values, patterns, code lists."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pipelines.contracts.codelists import load_code_list
from pipelines.contracts.hints import listed
from pipelines.contracts.model import Column
from pipelines.contracts.patterns import re2_fault
from pipelines.contracts.registry import Draft, Finding, rule
from pipelines.errors import ContractError

_ISO = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat, "time": time.fromisoformat}
_OPTIONS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
}


@rule("bounds")
def bounds(draft: Draft) -> Iterator[Finding]:
    """Bounds are values of the column's type, and the lower one is not above the upper one."""
    for column in draft.columns:
        values: dict[str, Any] = {}
        for key, attribute in _OPTIONS.items():
            given = getattr(column, attribute)
            if given is None:
                continue
            values[key] = _typed(column, given)
            if values[key] is None:
                where = ("columns", column.name, "logicalTypeOptions", key)
                message = f"column '{column.name}': {key} '{given}' is not of type {column.type}"
                yield Finding(where, message, "write it in ISO 8601.")
        yield from _crossed(column, {key: value for key, value in values.items() if value is not None})
        yield from _lengths(column)


def _crossed(column: Column, values: dict[str, Any]) -> Iterator[Finding]:
    for low in ("minimum", "exclusiveMinimum"):
        for high in ("maximum", "exclusiveMaximum"):
            if low not in values or high not in values:
                continue
            open_end = "exclusive" in low + high
            if values[low] > values[high] or (open_end and values[low] == values[high]):
                message = f"column '{column.name}': {low} {values[low]} leaves nothing below {high} {values[high]}"
                yield Finding(("columns", column.name, "logicalTypeOptions", low), message)


def _lengths(column: Column) -> Iterator[Finding]:
    if column.min_length is not None and column.max_length is not None and column.min_length > column.max_length:
        message = f"column '{column.name}': minLength {column.min_length} is above maxLength {column.max_length}"
        yield Finding(("columns", column.name, "logicalTypeOptions", "minLength"), message)


def _typed(column: Column, value: Any) -> Any:
    if column.type not in _ISO:
        return value
    try:
        found = _ISO[column.type](value)
    except ValueError:
        return None
    # two instants compare only when both have a zone or both have none
    return found.replace(tzinfo=None) if isinstance(found, datetime | time) else found


@rule("enum-type")
def enum_type(draft: Draft) -> Iterator[Finding]:
    """Listed values are of the column's type, each once."""
    for column in draft.columns:
        where = ("columns", column.name, "enum")
        for index, value in enumerate(column.enum):
            if not _fits(column, value):
                hint = f'quote it: "{value}".' if column.type == "string" else ""
                yield Finding(
                    (*where, str(index)), f"column '{column.name}': {value!r} is not of type {column.type}", hint
                )
            elif value in column.enum[:index]:
                yield Finding((*where, str(index)), f"column '{column.name}': '{value}' is listed twice")


def _fits(column: Column, value: Any) -> bool:
    if isinstance(value, bool):
        return column.type == "boolean"
    if column.type == "integer":
        return isinstance(value, int)
    if column.type == "number":
        return isinstance(value, int | float)
    return isinstance(value, str) and _typed(column, value) is not None and column.type not in ("boolean", "object")


@rule("pattern-re2")
def pattern_re2(draft: Draft) -> Iterator[Finding]:
    """A pattern is one that the lake's engine (RE2) reads."""
    for column in draft.columns:
        fault = re2_fault(column.pattern) if column.pattern else ""
        if fault:
            where = ("columns", column.name, "logicalTypeOptions", "pattern")
            hint = "patterns follow RE2: no lookaround, no back reference; escape ( [ { meant as text."
            yield Finding(where, f"column '{column.name}': pattern '{column.pattern}' {fault}", hint)


@rule("code-list")
def code_list(draft: Draft) -> Iterator[Finding]:
    """A column's code list exists and is sound."""
    schemas = Path(draft.city.root) / "schemas"
    for column in draft.columns:
        if not column.code_list:
            continue
        try:
            load_code_list(schemas, column.code_list)
        except ContractError as error:
            first, more = error.problems[0], len(error.problems) - 1
            where = ("columns", column.name, "rongtong", "codeList")
            text = first.message.removesuffix(".")
            told = f"{first.file}:{first.line}: {text}" if first.line else text
            rest = f" (and {more} more)" if more else ""
            yield Finding(where, f"column '{column.name}': {told}{rest}", first.hint)


@rule("tolerance-fits")
def tolerance_fits(draft: Draft) -> Iterator[Finding]:
    """A tolerance is for a rule that its column has."""
    for column in draft.columns:
        for kind, _ in column.tolerance:
            if kind not in _kinds(column):
                where = ("columns", column.name, "rongtong", "tolerance", kind)
                yield Finding(where, f"column '{column.name}' has no rule '{kind}' to tolerate", listed(_kinds(column)))


def _kinds(column: Column) -> list[str]:
    bounded = (column.minimum, column.maximum, column.exclusive_minimum, column.exclusive_maximum)
    has = {
        "type": True,
        "required": column.required,
        "unique": column.unique or column.key_position is not None,
        "range": any(bound is not None for bound in bounded),
        "length": column.min_length is not None or column.max_length is not None,
        "pattern": bool(column.pattern),
        "enum": bool(column.enum),
        "code_list": bool(column.code_list),
        "reference": column.reference is not None,
        "multiple_of": column.multiple_of is not None,
    }
    return [kind for kind, there in has.items() if there]
