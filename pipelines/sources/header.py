"""The first lines of a delimited text: title lines, headings, delimiter, and where the records begin."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.sources.faults import refusal
from pipelines.sources.landed import Landed
from pipelines.sources.relation import RESERVED

DELIMITERS = (",", ";", "\t", "|", "，")
_WINDOW = 4 << 20
_HEADER_LINES = 100
_SAMPLE_LINES = 50
_SHOWN = 8
_UNNAMED = "_unnamed_"
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u2060\0"))


@dataclass(frozen=True, slots=True)
class Head:
    """Where records begin: after `lines` physical lines (`blank` of them blank), at byte `end` of the readable file.

    `records` is how many records a reader that knows quotes sees in those lines; None when quotes are unbalanced there.
    """

    headings: tuple[str, ...]
    delimiter: str
    lines: int
    blank: int
    end: int
    records: int | None


def read_head(contract: Contract, landed: Landed) -> Head:
    """Return headings and delimiter of a landed text. SourceError: no such line, no heading known, or one twice."""
    quote = contract.ingest.quote if landed.counts.quotes else ""
    lines = _first_lines(landed)
    row = contract.ingest.header_row
    if row > len(lines):
        found = f"the headings belong on line {row}, but the file has {landed.counts.lines} lines"
        raise refusal(landed.file_name, "header", f"{found}.", "see `headerRow` in the contract")
    texts = [line.decode() for line in lines]
    delimiter = contract.ingest.delimiter or _sniffed(contract, texts[max(row - 1, 0) :], quote)
    if not row:
        return Head(tuple(column.name for column in contract.columns), delimiter, 0, 0, landed.bom, 0)
    fields, used = _header_record(landed, texts[row - 1 :], delimiter, quote, row)
    headings = _named(fields)
    problems = list(_misplaced(contract, headings, texts, delimiter, quote)) or list(_problems(headings))
    if problems:
        raise SourceError("\n".join(str(refusal(landed.file_name, "header", *problem, row)) for problem in problems))
    before = lines[: row - 1 + used]
    return Head(
        headings=headings,
        delimiter=delimiter,
        lines=len(before),
        blank=sum(not line.strip(b"\r\n") for line in before),
        end=landed.bom + sum(map(len, before)),
        records=_records(texts[: len(before)], delimiter, quote),
    )


def plain(heading: str) -> str:
    """Return a heading as names are compared: width, case and blanks do not matter."""
    return "".join(unicodedata.normalize("NFKC", heading.translate(_INVISIBLE)).casefold().split())


def known_headings(contract: Contract) -> frozenset[str]:
    """Return every way the contract's columns may be headed, in `plain` form."""
    return frozenset(plain(name) for c in contract.columns for name in (c.name, c.title, *c.aliases) if name)


def _first_lines(landed: Landed) -> list[bytes]:
    with landed.readable.open("rb") as file:
        file.seek(landed.bom)
        data = file.read(_WINDOW)
        whole = not file.read(1)
    lines = data.splitlines(keepends=True)
    if whole:
        return lines
    if len(lines) < 2:
        raise refusal(landed.file_name, "header", f"the first {_WINDOW >> 20} MB hold no line break.", line=1)
    return lines[:-1]


def _split(texts: Iterable[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    if not quote:
        return csv.reader(texts, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(texts, delimiter=delimiter, quotechar=quote, strict=True)


def _sniffed(contract: Contract, texts: list[str], quote: str) -> str:
    """The delimiter under which most headings are known, then the one that gives the most regular lines."""
    known = known_headings(contract)

    def fitness(delimiter: str) -> tuple[int, float, int]:
        rows = _sound_rows(texts[:_SAMPLE_LINES], delimiter, quote)
        if not rows or len(rows[0]) < 2:
            return 0, 0.0, 0
        matches = sum(plain(field) in known for field in rows[0])
        return matches, sum(len(row) == len(rows[0]) for row in rows) / len(rows), len(rows[0])

    return max(DELIMITERS, key=fitness)


def _sound_rows(texts: Iterable[str], delimiter: str, quote: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in _split(texts, delimiter, quote) if row)
    except csv.Error:
        return rows
    return rows


def _header_record(landed: Landed, texts: list[str], delimiter: str, quote: str, row: int) -> tuple[list[str], int]:
    """The headings as they are written, and how many physical lines they take."""
    lines = iter(texts[:_HEADER_LINES])
    try:
        fields = next(_split(lines, delimiter, quote), [])
    except csv.Error as error:
        raise refusal(landed.file_name, "header", "a quote in the headings is never closed.", line=row) from error
    return fields, min(len(texts), _HEADER_LINES) - sum(1 for _ in lines)


def _records(texts: list[str], delimiter: str, quote: str) -> int | None:
    if not quote or not any(quote in text for text in texts):
        return len(texts)
    try:
        return sum(1 for _ in _split(texts, delimiter, quote))
    except csv.Error:
        return None


def _named(fields: list[str]) -> tuple[str, ...]:
    """Headings as delivered, trimmed; a column without one is named after its place."""
    cleaned = (field.translate(_INVISIBLE).strip() for field in fields)
    return tuple(heading or f"{_UNNAMED}{place}" for place, heading in enumerate(cleaned, 1))


def _problems(headings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with the headings themselves, each with a hint."""
    names = [heading.lower() for heading in headings]
    for heading in dict.fromkeys(h for h, name in zip(headings, names, strict=True) if names.count(name) > 1):
        yield f"the heading '{heading}' is there more than once.", "let the department rename or leave out one of them"
    for name in sorted(RESERVED.intersection(names)):
        yield f"the heading '{name}' is reserved.", "let the department rename it"


def _misplaced(
    contract: Contract, headings: tuple[str, ...], texts: list[str], delimiter: str, quote: str
) -> Iterator[tuple[str, str]]:
    known = known_headings(contract)
    if all(heading.startswith(_UNNAMED) for heading in headings):
        yield "the headings' line is blank.", _better_row(contract, texts, delimiter, quote)
    elif known and not any(plain(heading) in known for heading in headings):
        shown = "" if contract.is_personal else ": " + ", ".join(f"'{h[:40]}'" for h in headings[:_SHOWN])
        found = f"none of the {len(headings)} headings is a column of the contract{shown}."
        yield found, _better_row(contract, texts, delimiter, quote)


def _better_row(contract: Contract, texts: list[str], delimiter: str, quote: str) -> str:
    """A hint: on which of the first lines the headings seem to be, if on another one."""
    known = known_headings(contract)
    for row, text in enumerate(texts[:20], 1):
        fields = [plain(field) for fields in _sound_rows([text], delimiter, quote) for field in fields]
        if row != contract.ingest.header_row and known.intersection(fields):
            return f"they seem to be on line {row}: `headerRow: {row}`"
    return "headings on another line: `headerRow`; a file without any: `headerRow: 0`"
