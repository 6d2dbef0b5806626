"""Small work takes one thread, large work one a core, and what is set stays."""

from dataclasses import replace

from pipelines.lake.connection import bare_connection
from pipelines.lake.threads import SMALL_BYTES, bytes_of, fit_threads
from tests.spine.lake import Lake


def _threads(lake: Lake, size: int, said: int) -> int:
    where = replace(lake.where, threads=said)
    con = bare_connection(where)
    fit_threads(con, where, size)
    row = con.execute("SELECT current_setting('threads')").fetchone()
    con.close()
    assert row
    return int(row[0])


def test_threads_follow_the_size_of_the_work(lake: Lake) -> None:
    many = _threads(lake, SMALL_BYTES, 0)
    assert _threads(lake, SMALL_BYTES - 1, 0) == 1
    assert many >= 1
    assert _threads(lake, SMALL_BYTES, 3) == _threads(lake, 1, 3) == 3


def test_the_size_of_tables_is_that_of_their_files(lake: Lake) -> None:
    orders = lake.orders(dataset="test.counted")
    rows = "".join(f"{n},1,x{n}\n" for n in range(5000))
    assert lake.deliver(orders, "many.csv", "id,n,mark\n" + rows).verdict == "published"
    assert bytes_of(lake.con, ["dwd.counted"]) > 1000
    assert bytes_of(lake.con, ["dwd.nobody", "quality.nothing"]) == 0
