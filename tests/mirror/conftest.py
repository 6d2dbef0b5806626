"""A lake with a few tables made directly, and an empty BI database beside it.

One lake for the module, opened once for writing and once for reading: loading DuckDB's extensions is what costs.
"""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from pipelines.lake.connection import Connection, open_for_reading
from pipelines.lake.create import open_for_writing
from pipelines.lake.transaction import transaction
from pipelines.settings import Settings, settings
from pipelines.steps.mirror import mirror as module
from pipelines.steps.mirror.mirror import Mirrored, mirror
from pipelines.steps.mirror.passwords import FILE
from tests.bi import bi_database

DOMAINS = {"dim.divisions": "base", "dws.orders_daily": "governance", "ads.rates": "governance", "ads.kinds": "life"}
_TABLES = """
CREATE TABLE city.dim.divisions (code VARCHAR, name VARCHAR);
INSERT INTO city.dim.divisions VALUES ('350203', '思明区'), ('350206', '湖里区');
CREATE TABLE city.dws.orders_daily (day DATE, orders BIGINT);
INSERT INTO city.dws.orders_daily SELECT DATE '2026-01-01' + CAST(r AS INTEGER), r FROM range(3000) t(r);
CREATE TABLE city.ads.rates (code VARCHAR, month VARCHAR, satisfied_pct DECIMAL(5,2));
INSERT INTO city.ads.rates VALUES ('350203', '2026-01', 91.25), ('350206', '2026-01', NULL);
COMMENT ON TABLE city.ads.rates IS '热线三率（月）';
COMMENT ON COLUMN city.ads.rates.satisfied_pct IS '满意率（%）';
CREATE TABLE city.ads.kinds (
    yes BOOLEAN, tiny UTINYINT, small SMALLINT, whole INTEGER, big BIGINT, huge HUGEINT, share DOUBLE, money DECIMAL(12,2),
    word VARCHAR, day DATE, clock TIME, moment TIMESTAMPTZ, local TIMESTAMP, list VARCHAR[], pair STRUCT(a INTEGER, b VARCHAR), place GEOMETRY, uid UUID
);
INSERT INTO city.ads.kinds VALUES
    (true, 200, -7, 8, 9, 10::HUGEINT * 1000000000000000000000, 0.1, -12345678.90, '逗号, "引号"
换行', '2026-02-28', '08:30:00', '2026-03-01 08:00:00+08', '2026-03-01 08:00:00', ['甲', NULL], {'a': 1, 'b': '乙'},
     ST_Point(118.1, 24.5), '00000000-0000-0000-0000-000000000001'),
    (NULL, NULL, NULL, NULL, NULL, NULL, 'nan'::DOUBLE, NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""


class Bi:
    """The lake and its mirror: what a test changes, mirrors and reads."""

    def __init__(self, where: Settings, writer: Connection) -> None:
        self.where, self.domains, self._writer = where, dict(DOMAINS), writer

    def change(self, statements: str) -> None:
        """Run statements on the lake in one transaction."""
        with transaction(self._writer):
            for statement in statements.split(";\n"):
                if statement.strip():
                    self._writer.execute(statement)

    def mirror(self) -> Mirrored:
        """Mirror the lake as it is now."""
        return mirror(self.where, self.domains)

    def states(self) -> dict[str, str]:
        """Mirror, and tell what became of each table."""
        return {table.table: table.state for table in self.mirror().tables}

    def ask(self, query: str, url: str = "") -> list[tuple[object, ...]]:
        """The rows of a query in the BI database, as its owner or as whoever the address names."""
        with psycopg.connect(url or self.where.bi) as pg:
            return pg.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Connection]]:
    """A writer and a reader of the module's lake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RONGTONG_HOME", str(tmp_path_factory.mktemp("lake")))
        patch.delenv("RONGTONG_CATALOGUE", raising=False)
        writer = open_for_writing(settings())
        writer.execute("CREATE TABLE city.ods.orders (caller VARCHAR)")
        reader = open_for_reading(settings())
        yield writer, reader
        reader.close()
        writer.close()


@pytest.fixture
def bi(
    lake: tuple[Connection, Connection], monkeypatch: pytest.MonkeyPatch, new_database: Callable[[], str]
) -> Iterator[Bi]:
    writer, reader = lake
    monkeypatch.setattr(module, "open_for_reading", lambda _: reader.cursor())
    with bi_database(new_database) as url:
        monkeypatch.setenv("RONGTONG_BI_URL", url)
        made = Bi(settings(), writer)
        for kind in ("view", "table"):
            found = writer.execute(
                f"SELECT schema_name, {kind}_name FROM duckdb_{kind}s() WHERE database_name = 'city'"
            )
            for layer, name in found.fetchall():
                if layer in ("dim", "dws", "ads"):
                    writer.execute(f"DROP {kind} city.{layer}.{name}")
        made.change(_TABLES)
        yield made
        (made.where.home / FILE).unlink(missing_ok=True)
