"""The small words of the reading SQL, as temporary macros of the writing connection: so that a log shows what is meant."""

from pipelines.names import literal

# RFC 3339, its offset with or without colon or minutes; no leap seconds, and 24:00 is no hour.
INSTANT = r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
_HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
_BLANKS = " \t\u00a0\u3000"
# Every ASCII blank sorts below '!', so does the empty text. Trimming costs five times the look whether there is
# anything to trim, and there nearly never is.
_BLANK_IN_FRONT_OR_BEHIND = " OR ".join(
    [
        "x < '!'",
        *(f"suffix(x, {literal(b)})" for b in _BLANKS),
        *(f"prefix(x, {literal(b)})" for b in _BLANKS if b > "!"),
    ]
)

MACROS = {
    "rongtong_half_width(x)": f"translate(x, {literal(_FULL)}, {literal(_HALF)})",
    "rongtong_trim(x)": f"CASE WHEN {_BLANK_IN_FRONT_OR_BEHIND} THEN nullif(trim(x, {literal(_BLANKS)}), '') ELSE x END",
    "rongtong_trim_spaces(x)": "CASE WHEN x < '!' OR suffix(x, ' ') THEN nullif(trim(x, ' '), '') ELSE x END",
    # A plain cast would round '1.5' to 2, read '0x1F' as 31 and '1_000' as 1000.
    "rongtong_integer(x)": "CASE WHEN TRY_CAST(x AS DOUBLE) = TRY_CAST(x AS BIGINT) AND NOT contains(x, '_') THEN TRY_CAST(x AS BIGINT) END",
    "rongtong_number(x)": "CASE WHEN isfinite(TRY_CAST(x AS DOUBLE)) AND NOT contains(x, '_') THEN TRY_CAST(x AS DOUBLE) END",
    # 'infinity' and 'epoch' do not begin with a digit; 24:00 would silently become the next day.
    # A time that names its own zone is no time of the contract's zone: rongtong_instant reads it.
    "rongtong_iso(x)": (
        "CASE WHEN x >= '0' AND x < ':' AND NOT contains(x, ' 24:') AND NOT contains(x, 'T24:') AND NOT contains(x, 'Z')"
        " AND NOT contains(x, '+') AND length(x) - length(replace(x, '-', '')) <= 2 THEN TRY_CAST(x AS TIMESTAMP) END"
    ),
    "rongtong_instant(x)": f"CASE WHEN regexp_full_match(x, {literal(INSTANT)}) THEN TRY_CAST(x AS TIMESTAMPTZ) END",
    # The shape of '2026-01-31 08:30:00', and nothing the cast would be lenient about.
    "rongtong_is_usual(x)": (
        "x LIKE '____-__-__ __:__:__' AND NOT contains(x, 'T') AND NOT contains(x, 'Z') AND NOT contains(x, '.')"
        " AND NOT contains(x, ' 24:')"
    ),
    # Excel counts days from 1899-12-30; its day 60 is a 29 February 1900 that never was, and no delivery is that old.
    "rongtong_serial(x)": (
        "CASE WHEN NOT contains(x, ':') AND TRY_CAST(x AS DOUBLE) BETWEEN 61 AND 2958465.99999"
        " THEN TIMESTAMP '1899-12-30' + to_seconds(round(TRY_CAST(x AS DOUBLE) * 86400)) END"
    ),
    # A zone whose offset never changed since 1992 needs no calendar after that.
    "rongtong_at(t, ahead, zone)": (
        "CASE WHEN t BETWEEN TIMESTAMP '1992-01-01' AND TIMESTAMP '2037-12-31' THEN make_timestamptz(epoch_us(t) - ahead)"
        " ELSE t AT TIME ZONE zone END"
    ),
}


def create_macros() -> list[str]:
    """Return the statements that define the macros on a connection."""
    return [f"CREATE OR REPLACE TEMP MACRO {name} AS {body}" for name, body in MACROS.items()]
