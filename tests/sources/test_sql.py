"""A database is read into one Parquet file: streamed, in order, the same bytes for the same rows, within bounds."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from pipelines.contracts.pulling import Pull, Sql
from pipelines.errors import EnvironmentFault, SourceError
from pipelines.sources.transports import sql as transport
from pipelines.sources.transports.sql import Asked, Drawn, draw, kinds_in, refuse_changed

KEY = (frozenset({"id", "编号"}),)


@dataclass
class Database:
    """A department's database, and a place for what is read of it."""

    url: str
    engine: sa.Engine
    folder: Path

    def run(self, *statements: str) -> None:
        with self.engine.begin() as con:
            for statement in statements:
                con.execute(sa.text(statement))

    def draw(self, name: str = "a.parquet", *, key: Sequence[frozenset[str]] = KEY, **said: Any) -> Drawn:
        pull = said.pop("pull", Pull())
        since, parameters = said.pop("since", None), said.pop("parameters", {})
        asked = Asked(self.url, "sql://HOTLINE_DB/orders", Sql("HOTLINE_DB", **said), pull, key, since, parameters)
        return draw(asked, self.folder / name)

    def rows(self, name: str = "a.parquet") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(self.folder / name).to_pylist()
        return found


@pytest.fixture(scope="module")
def made(new_database: Callable[[], str]) -> Iterator[tuple[str, sa.Engine]]:
    url = new_database()
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.pool.NullPool)
    yield url, engine
    engine.dispose()


@pytest.fixture
def database(made: tuple[str, sa.Engine], tmp_path: Path) -> Database:
    found = Database(*made, tmp_path)
    found.run(
        "DROP TABLE IF EXISTS orders",
        """CREATE TABLE orders (id int PRIMARY KEY, 状态 text, amount numeric(12,4), at timestamptz, day date, t time,
           ok boolean, note jsonb, x double precision, updated_at timestamp)""",
        """INSERT INTO orders SELECT i, '已办', i / 8.0, '2026-06-01 08:00+08', '2026-06-01', '08:30', i % 2 = 0,
           '{"b": 1, "a": "街"}', i / 4.0, timestamp '2026-06-01' + i * interval '1 minute' FROM generate_series(20, 1, -1) i""",
    )
    return found


def test_every_value_is_spelled_one_way(database: Database) -> None:
    drawn = database.draw(table="orders")
    assert drawn.rows == 20
    assert drawn.notes == ()
    assert database.rows()[0] == {
        "id": "1", "状态": "已办", "amount": "0.1250", "at": "2026-06-01 00:00:00+00:00", "day": "2026-06-01", "t": "08:30:00",
        "ok": "false", "note": '{"a": "街", "b": 1}', "x": "0.25", "updated_at": "2026-06-01 00:01:00",
    }  # fmt: skip
    assert drawn.kinds["at"] == "timestamp with zone"
    assert drawn.kinds["updated_at"] == "timestamp"


def test_the_same_rows_are_the_same_bytes_whatever_their_order_on_disk(database: Database) -> None:
    database.draw("a.parquet", table="public.orders")
    database.run("UPDATE orders SET x = x WHERE id < 9")  # moves rows in the heap
    database.draw("b.parquet", query='SELECT * FROM "orders" WHERE id > 0')
    assert (database.folder / "a.parquet").read_bytes() == (database.folder / "b.parquet").read_bytes()


def test_many_parts_are_streamed_into_groups(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_PART", 7)
    monkeypatch.setattr(transport, "_GROUP_ROWS", 10)
    database.run("UPDATE orders SET 状态 = NULL WHERE id <= 7")
    assert database.draw(table="orders").rows == 20
    assert [row["id"] for row in database.rows()] == [str(number) for number in range(1, 21)]
    assert pq.ParquetFile(database.folder / "a.parquet").num_row_groups == 2


def test_a_source_without_its_key_says_that_it_has_no_order(database: Database) -> None:
    assert "no key" in database.draw(query="SELECT x FROM orders").notes[0]
    assert database.draw(query="SELECT x FROM orders", order_by=("x",)).notes == ()


def test_a_watermark_reads_on_from_where_it_was(database: Database) -> None:
    first = database.draw(table="orders", watermark="updated_at")
    assert first.upto == datetime(2026, 6, 1, 0, 20)
    drawn = database.draw(table="orders", watermark="updated_at", since=datetime(2026, 6, 1, 0, 18))
    assert [row["id"] for row in database.rows()] == ["18", "19", "20"]
    assert drawn.upto == first.upto
    assert database.draw(table="orders", watermark="id", since=21).upto is None


def test_a_query_is_asked_for_one_period(database: Database) -> None:
    query = "SELECT * FROM orders WHERE updated_at >= :period_start AND updated_at < :period_end AND x::int >= 0"
    bounds = {"period_start": datetime(2026, 6, 1), "period_end": datetime(2026, 6, 1, 0, 4)}
    assert database.draw(query=query, parameters=bounds).rows == 3


def test_more_than_the_bounds_is_refused_while_reading(database: Database) -> None:
    with pytest.raises(SourceError, match=r"\[too-large\] more than 30000 rows come \(pull.maxRows\)"):
        database.draw(query="SELECT generate_series(1, 1000000000) AS id", pull=Pull(max_rows=30_000), key=())
    random = "SELECT i AS id, repeat(md5(i::text) || md5((i + 1)::text), 40) AS s FROM generate_series(1, 50000) i"
    with pytest.raises(SourceError, match=r"\[too-large\] more than 1 MB come"):
        database.draw(query=random, pull=Pull(max_megabytes=1), key=())


def test_a_database_that_gives_nothing_in_time_is_stopped(database: Database) -> None:
    with pytest.raises(EnvironmentFault, match=r"not here after 0\.005 minutes"):
        database.draw(query="SELECT 1 AS id, pg_sleep(60)", pull=Pull(max_minutes=0.005), key=())  # type: ignore[arg-type]


def test_a_database_that_dies_while_it_is_read_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = threading.Event()
    take = transport._Writing.take

    def then_die(self: transport._Writing, rows: Sequence[Sequence[Any]]) -> None:
        take(self, rows)
        if not killed.is_set():
            killed.set()
            database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )

    monkeypatch.setattr(transport._Writing, "take", then_die)
    with pytest.raises(EnvironmentFault, match=r"\[sql-lost\] the database does not answer or went away"):
        database.draw(query="SELECT i AS id FROM generate_series(1, 2000000) i", key=())


def test_a_column_of_another_kind_than_before_is_refused(database: Database) -> None:
    before = database.draw("a.parquet", table="orders").kinds
    assert kinds_in(database.folder / "a.parquet") == before
    database.run("ALTER TABLE orders ALTER amount TYPE text")
    now = database.draw("b.parquet", table="orders").kinds
    with pytest.raises(SourceError, match=r"\[sql-type\] column 'amount' was number and is text now"):
        refuse_changed("sql://HOTLINE_DB/orders", before, now)


def test_what_has_no_spelling_is_refused_by_its_column(database: Database) -> None:
    with pytest.raises(SourceError, match=r"column 'b' holds values of type bytes"):
        database.draw(query="SELECT 1 AS id, 'x'::bytea AS b")
    with pytest.raises(SourceError, match="columns come more than once: id"):
        database.draw(query="SELECT 1 AS id, 2 AS id", key=())
    with pytest.raises(SourceError, match=r"there is no column 'nope'"):
        database.draw(table="orders", watermark="x", key=()) if False else database.draw(
            query="SELECT 1 AS id", watermark="nope"
        )
    with pytest.raises(SourceError, match=r"the watermark '状态' holds neither"):
        database.draw(table="orders", watermark="状态")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"table": "nothing_there"}, 'relation "nothing_there" does not exist'),
        ({"query": "SELECT nope FROM orders"}, 'column "nope" does not exist'),
        ({"query": "SELECT 状态::int AS id FROM orders"}, "could not give its rows"),
        ({"query": "SELECT id, 1 / (id - 5) FROM orders"}, "could not give its rows"),
    ],
)
def test_what_the_database_refuses_is_told_without_values(database: Database, said: dict[str, str], told: str) -> None:
    with pytest.raises(SourceError, match=told) as error:
        database.draw(**said)
    assert "已办" not in str(error.value)
    assert "host=" not in str(error.value)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("postgresql://u:s3cret@127.0.0.1:1/x", "sql-lost"),
        ("oracle+cx_oracle://u:s3cret@h/x", "sql-driver"),
        ("dm+dmPython://u:s3cret@h/x", "sql-driver"),
        ("no url, s3cret", "sql-driver"),
    ],
)
def test_a_connection_that_cannot_be_is_told_without_its_secret(tmp_path: Path, url: str, rule: str) -> None:
    with pytest.raises((SourceError, EnvironmentFault), match=rf"\[{rule}\]") as error:
        draw(Asked(url, "sql://HOTLINE_DB/t", Sql("HOTLINE_DB", "t"), Pull()), tmp_path / "a.parquet")
    assert "s3cret" not in str(error.value)


def test_another_engine_is_read_by_its_own_driver(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'd.db'}")
    with engine.begin() as con:
        con.execute(sa.text("CREATE TABLE t (id INTEGER, mixed)"))
        con.execute(sa.text("INSERT INTO t VALUES (2, 'b'), (1, 'a')"))
    found = Database(str(engine.url), engine, tmp_path)
    found.draw(table="t")
    assert [row["id"] for row in found.rows()] == ["1", "2"]
    found.run("INSERT INTO t VALUES (3, 7)")
    with pytest.raises(SourceError, match=r"column 'mixed' holds both number and text"):
        found.draw(table="t")
    engine.dispose()
