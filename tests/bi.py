"""A database for BI tools in the tests' server, which is gone with its readers afterwards: roles belong to the whole server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo


@contextmanager
def bi_database(new_database: Callable[[], str]) -> Iterator[str]:
    """Give the URI of a new database; with it go the roles that a mirror made."""
    url = new_database()
    yield url
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as pg:
        pg.execute(f'DROP DATABASE "{conninfo_to_dict(url)["dbname"]}" WITH (FORCE)'.encode())
        drop_readers(pg)


def drop_readers(pg: psycopg.Connection) -> None:
    """Drop every role that a mirror makes: the databases where it may do something are gone."""
    for (role,) in pg.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'rongtong%'").fetchall():
        pg.execute(f'DROP ROLE "{role}"'.encode())
