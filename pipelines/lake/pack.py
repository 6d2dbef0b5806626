"""The city pack as tables of a session (`pack.*`), for the models that read it."""

from pipelines.lake.connection import Connection
from pipelines.settings import Settings


def create_pack(con: Connection, settings: Settings) -> None:
    """Make `memory.pack.*` on a connection, before any transaction."""
    con.execute("CREATE SCHEMA IF NOT EXISTS memory.pack")
