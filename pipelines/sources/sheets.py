"""Small workbooks and tables as rows of text: dictionaries, signed copies. Deliveries go through `formats/`."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine as calamine

from pipelines.sources.encoding import GB18030
from pipelines.sources.faults import refusal
from pipelines.sources.header import DELIMITERS

_MOST_BYTES = 20 << 20
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class SheetText:
    """A sheet's rows as trimmed text, blank ones too; `first_row` is the number of the first in the file.

    A CSV file is one sheet without a name.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    first_row: int = 1


def read_sheets(path: Path) -> list[SheetText]:
    """Return the sheets of a workbook (XLSX, XLS, ODS), or a CSV file (UTF-8, GB18030) as one; SourceError otherwise."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _MOST_BYTES else b""
    except OSError as error:
        raise refusal(str(path), "unreadable", f"the file cannot be read: {error.strerror}.") from error
    if size > _MOST_BYTES:
        raise refusal(str(path), "table-size", f"the file has {size >> 20} MB, {_MOST_BYTES >> 20} at most are read.")
    return _workbook(data, path) if data.startswith(_WORKBOOKS) else [_table(data, path)]


def _workbook(data: bytes, path: Path) -> list[SheetText]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = []
        for meta in book.sheets_metadata:
            if meta.typ == calamine.SheetTypeEnum.WorkSheet and meta.visible == calamine.SheetVisibleEnum.Visible:
                rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
                found.append(SheetText(meta.name, tuple(tuple(map(_text, row)) for row in rows)))
    except calamine.PasswordError as error:
        hint = "save it without a password"
        raise refusal(str(path), "workbook", "the workbook is locked with a password.", hint) from error
    except calamine.CalamineError as error:
        hint = "open it in Excel or WPS and save it anew as XLSX"
        raise refusal(str(path), "workbook", "this is no whole workbook.", hint) from error
    return found


def _text(value: object) -> str:
    """A cell as people read it: whole numbers without a fraction, times in ISO."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date | datetime | time | timedelta):
        return str(value)
    return str(value if value is not None else "").strip()


def _table(data: bytes, path: Path) -> SheetText:
    text = _decoded(data, path)
    first = max(text.splitlines()[:20], key=len, default="")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise refusal(str(path), "unreadable", f"this is no table: {error}.") from error
    return SheetText("", rows)


def _decoded(data: bytes, path: Path) -> str:
    for codec in ("utf-8-sig", GB18030):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise refusal(str(path), "encoding", "neither UTF-8 nor GB18030.", "save it as XLSX, or as CSV in UTF-8")
