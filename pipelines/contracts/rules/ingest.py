"""Rules on how a delivery is found, read and combined with the ones before."""

import codecs
import re
from collections.abc import Iterator

from pipelines.contracts.hints import closest, use
from pipelines.contracts.model import WORKBOOKS, Ingest, Period
from pipelines.contracts.registry import Draft, Finding, rule
from pipelines.contracts.sql_text import sql_fault
from pipelines.contracts.zones import is_zone

_SCOPE = "rongtong/ingest"
_INGEST = ("rongtong", "ingest")
_PERIOD = (*_INGEST, "period")
_TOTAL = (*_INGEST, "control", "totalRow")
_GROUPS = {
    "hour": ("year", "month", "day", "hour"),
    "day": ("year", "month", "day"),
    "month": ("year", "month"),
    "quarter": ("year", "quarter"),
    "year": ("year",),
}
_ALL_GROUPS = ("year", "quarter", "month", "day", "hour")
_FORMATS_OF = {
    "encoding": ("csv", "jsonl", "json"),
    "delimiter": ("csv",),
    "quote": ("csv",),
    "headerRow": ("csv", *WORKBOOKS),
    "headerRows": WORKBOOKS,
    "sheet": WORKBOOKS,
    "hiddenRows": ("xlsx",),
    "mergedCells": WORKBOOKS,
    "path": ("json",),
}
_UPSERT_ONLY = {"orderBy": "order_by", "deleteWhen": "delete_when"}
_CRON_FIELD = re.compile(
    r"^(\*|[0-9]+(-[0-9]+)?|[A-Za-z]{3}(-[A-Za-z]{3})?)(/[0-9]+)?(,([0-9]+(-[0-9]+)?|[A-Za-z]{3})(/[0-9]+)?)*$"
)
_PRESETS = ("@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly")


@rule("key-for-upsert", delivered=True)
def key_for_upsert(draft: Draft) -> Iterator[Finding]:
    """An upsert needs a key to know which row a delivery means."""
    spoiled = len(draft.columns) < len(draft.contract.columns)
    if draft.sound(_SCOPE) and draft.contract.ingest.mode == "upsert" and not draft.contract.key and not spoiled:
        yield Finding((*_INGEST, "mode"), "mode upsert needs a key", "mark the key columns with primaryKey: true.")


@rule("mode-settings", delivered=True)
def mode_settings(draft: Draft) -> Iterator[Finding]:
    """orderBy and deleteWhen belong to upsert; orderBy is a column, deleteWhen one SQL condition."""
    if not draft.sound(_SCOPE):
        return
    ingest = draft.contract.ingest
    for key in _UPSERT_ONLY:
        if ingest.mode != "upsert" and draft.given(*_INGEST, key):
            yield Finding(
                (*_INGEST, key), f"{key} means nothing in mode {ingest.mode}", "remove it, or use mode: upsert."
            )
    if ingest.order_by:
        yield from _known_column(draft, ingest.order_by, (*_INGEST, "orderBy"), "orderBy")
    fault = sql_fault(ingest.delete_when) if ingest.delete_when else ""
    if fault:
        yield Finding((*_INGEST, "deleteWhen"), f"deleteWhen {fault}")


@rule("period-declared", delivered=True)
def period_declared(draft: Draft) -> Iterator[Finding]:
    """Where the period comes from is said where the mode needs it, with the settings that this source has."""
    if not draft.sound(_SCOPE):
        return
    ingest = draft.contract.ingest
    if ingest.mode == "replace_period" and ingest.period.source == "none":
        hint = "add period: {from: file_name, unit: month, pattern: '(?P<year>\\d{4})(?P<month>\\d{2})'}."
        yield Finding((*_INGEST, "mode"), "mode replace_period needs a period", hint)
    source = ingest.period.source
    needed = {"file_name": "pattern", "column": "column"}.get(source, "")
    if needed and not draft.given(*_PERIOD, needed):
        yield Finding(_PERIOD, f"a period from {source} needs a {needed}", f"add {needed}.")
    # a column beside another source is what the rows are held against
    idle = {"file_name": (), "column": ("pattern",), "parameter": ("pattern",), "none": ("pattern", "column", "unit")}
    for key in idle[source]:
        if draft.given(*_PERIOD, key):
            yield Finding((*_PERIOD, key), f"{key} means nothing for a period from {source}", "remove it.")


@rule("period-pattern", delivered=True)
def period_pattern(draft: Draft) -> Iterator[Finding]:
    """The pattern over file names has exactly the named groups that its unit needs."""
    period = draft.contract.ingest.period
    if not draft.sound(_SCOPE) or period.source != "file_name" or not period.pattern:
        return
    where = (*_PERIOD, "pattern")
    try:
        groups = set(re.compile(period.pattern).groupindex)
    except re.error as error:
        yield Finding(where, f"pattern '{period.pattern}' does not compile: {error.msg}")
        return
    for name in sorted(groups - set(_ALL_GROUPS)):
        yield Finding(where, f"group '{name}' is not a part of a period", use(closest(name, _ALL_GROUPS)))
    for name in _missing(period, groups):
        hint = f"write (?P<{name}>\\d{{{4 if name == 'year' else 2}}})."
        yield Finding(where, f"a period by {period.unit} needs a group named '{name}'", hint)


def _missing(period: Period, groups: set[str]) -> list[str]:
    if period.unit == "quarter" and "month" in groups:
        return ["year"] if "year" not in groups else []
    return [name for name in _GROUPS[period.unit] if name not in groups]


@rule("period-column", delivered=True)
def period_column(draft: Draft) -> Iterator[Finding]:
    """The period's column is a date or timestamp, and required where the period comes from it."""
    period = draft.contract.ingest.period
    if not draft.sound(_SCOPE) or not period.column:
        return
    where = (*_PERIOD, "column")
    yield from _known_column(draft, period.column, where, "period")
    for column in draft.columns:
        if column.name != period.column:
            continue
        if column.type not in ("date", "timestamp"):
            yield Finding(where, f"period: column '{column.name}' is of type {column.type}, not a date or timestamp")
        if period.source == "column" and not column.required:
            yield Finding(where, f"period: column '{column.name}' is not required", "add required: true to the column.")


@rule("control-columns", delivered=True)
def control_columns(draft: Draft) -> Iterator[Finding]:
    """Columns of a total row exist, and the summed ones are numbers."""
    if not draft.sound(_SCOPE):
        return
    control = draft.contract.ingest.control
    named = [("column", control.total_column), ("count", control.count_column)]
    for key, name in named:
        if name:
            yield from _known_column(draft, name, (*_TOTAL, key), f"totalRow.{key}")
    for index, name in enumerate(control.sums):
        where = (*_TOTAL, "sums", str(index))
        yield from _known_column(draft, name, where, "totalRow.sums")
        for column in draft.columns:
            if column.name == name and column.type not in ("integer", "number"):
                yield Finding(where, f"totalRow.sums: column '{name}' is of type {column.type}, not a number")


def _known_column(draft: Draft, name: str, where: tuple[str, ...], told: str) -> Iterator[Finding]:
    if name not in draft.names:
        yield Finding(where, f"{told}: there is no column '{name}'", use(closest(name, draft.names)))


@rule("format-settings", delivered=True)
def format_settings(draft: Draft) -> Iterator[Finding]:
    """Settings of one format are not given for another; a GeoJSON table has one geometry."""
    if not draft.sound(_SCOPE):
        return
    ingest = draft.contract.ingest
    for key, formats in _FORMATS_OF.items():
        if ingest.format not in formats and draft.given(*_INGEST, key):
            hint = "hidden rows cannot be told in XLS; send .xlsx." if key == "hiddenRows" else "remove it."
            yield Finding((*_INGEST, key), f"{key} means nothing for {ingest.format}", hint)
    if not ingest.header_row and ingest.header_rows > 1:
        yield Finding((*_INGEST, "headerRows"), "headerRows means nothing without headings", "remove it.")
    geometries = [column for column in draft.contract.columns if column.type == "object"]
    for column in geometries[1:]:
        yield Finding(("columns", column.name), f"column '{column.name}' is a second geometry; a table has one")
    yield from _dialect(ingest)


def _dialect(ingest: Ingest) -> Iterator[Finding]:
    if ingest.delimiter and ingest.delimiter == ingest.quote:
        yield Finding((*_INGEST, "delimiter"), f"'{ingest.delimiter}' cannot both separate and quote")
    if {"\n", "\r"} & set(ingest.delimiter + ingest.quote):
        yield Finding((*_INGEST, "delimiter"), "a line break cannot separate or quote fields")


@rule("encoding-known", delivered=True)
def encoding_known(draft: Draft) -> Iterator[Finding]:
    """The encoding is one that can be decoded."""
    encoding = draft.contract.ingest.encoding
    if draft.sound(_SCOPE) and encoding and not _decodes(encoding):
        hint = "use utf-8, gb18030 or another codec's name; without it the encoding is detected."
        yield Finding((*_INGEST, "encoding"), f"encoding '{encoding}' is not known", hint)


def _decodes(encoding: str) -> bool:
    try:
        return isinstance(b"".decode(codecs.lookup(encoding).name), str)
    except (LookupError, UnicodeError, ValueError):
        return False


@rule("timezone-known", delivered=True)
def timezone_known(draft: Draft) -> Iterator[Finding]:
    """The zone of naive timestamps is one of the zone database."""
    if draft.sound(_SCOPE) and draft.given(*_INGEST, "timezone") and not is_zone(draft.contract.ingest.timezone):
        where = (*_INGEST, "timezone")
        yield Finding(where, f"timezone '{draft.contract.ingest.timezone}' is not known", "write e.g. Asia/Shanghai.")


@rule("schedule-known", delivered=True)
def schedule_known(draft: Draft) -> Iterator[Finding]:
    """A schedule is a cron expression of five fields or a preset."""
    schedule = draft.contract.schedule
    if not schedule or schedule in _PRESETS:
        return
    fields = schedule.split()
    if len(fields) != 5 or not all(_CRON_FIELD.match(field) for field in fields):
        hint = "write five fields, e.g. '0 6 * * *'; without it a waiting delivery triggers the run."
        yield Finding(("rongtong", "schedule"), f"schedule '{schedule}' is not a cron expression", hint)
