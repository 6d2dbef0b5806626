"""The first lines of a delimited text: title lines, headings, delimiter, and where the records begin."""

import csv
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.sources.faults import refusal
from pipelines.sources.headings import heading_problems, known_headings, misplaced, named, plain
from pipelines.sources.landed import Landed

DELIMITERS = (",", ";", "\t", "|", "，")
_WINDOW = 4 << 20
_HEADER_LINES = 100
_SAMPLE_LINES = 50


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
    headings = named(fields)
    problems = list(_misplaced(contract, headings, texts, delimiter, quote)) or list(heading_problems(headings))
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


def _misplaced(
    contract: Contract, headings: tuple[str, ...], texts: list[str], delimiter: str, quote: str
) -> Iterator[tuple[str, str]]:
    hint = functools.partial(_better_row, contract, texts, delimiter, quote)
    yield from misplaced(contract, headings, hint)


def _better_row(contract: Contract, texts: list[str], delimiter: str, quote: str) -> str:
    """A hint: on which of the first lines the headings seem to be, if on another one."""
    known = known_headings(contract)
    for row, text in enumerate(texts[:20], 1):
        fields = [plain(field) for fields in _sound_rows([text], delimiter, quote) for field in fields]
        if row != contract.ingest.header_row and known.intersection(fields):
            return f"they seem to be on line {row}: `headerRow: {row}`"
    return "headings on another line: `headerRow`; a file without any: `headerRow: 0`"
