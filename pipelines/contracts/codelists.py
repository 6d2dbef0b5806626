"""Code lists: `schemas/_shared/<name>.csv` with `code,name,valid_from,valid_to`, UTF-8.

Dates are ISO or empty (not known, or still valid). A code is valid from `valid_from` up to, not including, `valid_to`.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.contracts.document import canonical_digest
from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import CodeList
from pipelines.errors import ContractError, Problem

FOLDER = "_shared"
# Files beside the code lists that are none.
_OTHERS = ("calendar", "division_successors")
_HEADER = ["code", "name", "valid_from", "valid_to"]
_RULE = "code-list"


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    code: str
    name: str
    valid_from: str
    valid_to: str

    def overlaps(self, other: "_Row") -> bool:
        ends = (self.valid_to or "9999-12-31", other.valid_to or "9999-12-31")
        return self.valid_from < ends[1] and other.valid_from < ends[0]


def load_code_list(schemas: Path, name: str) -> CodeList:
    """Return a code list; ContractError with every problem when it is missing or not sound."""
    path = schemas / FOLDER / f"{name}.csv"
    file = f"{schemas.name}/{FOLDER}/{name}.csv"
    if not path.is_file():
        known = code_list_names(schemas)
        raise ContractError([Problem(file, None, _RULE, f"there is no code list '{name}'.", use(closest(name, known)))])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(file, None, _RULE, f"byte {error.start} is not UTF-8.", "save the file as UTF-8.")
        raise ContractError([problem]) from None
    rows, problems = _read(text, file)
    problems += _overlaps(rows, file)
    if problems:
        raise ContractError(problems)
    values = tuple((row.code, row.name, row.valid_from, row.valid_to) for row in rows)
    return CodeList(name, name, canonical_digest(values), values)


def code_list_names(schemas: Path) -> list[str]:
    """Return the names of all code lists of a city, sorted; the calendar and the successors of divisions are none."""
    return sorted(path.stem for path in (schemas / FOLDER).glob("*.csv") if path.stem not in _OTHERS)


def _read(text: str, file: str) -> tuple[list[_Row], list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[_Row] = []
    problems: list[Problem] = []
    try:
        header = next(reader, [])
        if header != _HEADER:
            hint = f"write {','.join(_HEADER)}."
            return [], [Problem(file, 1, _RULE, f"the header is '{','.join(header)}'.", hint)]
        for fields in reader:
            if not fields:
                continue
            found = list(_row_problems(fields, file, reader.line_num))
            problems += found
            if not found:
                rows.append(_Row(reader.line_num, *fields))
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num, _RULE, f"not CSV: {error}."))
    if not rows and not problems:
        problems.append(Problem(file, 1, _RULE, "holds no code."))
    return rows, problems


def _row_problems(fields: list[str], file: str, line: int) -> Iterator[Problem]:
    if len(fields) != len(_HEADER):
        yield Problem(file, line, _RULE, f"has {len(fields)} fields, not {len(_HEADER)}.")
        return
    for key, value in zip(_HEADER, fields, strict=True):
        if value != value.strip():
            yield Problem(file, line, _RULE, f"{key} '{value}' begins or ends with a blank.")
    for key, value in zip(_HEADER[:2], fields[:2], strict=True):
        if not value.strip():
            yield Problem(file, line, _RULE, f"{key} is empty.")
    dates = {key: value for key, value in zip(_HEADER[2:], fields[2:], strict=True) if value}
    wrong = [key for key, value in dates.items() if not _is_date(value)]
    for key in wrong:
        yield Problem(file, line, _RULE, f"{key} '{dates[key]}' is not a date.", "write YYYY-MM-DD, or nothing.")
    if len(dates) == 2 and not wrong and fields[2] >= fields[3]:
        yield Problem(file, line, _RULE, f"code '{fields[0]}' ends on {fields[3]}, not after it begins on {fields[2]}.")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _overlaps(rows: list[_Row], file: str) -> Iterator[Problem]:
    seen: dict[str, list[_Row]] = {}
    for row in rows:
        for other in seen.get(row.code, []):
            if row.overlaps(other):
                message = f"code '{row.code}' is valid at the same time as on line {other.line}."
                yield Problem(file, row.line, _RULE, message, "end the earlier one with valid_to.")
        seen.setdefault(row.code, []).append(row)
