"""Which delivered heading feeds which column: by name, Chinese name or alias; what is missing, what nobody knows."""

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from pipelines.contracts.model import Column, Contract


@dataclass(frozen=True, slots=True)
class Mapping:
    """`sources`: column name → heading. `missing`: columns no heading feeds. `unknown`: heading → closest column, or ''."""

    sources: dict[str, str]
    missing: tuple[Column, ...]
    unknown: dict[str, str]
    doubled: tuple[tuple[str, str, str], ...] = ()


def plain(heading: str) -> str:
    """Return a heading as it is compared: one width, one case, no blanks.

    >>> plain(" 工单 编号（Ａ）")
    '工单编号(a)'
    """
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())


def accepted_headings(column: Column) -> tuple[str, ...]:
    """Return every heading that means this column, the Chinese name first."""
    return tuple(name for name in (column.title, column.name, *column.aliases) if name)


def map_headings(contract: Contract, headings: tuple[str, ...]) -> Mapping:
    """Return how delivered headings feed the contract's columns.

    >>> from pipelines.contracts.model import Ingest
    >>> c = Contract("a.t", "1.0.0", "active", "", "", "", "", "", "", "", (), (),
    ...     (Column("code", "string", title="区划代码", required=True),), Ingest())
    >>> m = map_headings(c, ("所属区域代码",)); m.sources, [x.name for x in m.missing], m.unknown
    ({}, ['code'], {'所属区域代码': 'code'})
    """
    wanted = {plain(name): column.name for column in contract.columns for name in accepted_headings(column)}
    sources: dict[str, str] = {}
    doubled: list[tuple[str, str, str]] = []
    unknown: list[str] = []
    for heading in headings:
        column = wanted.get(plain(heading))
        if column is None:
            unknown.append(heading)
        elif column in sources:
            doubled.append((column, sources[column], heading))
        else:
            sources[column] = heading
    missing = tuple(column for column in contract.columns if column.name not in sources)
    return Mapping(sources, missing, {heading: _closest(heading, wanted) for heading in unknown}, tuple(doubled))


def closest_heading(column: Column, candidates: tuple[str, ...]) -> str:
    """Return the delivered heading most like any accepted heading of a column, or ''."""
    best = ""
    score = 0.0
    for name in accepted_headings(column):
        for heading in get_close_matches(plain(name), [plain(c) for c in candidates], n=1, cutoff=0.3):
            ratio = _ratio(plain(name), heading)
            if ratio > score:
                best, score = next(c for c in candidates if plain(c) == heading), ratio
    return best


def _ratio(left: str, right: str) -> float:
    shared = len(set(left) & set(right))
    return shared / max(len(set(left) | set(right)), 1)


def _closest(heading: str, wanted: dict[str, str]) -> str:
    found = get_close_matches(plain(heading), list(wanted), n=1, cutoff=0.3)
    return wanted[found[0]] if found else ""
