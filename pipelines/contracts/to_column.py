"""From a column of a contract file to the model's Column. What the schemas found broken is left out, never guessed."""

from typing import Any, get_args

from pipelines.contracts.model import Column, LogicalType, Reference, Regraded, Tolerance
from pipelines.contracts.places import rongtong_entry


def to_column(raw: dict[str, Any], key_position: int | None) -> Column:
    """Return a column of a contract whose structure is sound."""
    options = raw.get("logicalTypeOptions", {})
    return Column(
        name=raw["name"],
        type=raw["logicalType"],
        title=raw.get("businessName", ""),
        description=raw.get("description", ""),
        physical_type=raw.get("physicalType", ""),
        required=raw.get("required", False),
        unique=raw.get("unique", False),
        key_position=key_position,
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        exclusive_minimum=options.get("exclusiveMinimum"),
        exclusive_maximum=options.get("exclusiveMaximum"),
        multiple_of=options.get("multipleOf"),
        min_length=to_whole(options.get("minLength")),
        max_length=to_whole(options.get("maxLength")),
        pattern=options.get("pattern", ""),
        enum=tuple(entry["value"] for entry in raw.get("enum", [])),
        reference=_reference(raw),
        level=int(raw.get("classification", 1)),
        **_own(rongtong_entry(raw, ())[1]),
    )


def to_bare_column(raw: dict[str, Any]) -> Column:
    """Return a column with a fault in its structure: name, type and title alone, so that other rules can still name it."""
    known = [kind for kind in get_args(LogicalType) if kind == raw.get("logicalType")]
    title = raw.get("businessName")
    return Column(
        name=raw["name"],
        type=known[0] if known else "string",
        title=title if isinstance(title, str) else "",
    )


def to_whole(value: float | None) -> int | None:
    """Return a whole number as int: the schemas take 2.0 for 2."""
    return None if value is None else int(value)


def to_tolerance(raw: dict[str, Any]) -> Tolerance:
    """Return a tolerance; a severity or a percentage that is not given is the strict one."""
    return Tolerance(raw.get("severity", "error"), float(raw.get("maxPct", 0)))


def _reference(raw: dict[str, Any]) -> Reference | None:
    targets = raw.get("relationships", [])
    if not targets:
        return None
    table, _, column = targets[0]["to"].partition(".")
    return Reference(table, column)


def _own(raw: dict[str, Any]) -> dict[str, Any]:
    tolerances = raw.get("tolerance", {})
    return {
        "unit": raw.get("unit", ""),
        "code_list": raw.get("codeList", ""),
        "aliases": tuple(raw.get("aliases", ())),
        "nulls": tuple(raw.get("nulls", ())),
        "formats": tuple(raw.get("formats", ())),
        "serial": raw.get("serial", False),
        "trim": raw.get("trim", True),
        "full_width": raw.get("fullWidth", False),
        "thousands": raw.get("thousands", ""),
        "decimal": raw.get("decimal", "."),
        "true_values": tuple(raw.get("trueValues", ())),
        "false_values": tuple(raw.get("falseValues", ())),
        "personal": raw.get("personal", False),
        "mask": raw.get("mask", ""),
        "regraded": Regraded(**raw["regraded"]) if "regraded" in raw else None,
        "tolerance": tuple((kind, to_tolerance(value)) for kind, value in tolerances.items()),
    }
