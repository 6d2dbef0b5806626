"""Which of very many hashes occur more than once: sorted piece by piece, so that memory does not grow with the rows.

Grouping them in SQL takes twice the CPU, and a hash table of all of them.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from pipelines.lake.connection import Connection

_MIDDLE = np.uint32(1 << 31)
PIECE = 16_000_000  # hashes held at a time, 4 bytes each, twice while they are handed over


def repeated(con: Connection, hashes: str, rows: int, table: str) -> int:
    """Make temp.<table> (h UINTEGER) of the values that `hashes`, a SELECT of one UINTEGER column h without NULLs, gives more
    than once; return how many there are. `rows` is about how many values it gives.
    """
    pieces = max(1, -(-rows // PIECE))
    found = 0
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (h UINTEGER)")
    for piece in range(pieces):
        part = f" WHERE h % {pieces} = {piece}" if pieces > 1 else ""
        values = con.execute(f"SELECT h FROM ({hashes}){part}").fetchnumpy()["h"]
        twice = _twice(values)
        if len(twice):
            con.register("_twice", {"h": twice})
            con.execute(f"INSERT INTO temp.{table} SELECT h FROM _twice")
            con.unregister("_twice")
        found += len(twice)
    return found


def _twice(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The values that occur more than once; the lower and the upper half of them are sorted beside each other."""
    is_low = values < _MIDDLE
    with ThreadPoolExecutor(2) as both:
        return np.concatenate(list(both.map(_twice_in, (values[is_low], values[~is_low]))))


def _twice_in(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    values.sort()
    return np.unique(values[1:][values[1:] == values[:-1]])
