"""Sources that are asked: what is new becomes a delivery, what is not changes nothing, what fails publishes nothing."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from pipelines.contracts.model import Contract
from pipelines.derive.periods import ended_before
from pipelines.errors import EnvironmentFault, SourceError, UsageError
from pipelines.steps.fetch import last_mark
from pipelines.steps.ingest import ingest_pulled, ingest_waiting
from pipelines.steps.outcome import Outcome
from pipelines.steps.record import Request
from pipelines.steps.retract import retract
from tests.spine.city import column
from tests.spine.lake import Lake

COLUMNS = [
    column("id", key=True),
    column("n", "integer", options={"minimum": 0, "maximum": 9}),
    column("mark"),
    column("gone", "boolean"),
    column("updated_at", "timestamp"),
]
ORDERS = "id int PRIMARY KEY, n int, mark text, gone boolean DEFAULT false, updated_at timestamp"


class Source:
    """A department's database with one table of orders."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.table = ""

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as con:
            con.execute(statement)  # type: ignore[arg-type]

    def make(self, table: str, rows: int) -> None:
        self.table = table
        self.run(f"CREATE TABLE {table} ({ORDERS})")
        self.run(
            f"INSERT INTO {table} SELECT i, 1, 'a', false, timestamp '2026-06-01' + i * interval '1 hour' FROM generate_series(1, {rows}) i"
        )


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> Source:
    return Source(new_database())


@pytest.fixture
def source(database: Source, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setenv("ORDERS_DB", database.url)
    return database


def from_sql(lake: Lake, source: Source, rows: int, *, version: str = "1.0.0", **ingest: Any) -> Contract:
    dataset = lake.new_id()
    source.make(dataset.partition(".")[2], rows)
    return again(lake, source, dataset, version=version, **ingest)


def again(lake: Lake, source: Source, dataset: str, *, version: str = "1.0.0", **ingest: Any) -> Contract:
    said = {"connection": "ORDERS_DB", "table": f"public.{source.table}"} | ingest.pop("sql", {})
    return lake.contract(
        COLUMNS, dataset=dataset, version=version, schedule="@daily", sql=said, **{"mode": "replace"} | ingest
    )


def ask(lake: Lake, contract: Contract, **said: Any) -> list[Outcome]:
    request = Request(period=said.pop("period", None))
    return ingest_pulled(lake.con, lake.where, contract, request, told=[], again=said.pop("again", False))


def test_a_table_is_a_delivery_and_the_same_state_is_none(embedded: Lake, source: Source) -> None:
    contract = from_sql(embedded, source, 12)
    [first] = ask(embedded, contract)
    assert (first.verdict, first.delivered, first.valid) == ("published", 12, 12)
    assert [found.verdict for found in ask(embedded, contract)] == ["already_published"]
    (embedded.where.home / "pulled" / f"{contract.table}.json").unlink()
    assert [(found.verdict, found.batch) for found in ask(embedded, contract)] == [("already_published", first.batch)]
    source.run(f"DELETE FROM {source.table} WHERE id > 10")
    assert ask(embedded, contract)[0].verdict == "published"
    assert len(embedded.dwd(contract)) == 10


def test_a_watermark_reads_what_is_new_with_its_overlap(embedded: Lake, source: Source) -> None:
    contract = from_sql(
        embedded,
        source,
        100,
        mode="upsert",
        orderBy="updated_at",
        deleteWhen="gone",
        sql={"watermark": "updated_at", "overlap": "2 h"},
    )
    assert ask(embedded, contract)[0].delivered == 100
    source.run(f"UPDATE {source.table} SET n = 7, updated_at = '2026-06-10' WHERE id = 5")
    source.run(f"UPDATE {source.table} SET gone = true, updated_at = '2026-06-10' WHERE id = 6")
    source.run(
        f"INSERT INTO {source.table} VALUES (101, 1, 'late', false, timestamp '2026-06-01' + 99 * interval '1 hour')"
    )
    [more] = ask(embedded, contract)
    assert (more.verdict, more.delivered) == ("published", 6)  # 98, 99, 100, the late one, the changed, the deleted
    assert len(embedded.dwd(contract)) == 100
    assert embedded.rows(f"SELECT n FROM dwd.{contract.table} WHERE id = '5'") == [(7,)]
    assert embedded.rows(f"SELECT count(*) FROM dwd.{contract.table} WHERE id = '6'") == [(0,)]
    assert ask(embedded, contract)[0].delivered == 2  # what lies in the overlap came before
    assert ask(embedded, contract)[0].verdict == "already_published"


def test_a_refused_or_retracted_increment_is_read_again(embedded: Lake, source: Source) -> None:
    contract = from_sql(embedded, source, 10, mode="upsert", sql={"watermark": "id"})
    ask(embedded, contract)
    source.run(f"INSERT INTO {source.table} SELECT i, 99, 'b', false, now() FROM generate_series(11, 20) i")
    assert ask(embedded, contract)[0].verdict == "refused"
    assert last_mark(embedded.con, contract) == 10
    assert [found.verdict for found in ask(embedded, contract)] == ["already_published"], (
        "the schedule does not refuse it daily"
    )
    assert ask(embedded, contract, again=True)[0].verdict == "refused", "a person may ask for it"
    source.run(f"UPDATE {source.table} SET n = 3 WHERE n = 99")
    [found] = ask(embedded, contract)
    assert (found.verdict, found.delivered) == ("published", 11)
    embedded.close()
    retract(embedded.where, contract, found.batch, reason="错发")
    assert last_mark(embedded.con, contract) == 10
    source.run(f"DELETE FROM {source.table} WHERE id >= 10")
    assert [one.verdict for one in ask(embedded, contract)] == ["already_published"], (
        "an empty increment is no delivery"
    )


def test_a_changed_type_is_refused_until_the_contract_says_so(embedded: Lake, source: Source) -> None:
    contract = from_sql(embedded, source, 5)
    ask(embedded, contract)
    source.run(
        f"ALTER TABLE {source.table} ALTER n TYPE text; INSERT INTO {source.table} VALUES (6, '2', 'c', false, now())"
    )
    [found] = ask(embedded, contract)
    assert (found.verdict, found.batch) == ("refused", "")
    assert "[sql-type] column 'n' was number and is text now" in found.message
    assert len(embedded.dwd(contract)) == 5
    newer = again(embedded, source, contract.id, version="1.0.1")
    assert [one.verdict for one in ask(embedded, newer)] == ["published"]


def test_a_source_that_is_not_there_publishes_nothing(
    embedded: Lake, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = from_sql(embedded, source, 5)
    monkeypatch.setenv("ORDERS_DB", "postgresql://u:s3cret@127.0.0.1:1/x")
    with pytest.raises(EnvironmentFault, match=r"sql://ORDERS_DB/public\.\w+: \[sql-lost\]"):
        ask(embedded, contract)
    inbox = embedded.where.inbox / "test" / contract.table
    inbox.mkdir(parents=True)
    (inbox / "by_hand.parquet").write_bytes(b"no parquet")
    embedded.close()
    told = ingest_waiting(embedded.where, contract, settle=0)
    assert [found.verdict for found in told] == ["refused", "refused"], "the file by hand is told, too"
    monkeypatch.delenv("ORDERS_DB")
    (found,) = ask(embedded, contract)
    assert "[secret] there is no secret ORDERS_DB" in found.message


class Files(http.server.BaseHTTPRequestHandler):
    """Gives the files of `kept` by path, with an ETag."""

    kept: dict[str, bytes]
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        body = self.kept.get(self.path)
        tag = f'"{hash(body)}"'
        self.asked.append((self.path, self.headers.get("Authorization", "")))
        known = self.headers.get("If-None-Match") == tag
        self.send_response(404 if body is None else 304 if known else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", "0" if body is None or known else str(len(body)))
        self.end_headers()
        if body is not None and not known:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(kept: dict[str, bytes]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []
    handler = type("Serving", (Files,), {"kept": kept, "asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_an_address_by_period_brings_the_periods_it_has(embedded: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_TOKEN", "s3cret")
    monkeypatch.setenv("FILES_KEY", "k3y")
    older, newer = ended_before(datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None), "month", 2)
    place = "/{}.csv?key=k3y".format
    files = {place(newer): b"id,n,mark\n1,1,a\n"}
    with serving(files) as (url, asked):
        contract = embedded.orders(
            schedule="@daily", source=url + "/{year}-{month}.csv?key=${FILES_KEY}", auth={"bearer": "FILES_TOKEN"},
            mode="replace_period", period={"from": "parameter", "unit": "month"},
        )  # fmt: skip
        assert [(one.period, one.verdict) for one in ask(embedded, contract)] == [(newer, "published")]
        files[place(older)] = b"id,n,mark\n2,99,a\n3,1,b\n"
        found = ask(embedded, contract)
        assert [(one.period, one.verdict) for one in found] == [(older, "published"), (newer, "already_published")]
        assert {token for _, token in asked} == {"Bearer s3cret"}
        files[place("2020-01")] = b"id,n,mark\n4,2,a\n"
        [one] = ask(embedded, contract, period="2020-01")
        assert (one.verdict, one.period) == ("published", "2020-01")
        asked.clear()
        [one] = ask(embedded, contract, period="2020-01")
        assert (one.verdict, len(asked)) == ("already_published", 1)
        with pytest.raises(UsageError, match="not a month"):
            ask(embedded, contract, period="2026")
        with pytest.raises(SourceError, match="nothing there"):
            ask(embedded, contract, period="2019-01")
    origins = embedded.rows("SELECT DISTINCT origin FROM quality.deliveries WHERE dataset = ?", [contract.id])
    assert all("${FILES_KEY}" in str(origin) and "k3y" not in str(origin) for (origin,) in origins)
    texts = [path for path in embedded.where.home.rglob("*") if path.is_file() and b"k3y" in path.read_bytes()]
    assert texts == []


def test_a_mended_contract_reads_an_unchanged_file_again(embedded: Lake) -> None:
    with serving({"/export": b"id,n,mark\n1,11,a\n"}) as (url, _):
        contract = embedded.orders(schedule="@daily", source=f"{url}/export", max_invalid_pct=0)
        assert [one.verdict for one in ask(embedded, contract)] == ["refused"]
        assert [one.verdict for one in ask(embedded, contract)] == ["already_published"]
        columns = [column("id", key=True), column("n", "integer"), column("mark")]
        mended = embedded.orders(dataset=contract.id, columns=columns, schedule="@daily", source=f"{url}/export")
        assert [one.verdict for one in ask(embedded, mended)] == ["published"]


def test_what_cannot_be_read_is_refused_by_its_address(embedded: Lake) -> None:
    with serving({"/a.csv": b"PK\x03\x04 no csv"}) as (url, _):
        contract = embedded.orders(schedule="@daily", source=f"{url}/a.csv")
        [found] = ask(embedded, contract)
        assert found.verdict == "refused"
        assert f"{url}/a.csv" in found.message
        assert str(embedded.where.home) not in found.message
    assert Path(embedded.where.home / "tmp").is_dir()
    assert not list((embedded.where.home / "tmp").glob("pull-*"))
