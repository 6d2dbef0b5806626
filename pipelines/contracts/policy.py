"""A rule of the city as plain values: what holds, from when until when, and on what basis."""

from dataclasses import dataclass

BASIS_KINDS = ("law", "standard", "local practice", "example")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a value rests on: one of BASIS_KINDS, the document, and the ISO day that came into force (or empty)."""

    kind: str
    ref: str
    effective: str = ""


@dataclass(frozen=True, slots=True)
class PolicyItem:
    """One value of a policy: a number, or a text where `value` is None."""

    name: str
    value: float | None
    text: str
    unit: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """The values in force from `effective` up to, not including, `until` (ISO dates; `until` empty: still in force)."""

    effective: str
    until: str
    items: tuple[PolicyItem, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A named rule of the city in its versions, oldest first."""

    name: str
    versions: tuple[PolicyVersion, ...]
