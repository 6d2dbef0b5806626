"""The lake, opened by a person's own program: as any reader, and noted, since only the opening can be seen from here."""

from pipelines.lake.connection import Connection
from pipelines.lake.reader import connect as connect_reader
from pipelines.lake.usage import note_use
from pipelines.settings import Settings, settings


def connect(at: str | int | None = None, *, where: Settings | None = None) -> Connection:
    """Return a DuckDB connection with the lake attached read-only as `city`; `at` is a snapshot, a time or a pin's name.

    A day, a month of an instant is that of the city's zone.
    """
    chosen = where or settings()
    con = connect_reader(at, where=chosen)
    note_use(chosen, "connect")
    return con
