"""Write a contract as ODCS YAML with comments: the way a drafted contract comes into being.

What is written loads back as the same contract. Checks, tolerances of the whole contract and sharing are for people to
add: a draft has none, and none are written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from pipelines.contracts.model import Column, Contract, Control, Ingest, Period, Tolerance

API_VERSION = "v3.2.0"
_COLUMN_INDENT = 6
_WIDTH = 1 << 20
# what the file calls it -> what the model calls it
_OPTIONS = {
    "minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum", "multipleOf": "multiple_of", "minLength": "min_length",
    "maxLength": "max_length", "pattern": "pattern",
}  # fmt: skip
_SETTINGS = {
    "unit": "unit", "personal": "personal", "mask": "mask", "codeList": "code_list", "aliases": "aliases",
    "nulls": "nulls", "formats": "formats", "serial": "serial", "trim": "trim", "fullWidth": "full_width",
    "thousands": "thousands", "decimal": "decimal", "trueValues": "true_values", "falseValues": "false_values",
}  # fmt: skip
_READING = {
    "encoding": "encoding", "delimiter": "delimiter", "quote": "quote", "headerRow": "header_row",
    "headerRows": "header_rows", "sheet": "sheet", "hiddenRows": "hidden_rows", "mergedCells": "merged_cells", "path": "path",
    "member": "member", "source": "source",
    "timezone": "timezone", "crs": "crs", "extraColumns": "extra_columns",
}  # fmt: skip
_COMBINING = {"orderBy": "order_by", "deleteWhen": "delete_when"}
_PERIOD = {"pattern": "pattern", "column": "column"}
_TOTAL = {"column": "total_column", "markers": "total_markers", "sums": "sums", "count": "count_column"}


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a draft says beside its values: comments by place, and columns whose level 1 is stated, not just the default.

    Places: `top`, `name`, `team`, `frequency`, `latency`, `provider`, `encoding`, `headerRow`, `sheet`, `hiddenRows`,
    `mergedCells`, `path`, `member`, `mode`, `period`, `crs`, `control`, `columns`, `columns/<name>`.
    """

    comments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    public: frozenset[str] = frozenset()


NO_REMARKS = Remarks()


def to_yaml(contract: Contract, remarks: Remarks = NO_REMARKS) -> str:
    """Return the YAML text of a contract, each remark as a comment above what it is about."""
    return "\n".join(_lines(contract, remarks)) + "\n"


def _lines(contract: Contract, remarks: Remarks) -> Iterator[str]:
    yield from _comment(remarks, "top")
    yield f"apiVersion: {API_VERSION}"
    yield "kind: DataContract"
    yield f"id: {_flow(contract.id)}"
    yield from _comment(remarks, "name")
    yield f"name: {_flow(contract.title)}"
    yield f"version: {_flow(contract.version)}"
    yield f"status: {contract.status}"
    yield f"domain: {_flow(contract.domain)}"
    if contract.tags:
        yield f"tags: {_flow(list(contract.tags))}"
    yield from _description(contract)
    yield from _comment(remarks, "team")
    yield "team:"
    yield f"  name: {_flow(contract.owner)}"
    yield from _frequency(contract, remarks)
    yield from _table(contract, remarks)
    yield from _own(contract, remarks)


def _description(contract: Contract) -> Iterator[str]:
    told = [(key, text) for key in ("purpose", "limitations") if (text := getattr(contract, key))]
    if told:
        yield "description:"
        yield from (f"  {key}: {_flow(text)}" for key, text in told)


def _frequency(contract: Contract, remarks: Remarks) -> Iterator[str]:
    if contract.frequency:
        value, unit = contract.frequency
        yield "slaProperties:"
        yield from _comment(remarks, "frequency", 2)
        yield f"  - {{property: frequency, value: {value}, unit: {unit}}}"
        if contract.latency:
            value, unit = contract.latency
            yield from _comment(remarks, "latency", 2)
            yield f"  - {{property: latency, value: {value}, unit: {unit}}}"


def _table(contract: Contract, remarks: Remarks) -> Iterator[str]:
    yield "schema:"
    yield f"  - name: {_flow(contract.table)}"
    yield f"    businessName: {_flow(contract.title)}"
    yield "    logicalType: object"
    yield "    physicalType: table"
    yield from _comment(remarks, "columns", 4)
    yield "    properties:"
    for column in contract.columns:
        yield from _comment(remarks, f"columns/{column.name}", _COLUMN_INDENT)
        yield from _column(column, column.name in remarks.public)


def _column(column: Column, public: bool) -> Iterator[str]:
    pad = " " * (_COLUMN_INDENT + 2)
    yield f"{' ' * _COLUMN_INDENT}- name: {_flow(column.name)}"
    for key, value in _column_values(column, public).items():
        yield f"{pad}{key}: {_flow(value)}"
    own = _column_settings(column)
    if own:
        yield f"{pad}customProperties:"
        yield f"{pad}  - property: rongtong"
        yield f"{pad}    value: {_flow(own)}"


def _column_values(column: Column, public: bool) -> dict[str, Any]:
    values: dict[str, Any] = {"businessName": column.title, "description": column.description}
    values |= {"logicalType": column.type, "physicalType": column.physical_type}
    if column.key_position is not None:
        values |= {"primaryKey": True, "primaryKeyPosition": column.key_position}
    values |= {"required": column.required, "unique": column.unique}
    values["classification"] = str(column.level) if column.level > 1 or public else ""
    values["logicalTypeOptions"] = _settings(column, Column(column.name, column.type), _OPTIONS)
    values["enum"] = [{"value": value} for value in column.enum]
    if column.reference:
        values["relationships"] = [{"to": f"{column.reference.table}.{column.reference.column}"}]
    return {key: value for key, value in values.items() if value}


def _column_settings(column: Column) -> dict[str, Any]:
    own = _settings(column, Column(column.name, column.type), _SETTINGS)
    if column.tolerance:
        own["tolerance"] = {kind: _tolerance(value) for kind, value in column.tolerance}
    return own


def _tolerance(tolerance: Tolerance) -> dict[str, Any]:
    return {"severity": tolerance.severity, "maxPct": _plain(tolerance.max_pct)}


def _own(contract: Contract, remarks: Remarks) -> Iterator[str]:
    yield "customProperties:"
    yield "  - property: rongtong"
    yield "    value:"
    yield from _comment(remarks, "provider", 6)
    yield f"      provider: {_flow(contract.provider)}"
    if contract.schedule:
        yield f"      schedule: {_flow(contract.schedule)}"
    if contract.stage:
        yield f"      stage: {contract.stage}"
    yield "      ingest:"
    for key, value in _ingest(contract.ingest).items():
        yield from _comment(remarks, key, 8)
        yield f"        {key}: {_flow(value)}"


def _ingest(ingest: Ingest) -> dict[str, Any]:
    values = {"format": ingest.format} | _settings(ingest, Ingest(), _READING)
    values |= {"mode": ingest.mode} | _settings(ingest, Ingest(), _COMBINING)
    values["period"] = {"from": ingest.period.source}
    if ingest.period.source != "none":
        values["period"] |= {"unit": ingest.period.unit} | _settings(ingest.period, Period(), _PERIOD)
    control = _control(ingest.control)
    return values | ({"control": control} if control else {})


def _control(control: Control) -> dict[str, Any]:
    total = _settings(control, Control(), _TOTAL)
    written: dict[str, Any] = {"totalRow": total} if total else {}
    return written | ({"manifest": control.manifest} if control.manifest else {})


def _settings(given: object, blank: object, names: Mapping[str, str]) -> dict[str, Any]:
    """What differs from the default, under the names that contracts use."""
    values = {key: getattr(given, attribute) for key, attribute in names.items()}
    return {key: _plain(value) for key, value in values.items() if value != getattr(blank, names[key])}


def _plain(value: Any) -> Any:
    """A tuple is written as a list, a whole float as the integer that it is."""
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _flow(value: Any) -> str:
    """A value in flow style on one line, quoted wherever another reader could take it for something else."""
    written = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=_WIDTH, sort_keys=False)
    return str(written).strip()[1:-1]


def _comment(remarks: Remarks, place: str, indent: int = 0) -> Iterator[str]:
    for text in remarks.comments.get(place, ()):
        shown = "".join(char if char.isprintable() else " " for char in text)
        yield f"{' ' * indent}# {shown}".rstrip()
