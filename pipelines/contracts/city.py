"""The city pack: `schemas/_city.yaml`, everything that is local, read strictly where this package uses it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.contracts.basis import Told, basis_faults
from pipelines.contracts.channels import city_notify, notify_faults
from pipelines.contracts.codelists import code_list_names
from pipelines.contracts.document import Document, Place, read_document
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import City
from pipelines.contracts.policies import city_policies, policy_problems
from pipelines.contracts.zones import is_zone
from pipelines.errors import ContractError, Problem

FILE = "schemas/_city.yaml"
_REQUIRED = ("name", "division_prefix", "timezone", "crs")
_OPTIONAL = ("basis", "quality", "feedback", "notify", "codeLists", "policies")
_CRS = re.compile(r"^EPSG:\d{4,6}$")
_RULE = "city"


def load_city(root: Path) -> City:
    """Return the city pack of a city repository; ContractError with every problem when it is missing or not sound."""
    path = root / FILE
    if not path.is_file():
        hint = f"set RONGTONG_CITY to a folder with {FILE}."
        raise ContractError([Problem(FILE, None, _RULE, "there is no city pack.", hint)])
    document, problems = read_document(path, FILE)
    if document is None:
        raise ContractError(problems)
    problems += [
        Problem(FILE, document.line(place), _RULE, f"{message}.", hint)
        for place, message, hint in _faults(document.data, code_list_names(root / "schemas"))
    ]
    problems += policy_problems(document)
    if problems:
        raise ContractError(problems)
    return _city(root, document)


def _city(root: Path, document: Document) -> City:
    data = document.data
    used = {*_REQUIRED, "quality", "notify", "policies", "codeLists"}
    return City(
        root=str(root),
        name=data["name"],
        division_prefix=data["division_prefix"],
        timezone=data["timezone"],
        crs=data["crs"],
        digest=document.digest,
        max_invalid_pct=float(data.get("quality", {}).get("maxInvalidPct", 5)),
        notify=city_notify(data.get("notify", {})),
        policies=city_policies(data.get("policies", {})),
        list_titles=tuple((name, entry["title"]) for name, entry in data.get("codeLists", {}).items()),
        values=tuple((key, value) for key, value in data.items() if key not in used),
    )


def _faults(data: dict[str, Any], lists: list[str]) -> Iterator[Told]:
    for key in _REQUIRED:
        value = data.get(key)
        if key not in data:
            near = closest(key, set(data) - set(_REQUIRED))
            yield (), f"'{key}' is missing", f"rename '{near}'." if near else ""
        elif not isinstance(value, str) or not value.strip():
            yield (key,), f"{key} must be text, not {value!r}", "quote it." if isinstance(value, int) else ""
    for key in data:
        meant = "" if key in (*_REQUIRED, *_OPTIONAL) else closest(key, _OPTIONAL)
        if meant:
            yield (key,), f"unknown key '{key}'", use(meant)
    zone, crs, prefix = data.get("timezone"), data.get("crs"), data.get("division_prefix")
    if isinstance(zone, str) and not is_zone(zone):
        yield ("timezone",), f"timezone '{zone}' is not known", "write e.g. Asia/Shanghai."
    if isinstance(crs, str) and not _CRS.match(crs):
        yield ("crs",), f"crs '{crs}' is not an EPSG code", "write EPSG:4490 (CGCS2000)."
    if isinstance(prefix, str) and not re.match(r"^\d{6}$", prefix):
        yield ("division_prefix",), f"division_prefix '{prefix}' is not a six-digit division code", ""
    yield from _quality_faults(data.get("quality", {}))
    yield from _feedback_faults(data.get("feedback", {}))
    yield from _below(("notify",), notify_faults(data.get("notify", {})))
    yield from _basis_faults(data)
    yield from _code_list_faults(data.get("codeLists", {}), lists)


def _quality_faults(quality: Any) -> Iterator[Told]:
    if not isinstance(quality, dict):
        yield ("quality",), "quality must be a mapping", ""
        return
    for key in quality:
        if key not in ("maxInvalidPct", "basis"):
            yield ("quality", key), f"unknown key '{key}'", use(closest(key, ["maxInvalidPct", "basis"]))
    percent = quality.get("maxInvalidPct", 5)
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
        yield ("quality", "maxInvalidPct"), f"maxInvalidPct {percent!r} is not a number from 0 to 100", ""


def _feedback_faults(feedback: Any) -> Iterator[Told]:
    if not isinstance(feedback, dict):
        yield ("feedback",), "feedback must be a mapping", ""
        return
    for key in feedback:
        if key not in ("workingDays", "basis"):
            yield ("feedback", key), f"unknown key '{key}'", use(closest(key, ["workingDays", "basis"]))
    days = feedback.get("workingDays", 1)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 366:
        yield ("feedback", "workingDays"), f"workingDays {days!r} is not a whole number from 1 to 366", ""


def _basis_faults(data: dict[str, Any]) -> Iterator[Told]:
    """Whatever gives a basis gives a whole one: the keys of `basis`, and the settings that carry their own."""
    given = data.get("basis", {})
    if not isinstance(given, dict):
        yield ("basis",), "basis must be a mapping of keys to their basis", ""
        given = {}
    for key, basis in given.items():
        yield from _named(key, ("basis", key), basis_faults(basis))
    for key in ("quality", "feedback", "notify"):
        holder = data.get(key)
        if isinstance(holder, dict) and "basis" in holder:
            yield from _named(key, (key, "basis"), basis_faults(holder["basis"]))


def _code_list_faults(raw: Any, lists: list[str]) -> Iterator[Told]:
    if not isinstance(raw, dict):
        yield ("codeLists",), "codeLists must be a mapping of code lists to their titles", ""
        return
    for name, entry in raw.items():
        place = ("codeLists", name)
        if name not in lists:
            yield place, f"there is no code list '{name}'", use(closest(name, lists))
        yield from _named(f"code list '{name}'", place, _entry_faults(entry))


def _entry_faults(entry: Any) -> Iterator[Told]:
    if not isinstance(entry, dict):
        yield (), "must be a mapping", "write {title: …, basis: …}."
        return
    for key in entry:
        if key not in ("title", "basis"):
            yield (key,), f"unknown key '{key}'", use(closest(key, ["title", "basis"]))
    if not isinstance(entry.get("title"), str) or not entry["title"].strip():
        yield ("title",), f"title must be text, not {entry.get('title')!r}", ""
    yield from _below(("basis",), basis_faults(entry.get("basis")))


def _named(name: str, place: Place, faults: Iterator[Told]) -> Iterator[Told]:
    for inner, message, hint in faults:
        yield (*place, *inner), f"{name}: {message}", hint


def _below(place: Place, faults: Iterator[Told]) -> Iterator[Told]:
    for inner, message, hint in faults:
        yield (*place, *inner), message, hint
