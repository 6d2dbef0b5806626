"""Read a YAML file strictly and remember on which line everything stands. Knows nothing of contracts.

YAML 1.1 guesses are refused rather than followed: `0123` is octal, `12:30` is 750 and `no` is false for one tool and
text for another, so whoever means text quotes it. Dates stay the text they are.
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import Problem

Place = tuple[str | int, ...]

_MAX_DEPTH = 60
_MAX_NODES = 200_000
_SURELY_SHALLOW = 2_000
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"^-?(0|[1-9]\d{0,37})$")
_FLOAT = re.compile(r"^-?\d+(\.\d*)?([eE][+-]?\d+)?$")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: `data` as JSON would hold it, `lines` from the place of every value to its line (from 1).

    `doubtful` are the places of values that YAML readers disagree on; they are told already.
    """

    file: str
    text: str
    data: Any
    lines: dict[Place, int]
    doubtful: frozenset[Place] = frozenset()

    @property
    def digest(self) -> str:
        """sha256 of the canonical JSON of the content: comments, order of keys and layout do not count."""
        return canonical_digest(self.data)

    def line(self, place: Place) -> int:
        """Line of a value, or of the nearest thing that holds it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def canonical_digest(data: Any) -> str:
    """Return the sha256 of data as canonical JSON.

    >>> canonical_digest({"b": 1, "a": 2}) == canonical_digest({"a": 2, "b": 1})
    True
    """
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_document(path: Path, file: str) -> tuple[Document | None, list[Problem]]:
    """Return a YAML file's document (None when it is not a mapping at all) and every problem of its syntax.

    `file` is the name that problems carry.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return None, [Problem(file, line, "yaml", f"byte {error.start} is not UTF-8.", "save the file as UTF-8.")]
    except OSError as error:
        return None, [Problem(file, None, "yaml", f"cannot be read: {error.strerror or error}.")]
    return parse_document(text, file)


def parse_document(text: str, file: str) -> tuple[Document | None, list[Problem]]:
    """Return the document in a YAML text (None when it is not a mapping at all) and every problem of its syntax."""
    try:
        if _nests_too_deeply(text):
            return None, [Problem(file, 1, "yaml", f"nested more than {_MAX_DEPTH} levels deep.")]
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark, told = error.problem_mark, " ".join(part for part in (error.context, error.problem) if part)
        return None, [Problem(file, mark.line + 1 if mark else 1, "yaml", f"not YAML: {told}.")]
    except yaml.YAMLError as error:
        return None, [Problem(file, None, "yaml", f"not YAML: {getattr(error, 'reason', None) or error}.")]
    reading = _Reading(file)
    data = reading.value(root, ()) if root is not None else None
    if not isinstance(data, dict) and not reading.problems:
        reading.tell(root, "yaml", "the file holds no mapping of keys to values")
    if not isinstance(data, dict):
        return None, reading.problems
    return Document(file, text, data, reading.lines, frozenset(reading.doubtful)), reading.problems


def _nests_too_deeply(text: str) -> bool:
    """Whether a text opens more levels than are read: composing very many exhausts the C stack and ends the process."""
    if sum(text.count(mark) for mark in "[{-?") <= _SURELY_SHALLOW:
        return False
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            depth += 1
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            return True
    return False


@dataclass(slots=True)
class _Reading:
    """Turns composed nodes into plain values, collecting lines and problems on the way."""

    file: str
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubtful: list[Place] = field(default_factory=list)
    _too_big: bool = False

    def tell(self, node: yaml.Node | None, rule: str, message: str, hint: str = "") -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.problems.append(Problem(self.file, line, rule, f"{message}.", hint))

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > _MAX_DEPTH or len(self.lines) > _MAX_NODES:
            return self._refuse_size(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _refuse_size(self, node: yaml.Node) -> None:
        if not self._too_big:
            self.tell(node, "yaml", f"more than {_MAX_DEPTH} levels or {_MAX_NODES} values (an alias within itself?)")
        self._too_big = True

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            at = (*place, key)
            if key in result:
                self.tell(key_node, "duplicate-key", f"key '{key}' is given twice (first on line {self.lines[at]})")
                continue
            self.lines[at] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, at)
        return result

    def _key(self, node: yaml.Node) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.tell(node, "yaml", "a key must be plain text")
            return None
        if node.value == "<<":
            self.tell(node, "yaml", "merge keys (<<) are not read", "write the keys out.")
            return None
        return str(node.value)

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        text = str(node.value)
        kind = node.tag.removeprefix(_TAG)
        if kind in ("str", "timestamp", "value"):
            return self._text(node, text)
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind == "int" and _INTEGER.match(text):
            return int(text)
        if kind == "float" and _FLOAT.match(text) and math.isfinite(float(text)):
            return float(text)
        self.doubtful.append(place)
        if kind in ("bool", "int", "float"):
            self.tell(
                node, "yaml-ambiguous", f"'{text}' means different things to different readers", _hint(kind, text)
            )
        else:
            self.tell(node, "yaml", f"tag '{node.tag}' is not read", "write plain values.")
        return text

    def _text(self, node: yaml.Node, text: str) -> str:
        if "\0" in text:
            self.tell(node, "yaml", "a text holds a NUL character")
        return text


def _hint(kind: str, text: str) -> str:
    if kind == "bool":
        return f'write true or false, or quote it: "{text}".'
    return f'write a plain decimal number, or quote it: "{text}".'
