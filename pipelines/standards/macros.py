"""Every macro of the standards, in the order they build on each other, and which of them a piece of SQL calls."""

import hashlib
import re
from collections.abc import Mapping

from pipelines.standards import (
    air_quality_sql,
    citizen_id,
    coordinates_sql,
    credit_code,
    data_quality,
    divisions,
    intervals,
)
from pipelines.standards.tables import create_tables
from pipelines.standards.working_days import Calendar, national
from pipelines.standards.working_days_sql import working_day_macros

MACROS: Mapping[str, str] = {
    **credit_code.MACROS,
    **citizen_id.MACROS,
    **divisions.MACROS,
    **coordinates_sql.MACROS,
    **air_quality_sql.MACROS,
    **data_quality.MACROS,
    **intervals.MACROS,
    **working_day_macros(national()),
}
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def create_standards(calendar: Calendar) -> tuple[str, ...]:
    """Return the statements that define macros and tables in an attached database `standards`; none holds a semicolon."""
    macros = {**MACROS, **working_day_macros(calendar)}
    return (
        *(f"CREATE OR REPLACE MACRO standards.main.{signature} AS {body}" for signature, body in macros.items()),
        *create_tables(calendar),
    )


def digest_of_used(sql: str) -> str:
    """Return a digest over the macros that a piece of SQL calls, directly or through others; '' when it calls none.

    >>> digest_of_used("speed > 3"), len(digest_of_used("is_uscc(code)")), digest_of_used("IS_USCC(x)") == digest_of_used("is_uscc(y)")
    ('', 16, True)
    """
    used = _called(sql, frozenset())
    if not used:
        return ""
    text = "\n".join(f"{signature} {MACROS[signature]}" for signature in sorted(used))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _called(sql: str, known: frozenset[str]) -> frozenset[str]:
    words = set(_WORD.findall(sql.lower()))
    for signature, body in MACROS.items():
        if signature not in known and signature.partition("(")[0] in words:
            known = _called(body, known | {signature})
    return known
