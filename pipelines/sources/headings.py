"""Headings as such, whatever file they stand in: how they are compared, named and found wanting."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

from pipelines.contracts.model import Contract
from pipelines.sources.relation import RESERVED

UNNAMED = "_unnamed_"
_SHOWN = 8
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u2060\0"))


def plain(heading: str) -> str:
    """Return a heading as names are compared: width, case and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", heading.translate(_INVISIBLE)).casefold().split())


def known_headings(contract: Contract) -> frozenset[str]:
    """Return every way the contract's columns may be headed, in `plain` form."""
    return frozenset(plain(name) for c in contract.columns for name in (c.name, c.title, *c.aliases) if name)


def named(fields: Sequence[str]) -> tuple[str, ...]:
    """Return headings as delivered, trimmed; a column without one is named after its place."""
    cleaned = (field.translate(_INVISIBLE).strip() for field in fields)
    return tuple(heading or f"{UNNAMED}{place}" for place, heading in enumerate(cleaned, 1))


def heading_problems(headings: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the headings themselves, each with a hint."""
    names = [heading.lower() for heading in headings]
    for heading in dict.fromkeys(h for h, name in zip(headings, names, strict=True) if names.count(name) > 1):
        yield f"the heading '{heading}' is there more than once.", "let the department rename or leave out one of them"
    for name in sorted(RESERVED.intersection(names)):
        yield f"the heading '{name}' is reserved.", "let the department rename it"


def misplaced(contract: Contract, headings: Sequence[str], hint: Callable[[], str]) -> Iterator[tuple[str, str]]:
    """Yield that these are no headings of the contract, if so; `hint` says where the headings may be instead."""
    known = known_headings(contract)
    if all(heading.startswith(UNNAMED) for heading in headings):
        yield "the headings' line is blank.", hint()
    elif known and not any(plain(heading) in known for heading in headings):
        shown = "" if contract.is_personal else ": " + ", ".join(f"'{h[:40]}'" for h in headings[:_SHOWN])
        yield f"none of the {len(headings)} headings is a column of the contract{shown}.", hint()
