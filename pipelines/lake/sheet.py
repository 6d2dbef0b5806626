"""A query's result as a workbook: texts stay texts, whatever they look like; nothing in it is a formula or a link."""

import json
import math
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.lake.connection import Connection
from pipelines.workbook import Workbook, new_workbook

_ROWS, _COLUMNS, _LONGEST = 1_048_576, 16_384, 32_767
_EXACT = 10**15  # Excel keeps fifteen digits of a number
_FIRST_DAY = date(1900, 3, 1)  # before it Excel counts a day that never was
_PART = 10_000
_WIDTHS = (10, 40)
_NAME = "Sheet1"
_FORMS = {"text": "@", "day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss", "time": "hh:mm:ss"}


def write_workbook(con: Connection, body: str, out: Path) -> int:
    """Write a query's result to an XLSX file, and return how many texts were cut at Excel's 32,767 characters.

    Numbers of more than fifteen digits become texts, timestamps lose their zone (they are in the session's). UsageError
    when there are more rows or columns than a sheet has; then nothing is written.
    """
    cursor = con.execute(body)
    names = [str(entry[0]) for entry in cursor.description or ()]
    if len(names) > _COLUMNS:
        raise _too_much(f"{len(names)} columns")
    with new_workbook(out) as book:
        sheet = _Sheet(book, names)
        while part := cursor.fetchmany(_PART):
            sheet.take(part)
        sheet.finish()
    return sheet.cut


class _Sheet:
    """One sheet: a heading, then rows; nothing written is taken back, so memory stays flat."""

    def __init__(self, book: Workbook, names: Sequence[str]) -> None:
        self._sheet, self._looks = book.bare_sheet(_NAME, _FORMS)
        self._names, self._row, self.cut = names, 1, 0
        for place, name in enumerate(names):
            self._sheet.set_column(place, place, min(max(2 * len(name), _WIDTHS[0]), _WIDTHS[1]))
            self._sheet.write_string(0, place, name, self._looks["head"])
        self._sheet.freeze_panes(1, 0)

    def take(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows."""
        if self._row + len(rows) > _ROWS:
            raise _too_much(f"more than {_ROWS - 1:,} rows")
        for row in rows:
            for place, value in enumerate(row):
                if value is not None:
                    self._write(place, value)
            self._row += 1

    def finish(self) -> None:
        """Let people filter."""
        if self._names:
            self._sheet.autofilter(0, 0, self._row - 1, len(self._names) - 1)

    def _write(self, place: int, value: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._row, place, value)
        elif isinstance(value, int | float | Decimal) and _is_exact(value):
            self._sheet.write_number(self._row, place, value)
        elif isinstance(value, date) and date(value.year, value.month, value.day) >= _FIRST_DAY:
            naive, look = (value.replace(tzinfo=None), "moment") if isinstance(value, datetime) else (value, "day")
            self._sheet.write_datetime(self._row, place, naive, self._looks[look])
        elif isinstance(value, time) and value.tzinfo is None:
            self._sheet.write_datetime(self._row, place, value, self._looks["time"])
        else:
            self._write_text(place, _spelled(value))

    def _write_text(self, place: int, text: str) -> None:
        if len(text) > _LONGEST:
            text, self.cut = text[: _LONGEST - 1] + "…", self.cut + 1
        self._sheet.write_string(self._row, place, text, self._looks["text"])


def _is_exact(value: Any) -> bool:
    """Whether Excel shows the number as it is: finite, and a whole or decimal number of at most fifteen digits."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.as_tuple().digits) <= 15
    return -_EXACT < value < _EXACT if isinstance(value, int) else False


def _spelled(value: Any) -> str:
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.hex() if isinstance(value, bytes) else str(value)


def _too_much(what: str) -> UsageError:
    return UsageError(
        f"[format] the result has {what}, a sheet has no more. Hint: --format csv or parquet, or ask for less."
    )
