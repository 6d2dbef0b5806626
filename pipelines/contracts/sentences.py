"""Turn what a JSON Schema validator says into a user's sentence with a rule's name and a hint. Reads no file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from pipelines.contracts.document import Place
from pipelines.contracts.hints import closest, closest_type, listed, use
from pipelines.contracts.places import PROPERTY

_KINDS = jsonschema_rs.ValidationErrorKind
_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_VERBS = ("must be ", "is not ", "is empty", "needs ", "names ", "has more ")
_NUMERIC = re.compile(r"^-?\d+(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at a place of the parsed file."""

    place: Place
    rule: str
    message: str
    hint: str = ""


def faults_of(error: jsonschema_rs.ValidationError, schema: Any, root: Place, data: Any) -> Iterator[Fault]:
    """Yield a validator's error as faults; `root` is where in `data` the validated value stands."""
    kind = error.kind
    place = (*root, *error.instance_path)
    node = schema_node(schema, error.schema_path[:-1])
    if isinstance(kind, _KINDS.OneOfNotValid | _KINDS.OneOfMultipleValid | _KINDS.AnyOf):
        yield from _branch(error, schema, root, data)
    elif isinstance(kind, _KINDS.AdditionalProperties | _KINDS.UnevaluatedProperties):
        yield from _unknown_keys(kind, place, schema, node, data)
    else:
        rule, message, hint = _sentence(error, place, node)
        comment = node.get("$comment", "") if isinstance(node, dict) else ""
        missing = (kind.property,) if isinstance(kind, _KINDS.Required) else ()
        subject = place[:-1] if rule == "known-type" else place
        yield Fault((*place, *missing), rule, sentence(subject, data, message), comment or hint)


def schema_node(schema: Any, path: list[str | int]) -> Any:
    """Return the part of a schema that a path leads to, or an empty mapping."""
    for part in path:
        try:
            schema = schema[part]
        except (KeyError, IndexError, TypeError):
            return {}
    return schema


def known_keys(schema: Any, node: Any, depth: int = 0) -> set[str]:
    """Return every key a schema node names, through references and branches."""
    if not isinstance(node, dict) or depth > 8:
        return set()
    names = set(node.get("properties", {}))
    parts = [node[key] for key in ("then", "else") if key in node]
    parts += [part for key in ("allOf", "anyOf", "oneOf") for part in node.get(key, [])]
    if "$ref" in node:
        parts.append(schema_node(schema, node["$ref"].removeprefix("#/").split("/")))
    return names.union(*(known_keys(schema, part, depth + 1) for part in parts))


def shown(value: Any) -> str:
    """Return a value as a message shows it.

    >>> shown("a"), shown(True), shown(None), shown([1]), shown(1.5)
    ("'a'", 'true', 'nothing', 'a list', '1.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    text = str(value) if len(str(value)) <= 60 else str(value)[:59] + "…"
    return f"'{text}'" if isinstance(value, str) else text


def sentence(place: Place, data: Any, message: str) -> str:
    """Return a message after the column, the check or the key that its place lies in."""
    subject, rest = _subject(place, data)
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest).removeprefix(".")
    words = ": ".join(part for part in (subject, path) if part)
    if not words:
        return message
    return f"{words} {message}" if message.startswith(_VERBS) else f"{words}: {message}"


def _subject(place: Place, data: Any) -> tuple[str, Place]:
    if place[:2] == ("schema", 0) and len(place) > 3 and place[2] in ("properties", "quality"):
        item = schema_node(data, list(place[:4]))
        name = item.get("name") if isinstance(item, dict) else None
        word = "column" if place[2] == "properties" else "check"
        return f"{word} '{name}'" if isinstance(name, str) else f"{word} {int(place[3]) + 1}", _short(place[4:])
    if place[:2] == ("schema", 0):
        return "table", _short(place[2:])
    return "", _short(place)


def _short(place: Place) -> Place:
    if len(place) >= 3 and place[0] == "customProperties" and place[2] == "value":
        return (PROPERTY, *place[3:])
    return place


def _unknown_keys(kind: Any, place: Place, schema: Any, node: Any, data: Any) -> Iterator[Fault]:
    unevaluated = isinstance(kind, _KINDS.UnevaluatedProperties)
    known = known_keys(schema, node) if unevaluated else set(node.get("properties", {}))
    for key in kind.unexpected:
        if key in known:
            message = sentence(place, data, f"key '{key}' does not go with the others")
            yield Fault((*place, key), "key-in-place", message)
        else:
            hint = use(closest(key, known)) or (listed(sorted(known)) if known else "")
            yield Fault((*place, key), "known-key", sentence(place, data, f"unknown key '{key}'"), hint)


def _branch(error: jsonschema_rs.ValidationError, schema: Any, root: Place, data: Any) -> Iterator[Fault]:
    place = (*root, *error.instance_path)
    if "DataQualityOperators" in error.schema_path:
        known = known_keys(schema, schema_node(schema, ["$defs", "DataQualityOperators"]))
        honoured = sorted(key for key in known if "Not" not in key)
        yield Fault(place, "one-bound", sentence(place, data, "needs exactly one bound"), listed(honoured))
        return
    branches = [branch for branch in getattr(error.kind, "context", []) if branch]
    if not branches:
        yield Fault(place, "value-form", sentence(place, data, f"{shown(error.instance)} fits no allowed form"))
        return
    for inner in max(branches, key=lambda branch: _fit(branch, error.instance_path)):
        yield from faults_of(inner, schema, root, data)


def _fit(branch: list[jsonschema_rs.ValidationError], at: list[str | int]) -> tuple[bool, int]:
    wrong_type = any(inner.kind.name == "type" and inner.instance_path == at for inner in branch)
    return not wrong_type, max(len(inner.instance_path) for inner in branch)


def _sentence(error: jsonschema_rs.ValidationError, place: Place, node: Any) -> tuple[str, str, str]:
    kind, value = error.kind, error.instance
    if isinstance(kind, _KINDS.Required):
        return "required-key", f"'{kind.property}' is missing", ""
    if isinstance(kind, _KINDS.Type):
        wanted = " or ".join(_WORDS.get(name, name) for name in kind.types)
        return "value-type", f"must be {wanted}, not {shown(value)}", _type_hint(kind.types, value, place)
    if isinstance(kind, _KINDS.Enum):
        return _enum_sentence([option for option in kind.options if option is not None], value, place)
    if isinstance(kind, _KINDS.Not | _KINDS.FalseSchema):
        return "not-honoured", "is not honoured here", "remove it."
    if isinstance(kind, _KINDS.PropertyNames):
        options = getattr(kind.error.kind, "options", [])
        word = str(kind.error.instance)
        return "known-key", f"unknown key '{word}'", use(closest(word, options)) or listed(options)
    form = _form(kind)
    return "value-form", form if isinstance(value, list | dict) else f"{shown(value)} {form}", ""


def _enum_sentence(options: list[Any], value: Any, place: Place) -> tuple[str, str, str]:
    words = [str(option) for option in options]
    if place[-1] == "logicalType":
        hint = use(closest_type(str(value), words)) or listed(words)
        return "known-type", f"{shown(value)} is not a logicalType", hint
    meant = closest(str(value), words) if isinstance(value, str) else ""
    return "known-value", f"{shown(value)} is not known", use(meant) if meant and len(words) > 3 else listed(words)


def _type_hint(types: list[str], value: Any, place: Place) -> str:
    if types == ["object"] and len(place) > 1 and place[-2] == "enum":
        return f"write {{value: {value}}}."
    if "array" in types and isinstance(value, str):
        return f"write [{value}]."
    if "string" in types and isinstance(value, int | float):
        return f'quote it: "{str(value).lower() if isinstance(value, bool) else value}".'
    if isinstance(value, str) and _NUMERIC.match(value) and {"integer", "number"} & set(types):
        return "write it without quotes."
    return ""


def _form(kind: Any) -> str:
    limit = getattr(kind, "limit", None)
    texts: Mapping[str, str] = {
        "pattern": f"does not match {getattr(kind, 'pattern', '')}",
        "minimum": f"is below {limit}",
        "exclusiveMinimum": f"must be above {limit}",
        "maximum": f"is above {limit}",
        "minLength": f"is shorter than {limit} characters" if limit != 1 else "is empty",
        "maxLength": f"is longer than {limit} characters",
        "minItems": f"needs at least {limit} entries" if limit != 1 else "is empty",
        "maxItems": f"has more than {limit} entries" if limit != 1 else "has more than one entry",
        "minProperties": "is empty",
        "uniqueItems": "names something twice",
    }
    return texts.get(kind.name, f"breaks '{kind.name}'")
