"""Cells of a workbook as the text a person sees: numbers to Excel's 15 digits, dates in ISO, logical values in capitals."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Cell = str | float | int | bool | date | datetime | time | timedelta
_EXACT = 1e15  # from here on a number may have lost digits
_LONGEST = 16  # characters of what is surely within 15 digits
_ROUNDED_MS = 2


def to_texts(column: Sequence[Cell]) -> pa.StringArray:
    """Return the texts of a column; a blank cell is NULL."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return _without_blanks(pa.array(column, pa.string()))
    if kinds <= {float, int, str} and bool not in kinds:
        numbers = [None if cell == "" else cell for cell in column]
        if str not in set(map(type, numbers)):
            return _number_texts(pa.array(numbers, pa.float64()))
    return pa.array([text_of(cell) for cell in column], pa.string())


def text_of(cell: Cell) -> str | None:
    """Return one cell's text, None for a blank one.

    >>> [text_of(cell) for cell in ("", 5.0, 0.30000000000000004, 1.2345678901234568e17, True, datetime(2026, 7, 1, 8))]
    [None, '5', '0.3', '1.23456789012346E+17', 'TRUE', '2026-07-01 08:00:00']
    """
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float | int):
        return _number_text(float(cell))
    if isinstance(cell, timedelta):
        return _span_text(cell)
    return str(_rounded(cell)) if isinstance(cell, datetime) else str(cell)


def _without_blanks(texts: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pc.equal(pc.binary_length(texts), 0), None, texts)


def _number_texts(numbers: pa.DoubleArray) -> pa.StringArray:
    values = numbers.to_numpy(zero_copy_only=False)
    whole = np.isnan(values) | ((np.abs(values) < _EXACT) & (values == np.floor(values)))
    if whole.all():
        return numbers.cast(pa.int64()).cast(pa.string())
    return pa.array([None if value is None else _number_text(value) for value in numbers.to_pylist()], pa.string())


def _number_text(value: float) -> str:
    if abs(value) >= _EXACT:
        mantissa, _, exponent = f"{value:.14E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    text = repr(value)
    if text.endswith(".0"):
        return text[:-2]
    return text if len(text) <= _LONGEST and "e" not in text else f"{value:.15g}"


def _span_text(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _rounded(moment: datetime) -> datetime:
    """A moment without the noise of being kept as a fraction of a day."""
    off = moment.microsecond
    if 0 < off <= _ROUNDED_MS * 1000:
        return moment.replace(microsecond=0)
    if off >= 1_000_000 - _ROUNDED_MS * 1000:
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    return moment
