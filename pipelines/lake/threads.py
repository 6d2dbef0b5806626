"""How many threads DuckDB takes for a piece of work: with several, a small one is mostly spent on waiting for each other."""

from collections.abc import Iterable

from pipelines.lake.connection import Connection
from pipelines.settings import Settings

# Measured on two cores: a delivery of a few kilobytes takes 0.73 CPU seconds with two threads and 0.42 with one, the marts of
# the sample city 32 and 18. From about here on the second thread shortens the work by what it costs.
SMALL_BYTES = 8 << 20


def fit_threads(con: Connection, settings: Settings, size: int) -> None:
    """Take one thread for work on less than SMALL_BYTES, one a core for more; what RONGTONG_THREADS says stays."""
    if not settings.threads:
        con.execute("SET threads = 1" if size < SMALL_BYTES else "RESET threads")


def bytes_of(con: Connection, relations: Iterable[str]) -> int:
    """Return about how many bytes of Parquet the named relations (`dwd.orders`) are read from: those of their tables."""
    names = sorted({relation.rpartition(".")[2] for relation in relations})
    row = con.execute(
        "SELECT sum(file_size_bytes) FROM ducklake_table_info('city') WHERE list_contains(?, table_name)", [names]
    ).fetchone()
    return int(row[0]) if row and row[0] else 0
