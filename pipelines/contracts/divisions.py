"""What became of a division that ended: `schemas/_shared/division_successors.csv`, beside the code list `divisions`.

A code alone does not tell: 350205 was 杏林区 and is 海沧区. A successor is therefore named for a code *and* the day it ended.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.basis import is_date
from pipelines.contracts.codelists import FOLDER, load_code_list
from pipelines.contracts.hints import listed
from pipelines.contracts.policy import BASIS_KINDS, Basis
from pipelines.errors import ContractError, Problem

LIST = "divisions"
FILE = "division_successors"
_HEADER = ["code", "valid_to", "successor_code", "basis_kind", "basis_ref"]
_RULE = "division-successor"
_Rows = Sequence[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Successor:
    """The division that took over what `code` meant until `valid_to` (ISO date, not included)."""

    code: str
    valid_to: str
    successor_code: str
    basis: Basis


def load_successors(schemas: Path) -> tuple[Successor, ...]:
    """Return the successors of a city's former divisions, none without the file; ContractError with every problem."""
    path = schemas / FOLDER / f"{FILE}.csv"
    file = f"{schemas.name}/{FOLDER}/{FILE}.csv"
    if not path.is_file():
        return ()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(file, None, _RULE, f"byte {error.start} is not UTF-8.", "save the file as UTF-8.")
        raise ContractError([problem]) from None
    rows, problems = _read(text, file, load_code_list(schemas, LIST).rows)
    if problems:
        raise ContractError(problems)
    return tuple(Successor(code, until, to, Basis(kind, ref)) for code, until, to, kind, ref in rows)


def _read(text: str, file: str, divisions: _Rows) -> tuple[list[list[str]], list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if header != _HEADER:
        hint = f"write {','.join(_HEADER)}."
        return [], [Problem(file, 1, _RULE, f"the header is '{','.join(header)}'.", hint)]
    rows: list[list[str]] = []
    problems: list[Problem] = []
    for fields in reader:
        if not fields:
            continue
        told = list(_faults(fields, rows, divisions))
        problems += [Problem(file, reader.line_num, _RULE, f"{message}.", hint) for message, hint in told]
        if not told:
            rows.append(fields)
    return rows, problems


def _faults(fields: list[str], before: list[list[str]], divisions: _Rows) -> Iterator[tuple[str, str]]:
    if len(fields) != len(_HEADER):
        yield f"has {len(fields)} fields, not {len(_HEADER)}", ""
        return
    code, until, to, kind, ref = fields
    ends = [ended for known, _, _, ended in divisions if known == code and ended]
    if not is_date(until):
        yield f"valid_to '{until}' is not a date", "write YYYY-MM-DD."
    elif until not in ends:
        yield f"no division {code} ends on {until}", listed(ends) if ends else f"see {LIST}.csv."
    elif not _is_valid(to, until, divisions):
        yield f"successor '{to}' is no division of {until}", f"name a code that {LIST}.csv has on that day."
    if [code, until] in [row[:2] for row in before]:
        yield f"the successor of {code} until {until} is there twice", ""
    if kind not in BASIS_KINDS:
        yield f"basis_kind '{kind}' is not known", listed(BASIS_KINDS)
    if not ref.strip():
        yield "basis_ref is empty", "name the document, or say why it is an example."


def _is_valid(code: str, day: str, divisions: _Rows) -> bool:
    return any(known == code and start <= day and (not end or day < end) for known, _, start, end in divisions)
