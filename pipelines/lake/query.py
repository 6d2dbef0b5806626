"""An analyst's query: run read-only, at any snapshot, given back as a table, CSV, JSON, XLSX, Parquet or Arrow."""

import csv
import io
import json
import sys
from pathlib import Path

import duckdb

from pipelines.errors import RongtongError, UsageError
from pipelines.lake.connection import Connection, attach_sql, use_sql, zone_of
from pipelines.lake.extensions import extension_path
from pipelines.lake.headings import LANGUAGES, headed
from pipelines.lake.reader import connect
from pipelines.lake.standards import standards_statements
from pipelines.lake.usage import note_use, relations_of
from pipelines.names import literal
from pipelines.settings import Settings
from pipelines.wording import say

FORMS = ("table", "csv", "json", "xlsx", "parquet", "arrow")
_FILES = ("xlsx", "parquet", "arrow")
_SHOWN_ROWS = 10_000


class QueryError(RongtongError):
    """DuckDB could not run the user's query; the message is DuckDB's."""


def run_query(
    settings: Settings,
    query: str,
    *,
    at: str | None = None,
    form: str = "table",
    out: Path | None = None,
    headings: str | None = None,
) -> str:
    """Return the printed result, or what is to be said of the file `out`; QueryError with DuckDB's words, UsageError for a wrong form.

    `headings` "zh": the contracts' Chinese names; "en": as the query has them. Without it a workbook follows the language
    of the settings, and all other forms, which scripts read, have the query's.
    """
    if form not in FORMS:
        raise UsageError(f"[format] '{form}' is not a format. Hint: one of {', '.join(FORMS)}.")
    if form in _FILES and out is None:
        raise UsageError(f"[format] {form} needs a file. Hint: --out result.{form}.")
    if headings not in (None, *LANGUAGES):
        raise UsageError(f"[headings] '{headings}' is not a language. Hint: one of {', '.join(LANGUAGES)}.")
    chinese = headings == "zh" if headings else form == "xlsx" and settings.lang.lower().startswith("zh")
    con = connect(at, where=settings)
    try:
        asked = query
        if chinese:
            query = headed(con, query.strip().rstrip(";"), guarded=form == "csv")
        text = _write(con, query, form, out) if out else _printed(con, query, form)
        note_use(settings, "sql", relations_of(con, asked))
        return text
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    finally:
        con.close()


def _printed(con: Connection, query: str, form: str) -> str:
    if form == "table":
        relation = con.sql(query)
        return "" if relation is None else _table(relation)
    cursor = con.execute(query)
    names = [entry[0] for entry in cursor.description or ()]
    target = io.StringIO() if form == "json" else sys.stdout
    if form == "json":
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return json.dumps(rows, ensure_ascii=False, indent=2, default=str) + "\n"
    writer = csv.writer(target)
    writer.writerow(names)
    while part := cursor.fetchmany(10_000):
        writer.writerows(part)
    return ""


def _table(relation: duckdb.DuckDBPyRelation) -> str:
    shown = io.StringIO()
    stdout, sys.stdout = sys.stdout, shown
    try:
        relation.show(max_rows=_SHOWN_ROWS)
    finally:
        sys.stdout = stdout
    return shown.getvalue()


def _write(con: Connection, query: str, form: str, out: Path) -> str:
    body = query.strip().rstrip(";")
    if form == "arrow":
        return _write_arrow(con, body, out)
    if form == "xlsx":
        return _write_xlsx(con, body, out)
    options = {"csv": "FORMAT csv, HEADER", "json": "FORMAT json, ARRAY true", "parquet": "FORMAT parquet"}
    if form == "table":
        out.write_text(_table(con.sql(body)), encoding="utf-8")
    else:
        con.execute(f"COPY ({body}) TO {literal(str(out))} ({options[form]})")
    if form == "csv":  # Excel takes a CSV for UTF-8 only by its BOM
        prepend_bom(out)
    return ""


def prepend_bom(path: Path) -> None:
    """Put a byte order mark before a file."""
    draft = path.with_name(path.name + ".part")
    with path.open("rb") as source, draft.open("wb") as target:
        target.write(b"\xef\xbb\xbf")
        while part := source.read(1 << 20):
            target.write(part)
    draft.replace(path)


def _write_arrow(con: Connection, body: str, out: Path) -> str:
    from pipelines.derive.arrow import write_arrow  # PyArrow only where a file of it is wanted

    write_arrow(con.execute(body).fetch_record_batch(), out)
    return ""


def _write_xlsx(con: Connection, body: str, out: Path) -> str:
    from pipelines.lake.sheet import write_workbook  # only where a workbook is wanted

    cut = write_workbook(con, body, out)
    return say("texts_cut", count=cut) + "\n" if cut else ""


def shell(settings: Settings, at: str | None) -> None:
    """Read statements ending in `;` from standard input and print their results until end of input or `.quit`."""
    con = connect(at, where=settings)
    buffer = ""
    interactive = sys.stdin.isatty()
    try:
        while True:
            try:
                line = input(("city> " if not buffer else "  ... ") if interactive else "")
            except EOFError:
                return
            if line.strip() in (".quit", ".exit", "quit", "exit"):
                return
            buffer += line + "\n"
            if line.rstrip().endswith(";"):
                _run_and_show(con, buffer)
                note_use(settings, "shell", relations_of(con, buffer))
                buffer = ""
    finally:
        con.close()


def _run_and_show(con: Connection, statement: str) -> None:
    try:
        relation = con.sql(statement)
        if relation is not None:
            sys.stdout.write(_table(relation))
    except duckdb.Error as error:
        sys.stdout.write(f"{error}\n")


def attach_lines(settings: Settings) -> str:
    """Return the statements that open the lake read-only in any DuckDB of the same version."""
    names = ["ducklake", "postgres_scanner" if settings.catalogue else "sqlite_scanner", "spatial"]
    lines = [f"LOAD {literal(str(extension_path(name)))};" for name in names]
    zone = f"SET TimeZone = {literal(zone_of(settings))}"
    statements = [attach_sql(settings, read_only=True), zone, *standards_statements(settings), use_sql()]
    return "\n".join([*lines, *(f"{statement};" for statement in statements)])
