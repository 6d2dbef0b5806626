"""Cells of a workbook as the text a person sees: numbers to Excel's 15 digits, dates in ISO, logical values in capitals."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Cell = str | float | int | bool | date | datetime | time | timedelta
_EXACT = 1e15  # from here on a number may have lost digits
_DECIMAL = 1e-4  # below it Python and PyArrow disagree where decimals end and powers of ten begin
_LONGEST = 16  # characters of what is surely within 15 digits
_ROUNDED_MS = 2


def to_texts(column: Sequence[Cell]) -> pa.StringArray:
    """Return the texts of a column; a blank cell is NULL. Columns of one kind are turned without a Python text per cell."""
    kinds = set(map(type, column))
    if kinds == {str}:
        return _without_blanks(pa.array(column, pa.string()))
    given = column
    if str in kinds and len(kinds) == 2:
        given = [None if cell == "" else cell for cell in column]  # type: ignore[misc]
        kinds = set(map(type, given)) - {type(None)}
    if kinds <= {float, int}:
        return _number_texts(pa.array(given, pa.float64()))
    if kinds == {date}:
        return pa.array(given, pa.date32()).cast(pa.string())
    texts = _moment_texts(given, kinds) if kinds <= {date, datetime} else None
    return pa.array([text_of(cell) for cell in column], pa.string()) if texts is None else texts


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
    blank = pc.equal(pc.binary_length(texts), 0)
    return pc.if_else(blank, None, texts) if pc.any(blank).as_py() else texts


def _number_texts(numbers: pa.DoubleArray) -> pa.StringArray:
    values = numbers.to_numpy(zero_copy_only=False)
    whole = np.isnan(values) | ((np.abs(values) < _EXACT) & (values == np.floor(values)))
    if whole.all():
        return numbers.cast(pa.int64()).cast(pa.string())
    texts = numbers.cast(pa.string())
    small = pa.array((values != 0) & (np.abs(values) < _DECIMAL))
    odd = pc.or_(small, pc.or_(pc.greater(pc.binary_length(texts), _LONGEST), pc.match_substring(texts, "e")))
    if not pc.any(odd).as_py():
        return texts
    exact = [_number_text(value) if value is not None else None for value in numbers.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, pc.fill_null(odd, False), pa.array(exact, pa.string()))


def _moment_texts(cells: Sequence[Cell | None], kinds: set[type]) -> pa.StringArray | None:
    """The texts of days and of moments on full seconds, but for the noise of being kept as a fraction of a day; None
    when there are other moments."""
    only = cells if date not in kinds else [cell if type(cell) is datetime else None for cell in cells]
    moments = pa.array(only, pa.timestamp("us"))
    micros = pc.fill_null(moments.cast(pa.int64()), 0).to_numpy()
    seconds = (micros + 500_000) // 1_000_000
    if np.abs(micros - seconds * 1_000_000).max(initial=0) > _ROUNDED_MS * 1000:
        return None
    blank = np.asarray(moments.is_null())
    texts = pa.array(seconds, pa.int64(), mask=blank).cast(pa.timestamp("s")).cast(pa.string())
    if date not in kinds:
        return texts
    days = pa.array([cell if type(cell) is date else None for cell in cells], pa.date32())
    return pc.coalesce(texts, days.cast(pa.string()))


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
