"""Rules on what a contract says of itself: its id, version, life, owner and promises."""

import re
from collections.abc import Iterator
from typing import Any, get_args

from pipelines.contracts.hints import closest, listed, use
from pipelines.contracts.model import Contract, Layer
from pipelines.contracts.registry import Draft, Finding, rule
from pipelines.contracts.sla import MEASURED, PROPERTIES, sla_unit, sla_units
from pipelines.contracts.to_contract import table_name
from pipelines.names import DATASET_ID

_SEMVER = re.compile(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")
_TODO = re.compile(r"(?<![A-Za-z0-9_])TODO(?![A-Za-z0-9_])")


@rule("path-is-id")
def path_is_id(draft: Draft) -> Iterator[Finding]:
    """The file of domain.table is schemas/<domain>/<table>.odcs.yaml, a model's models/<layer>/<table>.odcs.yaml, and its schema object is called <table>."""
    contract = draft.contract
    if not draft.sound("id"):
        return
    if not DATASET_ID.match(contract.id):
        hint = "use small letters, digits and _: domain.table."
        yield Finding(("id",), f"id '{contract.id}' is not of the form domain.table", hint)
        return
    path = _place_of(contract)
    if contract.path.removeprefix("pipelines/") != path:
        yield Finding(("id",), f"id '{contract.id}' does not go with the file's place", f"call the file {path}.")
    name = table_name(draft.document)
    if name and name != contract.table:
        where = ("schema", "0", "name")
        yield Finding(
            where, f"the schema object is called '{name}', the id says '{contract.table}'", use(contract.table)
        )
    domain = draft.document.data.get("domain")
    if isinstance(domain, str) and domain != contract.domain:
        yield Finding(("domain",), f"domain '{domain}' is not the id's '{contract.domain}'", use(contract.domain))


def _place_of(contract: Contract) -> str:
    if contract.model is None:
        return f"schemas/{contract.domain}/{contract.table}.odcs.yaml"
    layer = contract.layer if contract.layer in get_args(Layer) else "ads"
    return f"models/{layer}/{contract.table}.odcs.yaml"


@rule("semver")
def semver(draft: Draft) -> Iterator[Finding]:
    """The version has three numbers, so that a breaking change can be told from another."""
    version = draft.contract.version
    if draft.sound("version") and not _SEMVER.match(version):
        yield Finding(("version",), f"version '{version}' is not major.minor.patch", "write e.g. 1.0.0.")


@rule("todo-left")
def todo_left(draft: Draft) -> Iterator[Finding]:
    """A contract that publishes leaves nothing to decide."""
    if draft.contract.status != "active":
        return
    for number, line in enumerate(draft.document.text.splitlines(), start=1):
        if _TODO.search(line):
            yield Finding((), "an active contract still says TODO", "decide it, or set status: draft.", number)


@rule("owner")
def owner(draft: Draft) -> Iterator[Finding]:
    """Somebody answers for the data."""
    if draft.sound("team") and not draft.contract.owner:
        hint = "add team: {name: …, members: [{username: …, role: owner}]}."
        yield Finding(("team",), "nobody owns the dataset", hint)


@rule("frequency", delivered=True)
def frequency(draft: Draft) -> Iterator[Finding]:
    """How often the data come is promised; lateness is measured against it."""
    if draft.sound("slaProperties") and not any(level.get("property") == "frequency" for level in _levels(draft)):
        hint = "add slaProperties: [{property: frequency, value: 1, unit: month}]."
        yield Finding(("slaProperties",), "how often the data come is not said", hint)


@rule("service-level")
def service_level(draft: Draft) -> Iterator[Finding]:
    """Service levels are known ones, with a whole number and a unit of time."""
    if not draft.sound("slaProperties"):
        return
    for index, level in enumerate(_levels(draft)):
        where = ("slaProperties", str(index))
        name, value, unit = level["property"], level["value"], level.get("unit", "")
        if name not in PROPERTIES:
            hint = use(closest(name, PROPERTIES)) or listed(sorted(PROPERTIES))
            yield Finding((*where, "property"), f"service level '{name}' is not known", hint)
        if name not in MEASURED:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield Finding((*where, "value"), f"{name}: '{value}' is not a whole number above 0")
        if not sla_unit(unit):
            yield Finding((*where, "unit"), f"{name}: unit '{unit}' is not a time", listed(sla_units()))
        elif sla_unit(unit) == "wd" and name != "latency":
            yield Finding((*where, "unit"), f"{name} is not counted in working days", "use d; latency may be in wd.")


@rule("freshness-column")
def freshness_column(draft: Draft) -> Iterator[Finding]:
    """Freshness is measured on a date or timestamp of the table."""
    if draft.contract.freshness is None or not draft.sound("slaProperties"):
        return
    name = draft.contract.freshness[0]
    types = {column.name: column.type for column in draft.contract.columns}
    index = next(i for i, level in enumerate(_levels(draft)) if level["property"] == "freshness")
    where = ("slaProperties", str(index), "element")
    if name not in types:
        yield Finding(where, f"freshness: there is no column '{name}'", use(closest(name, types)))
    elif draft.sound(f"columns/{name}") and types[name] not in ("date", "timestamp"):
        yield Finding(where, f"freshness: column '{name}' is of type {types[name]}, not a date or timestamp")


def _levels(draft: Draft) -> list[dict[str, Any]]:
    levels: list[dict[str, Any]] = draft.document.data.get("slaProperties", [])
    return levels
