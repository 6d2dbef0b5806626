"""From what a department wrote to a typed value, in SQL: trims, null markers, number and date forms. NULL = not readable."""

import re
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from pipelines.contracts.model import Column
from pipelines.derive.types import duckdb_type, family, is_geometry
from pipelines.names import literal

_TRUE = ("是", "true", "True", "TRUE", "1", "Y", "y", "yes", "有", "√")
_FALSE = ("否", "false", "False", "FALSE", "0", "N", "n", "no", "无", "×")
_USUAL = "%Y-%m-%d %H:%M:%S"
# The years in which a zone must keep one offset for plain arithmetic to replace the calendar.
_STEADY = (1992, 2037)


def cleaned(column: Column, raw: str, source_type: str = "VARCHAR", *, rare_blanks: bool = True) -> str:
    """Return SQL for the delivered text without blanks and null markers: NULL means 'nothing was delivered'.

    Without `rare_blanks` only plain spaces are looked for.
    """
    text = raw if family(source_type) == "text" else f"CAST({raw} AS VARCHAR)"
    if column.full_width:
        text = f"rongtong_half_width({text})"
    trim = "rongtong_trim" if rare_blanks else "rongtong_trim_spaces"
    text = f"{trim}({text})" if column.trim else f"nullif({text}, '')"
    if column.nulls:
        markers = ", ".join(literal(marker) for marker in column.nulls)
        return f"CASE WHEN {text} NOT IN ({markers}) THEN {text} END"
    return text


def typed(column: Column, text: str, zone: str, raw: str = "", source_type: str = "VARCHAR") -> str:
    """Return SQL for the typed value of cleaned `text`; a delivered column that already has a type is cast from `raw`."""
    if raw and family(source_type) not in ("text", "other"):
        native = _from_native(column, raw, family(source_type), zone)
        if native:
            return native
    if is_geometry(column):
        return f"TRY(ST_GeomFromGeoJSON({text}))"
    match column.type:
        case "integer":
            return f"rongtong_integer({_plain_number(column, text)})"
        case "number":
            return _number(column, _plain_number(column, text))
        case "boolean":
            return _boolean(column, text)
        case "date":
            return _or_instant(column, text, _date(column, text), f"CAST({{}} AT TIME ZONE {literal(zone)} AS DATE)")
        case "timestamp":
            return _or_instant(column, text, _zoned(_timestamp(column, text), zone), "{}")
        case "time":
            return f"TRY_CAST({text} AS TIME)"
        case _:
            return text


def _plain_number(column: Column, text: str) -> str:
    if column.thousands:
        text = f"replace({text}, {literal(column.thousands)}, '')"
    if column.decimal != ".":
        text = f"replace({text}, {literal(column.decimal)}, '.')"
    return text


def _number(column: Column, text: str) -> str:
    target = duckdb_type(column)
    if target == "DOUBLE":
        return f"rongtong_number({text})"
    same = f"TRY_CAST({text} AS DECIMAL(38,12)) = TRY_CAST({text} AS {target})"
    return f"CASE WHEN {same} THEN TRY_CAST({text} AS {target}) END"


def _boolean(column: Column, text: str) -> str:
    yes = ", ".join(literal(value) for value in column.true_values or _TRUE)
    no = ", ".join(literal(value) for value in column.false_values or _FALSE)
    return f"CASE WHEN {text} IN ({yes}) THEN true WHEN {text} IN ({no}) THEN false END"


def _timestamp(column: Column, text: str) -> str:
    """SQL for the moment as written, without a zone: by the contract's patterns, else ISO; then as an Excel serial."""
    if not column.formats and not column.serial:
        return f"rongtong_iso({text})"
    ways = []
    if column.formats:
        wanted = ", ".join(literal(pattern) for pattern in column.formats)
        ways.append(f"try_strptime({text}, [{wanted}])")
    if column.serial:
        ways.append(f"rongtong_serial({text})")
    other = f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]
    if not column.formats:
        return f"coalesce(rongtong_iso({text}), {other})"
    if not _usual_form_alone(column.formats):
        return other
    # Casting the usual form is three times as fast as trying patterns.
    return f"CASE WHEN rongtong_is_usual({text}) THEN TRY_CAST({text} AS TIMESTAMP) ELSE {other} END"


def _usual_form_alone(formats: tuple[str, ...]) -> bool:
    """Whether the usual form is among the formats and no other of them could read a text of its shape.

    >>> _usual_form_alone(("%Y-%m-%d %H:%M:%S", "%Y/%m/%d")), _usual_form_alone(("%Y-%d-%m %H:%M:%S", "%Y-%m-%d %H:%M:%S"))
    (True, False)
    """
    alike = [pattern for pattern in formats if re.sub("%-?.", "", pattern) == "-- ::"]
    return alike == [_USUAL]


def _date(column: Column, text: str) -> str:
    return f"CAST({_timestamp(column, text)} AS DATE)"


def _or_instant(column: Column, text: str, local: str, of_instant: str) -> str:
    """SQL for a time that may name its own zone, as only longer texts than '2026-01-31 08:30:00' can; formats never do."""
    if column.formats:
        return local
    instant = of_instant.format(f"rongtong_instant({text})")
    return f"CASE WHEN strlen({text}) > 19 THEN coalesce({instant}, {local}) ELSE {local} END"


def _zoned(moment: str, zone: str) -> str:
    offset = _steady_offset(zone)
    if offset is None:
        return f"({moment}) AT TIME ZONE {literal(zone)}"
    return f"rongtong_at({moment}, {offset}, {literal(zone)})"


@cache
def _steady_offset(zone: str) -> int | None:
    """Microseconds a zone is ahead of UTC when that never changes in the years of _STEADY, else None."""
    info = ZoneInfo(zone)
    months = (
        datetime(year, month, 1, tzinfo=info) for year in range(_STEADY[0], _STEADY[1] + 1) for month in range(1, 13)
    )
    offsets = {moment.utcoffset() for moment in months}
    only = offsets.pop()
    return None if offsets or only is None else int(only.total_seconds() * 1_000_000)


def _from_native(column: Column, raw: str, source: str, zone: str) -> str:
    match (column.type, source):
        case ("integer", "number"):
            return f"CASE WHEN {raw} = trunc({raw}) THEN TRY_CAST({raw} AS BIGINT) END"
        case ("number", "number"):
            return f"CASE WHEN isfinite(CAST({raw} AS DOUBLE)) THEN TRY_CAST({raw} AS {duckdb_type(column)}) END"
        case ("boolean", "boolean") | ("timestamp", "timestamptz"):
            return raw
        case ("timestamp", "timestamp"):
            return f"{raw} AT TIME ZONE {literal(zone)}"
        case ("timestamp", "date"):
            return f"CAST({raw} AS TIMESTAMP) AT TIME ZONE {literal(zone)}"
        case ("date", "date" | "timestamp"):
            return f"CAST({raw} AS DATE)"
        case ("date", "timestamptz"):
            return f"CAST({raw} AT TIME ZONE {literal(zone)} AS DATE)"
        case _:
            return ""
