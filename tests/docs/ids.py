"""What the code can say: ids in brackets, environment variables, keys of the `rongtong` property, lint rules."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.contracts import inspection, survey
from pipelines.contracts.city import load_city
from pipelines.contracts.policy import PolicyVersion
from pipelines.contracts.registry import _CITY_RULES, _RULES, rule_names

# Importing them registers the rules.
REGISTERED = (inspection.RULES_OF_ONE_CONTRACT, survey.RULES_BETWEEN_CONTRACTS)
PACKAGE = Path(__file__).resolve().parents[2] / "pipelines"
# An id in brackets that a message begins with, or that follows a file's name.
_BRACKETED = re.compile(r"(?:^|[:\"'] |\. )\[([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\] ")
_WORD = re.compile(r"[a-z]+(?:-[a-z0-9]+)*")
# Calls that take an id as an argument: which one.
_CALLS = {"refusal": 1, "Problem": 2, "SqlFault": 0, "Fault": 1, "tell": 1, "rule": 0, "city_rule": 0}


def error_ids() -> set[str]:
    """Return every id that an error message can carry in brackets."""
    return {found for path in PACKAGE.rglob("*.py") for found in _ids_in(ast.parse(path.read_text(encoding="utf-8")))}


def _ids_in(tree: ast.Module) -> Iterator[str]:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from _BRACKETED.findall(node.value)
        elif isinstance(node, ast.Call):
            yield from _argument(node)
        elif isinstance(node, ast.Assign) and any(_name(target) == "_RULE" for target in node.targets):
            yield from _words(node.value)
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 3:
            yield from _words(node.value.elts[0])  # contracts/sentences: (rule, message, hint)


def _argument(call: ast.Call) -> Iterator[str]:
    place = _CALLS.get(_name(call.func))
    if place is not None and len(call.args) > place:
        yield from _words(call.args[place])


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _words(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORD.fullmatch(node.value):
        yield node.value


def variables() -> set[str]:
    """Return every RONGTONG_ variable that the package names."""
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    return {name for text in texts for name in re.findall(r"RONGTONG_[A-Z_]*[A-Z]", text)}


def compose_variables() -> set[str]:
    """Return every variable of ours that docker-compose.yml takes from .env."""
    text = (PACKAGE.parent / "docker-compose.yml").read_text(encoding="utf-8")
    return set(re.findall(r"\$\{(RONGTONG_[A-Z_]+)", text))


def property_keys() -> dict[str, set[str]]:
    """Return the keys of the `rongtong` property, by the heading under which the contract reference has them."""
    schema = json.loads((PACKAGE / "contracts" / "rongtong.schema.json").read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for name, part in schema["$defs"].items():
        _collect(name, part, found)
    return found


def _collect(name: str, part: dict[str, Any], found: dict[str, set[str]]) -> None:
    named = part.get("propertyNames", {}).get("enum", [])
    inner = part.get("additionalProperties")
    keys = {*part.get("properties", {}), *named}
    if isinstance(inner, dict):
        keys |= set(inner.get("properties", {}))
    if keys:
        found[name] = keys
    for key, value in part.get("properties", {}).items():
        _collect(key, value, found)


def with_lint_rules(page: str) -> str:
    """Return the contract reference with its last table made from the rules' own words."""
    head, table, _ = page.partition("| rule | what holds |\n|---|---|\n")
    rules = ((name, (_RULES.get(name) or _CITY_RULES[name]).__doc__ or "") for name in rule_names())
    return head + table + "".join(f"| `{name}` | {doc.splitlines()[0]} |\n" for name, doc in rules)


def with_policies(page: str) -> str:
    """Return the page of the city pack with its last table made from the sample city's policies."""
    head, table, _ = page.partition("| policy | holds | values | basis |\n|---|---|---|---|\n")
    policies = load_city(PACKAGE.parent).policies
    rows = (_policy_row(policy.name, version) for policy in policies for version in policy.versions)
    return head + table + "".join(rows)


def _policy_row(name: str, version: PolicyVersion) -> str:
    groups: dict[str, list[str]] = {}
    for item in version.items:
        told = item.text or f"{item.value:g}{f' {item.unit}' if item.unit else ''}"
        groups.setdefault(f"{item.basis.kind}: {item.basis.ref}", []).append(f"{item.name} {told}")
    holds = f"{version.effective} – {version.until}" if version.until else f"since {version.effective}"
    rows = (f"| `{name}` | {holds} | {' · '.join(items)} | {basis} |\n" for basis, items in groups.items())
    return "".join(rows)
