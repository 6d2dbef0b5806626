"""From what a department wrote to a typed value, in SQL: trims, null markers, number and date forms. NULL = not readable."""

from pipelines.contracts.model import Column
from pipelines.derive.types import duckdb_type, family, is_geometry
from pipelines.names import literal

_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
_BLANKS = " \t\u00a0\u3000"
_TRUE = ("是", "true", "True", "TRUE", "1", "Y", "y", "yes", "有", "√")
_FALSE = ("否", "false", "False", "FALSE", "0", "N", "n", "no", "无", "×")
# Excel's day 60 is a 29 February 1900 that never was: serials below 61 are off by one, and no delivery is that old.
_SERIAL = "BETWEEN 61 AND 2958465.99999"


def cleaned(column: Column, raw: str, source_type: str = "VARCHAR") -> str:
    """Return SQL for the delivered text without blanks and null markers: NULL means 'nothing was delivered'."""
    text = raw if family(source_type) == "text" else f"CAST({raw} AS VARCHAR)"
    if column.full_width:
        text = f"translate({text}, {literal(_FULL)}, {literal(_HALF)})"
    if column.trim:
        text = f"trim({text}, {literal(_BLANKS)})"
    if column.nulls:
        markers = ", ".join(literal(marker) for marker in ("", *column.nulls))
        return f"CASE WHEN {text} NOT IN ({markers}) THEN {text} END"
    return f"nullif({text}, '')"


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
            return _integer(_plain_number(column, text))
        case "number":
            return _number(column, _plain_number(column, text))
        case "boolean":
            return _boolean(column, text)
        case "date":
            return _date(column, text)
        case "timestamp":
            return _zoned(_timestamp(column, text), zone)
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


def _integer(text: str) -> str:
    # A plain cast would round '1.5' to 2, read '0x1F' as 31 and '1_000' as 1000.
    same = f"TRY_CAST({text} AS DOUBLE) = TRY_CAST({text} AS BIGINT)"
    return f"CASE WHEN {same} AND NOT contains({text}, '_') THEN TRY_CAST({text} AS BIGINT) END"


def _number(column: Column, text: str) -> str:
    target = duckdb_type(column)
    if target == "DOUBLE":
        return f"CASE WHEN isfinite(TRY_CAST({text} AS DOUBLE)) AND NOT contains({text}, '_') THEN TRY_CAST({text} AS DOUBLE) END"
    return f"CASE WHEN TRY_CAST({text} AS DECIMAL(38,12)) = TRY_CAST({text} AS {target}) THEN TRY_CAST({text} AS {target}) END"


def _boolean(column: Column, text: str) -> str:
    yes = ", ".join(literal(value) for value in column.true_values or _TRUE)
    no = ", ".join(literal(value) for value in column.false_values or _FALSE)
    return f"CASE WHEN {text} IN ({yes}) THEN true WHEN {text} IN ({no}) THEN false END"


def _strptime(formats: tuple[str, ...], text: str) -> str:
    wanted = ", ".join(literal(pattern) for pattern in formats)
    return f"try_strptime({text}, [{wanted}])"


def _iso_timestamp(text: str) -> str:
    # 'infinity' and 'epoch' do not begin with a digit; 24:00 would silently become the next day.
    sane = f"{text} >= '0' AND {text} < ':' AND NOT contains({text}, ' 24:') AND NOT contains({text}, 'T24:')"
    return f"CASE WHEN {sane} THEN TRY_CAST({text} AS TIMESTAMP) END"


def _timestamp(column: Column, text: str) -> str:
    moment = _strptime(column.formats, text) if column.formats else _iso_timestamp(text)
    if not column.serial:
        return moment
    days = f"TRY_CAST({text} AS DOUBLE)"
    from_serial = f"TIMESTAMP '1899-12-30' + to_seconds(round({days} * 86400))"
    return f"coalesce({moment}, CASE WHEN {days} {_SERIAL} THEN {from_serial} END)"


def _date(column: Column, text: str) -> str:
    return f"CAST({_timestamp(column, text)} AS DATE)"


def _zoned(moment: str, zone: str) -> str:
    return f"({moment}) AT TIME ZONE {literal(zone)}"


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
