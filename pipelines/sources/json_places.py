"""Where the records of a JSON document lie: kept in a nameless file, so that no number of them fills the memory."""

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.sources.faults import writing_into
from pipelines.sources.relation import LINE

_FIELDS = 3  # start, size, line
_KEPT = 16_384
_TEXT = 4 << 20
SCHEMA = pa.schema([("line", pa.string()), (LINE, pa.int64())])


class Places:
    """First byte, size and physical line of every record, in order. What `batches` gives can be asked for often."""

    def __init__(self) -> None:
        self.count = 0
        self._new = array("q")
        self._file, name = tempfile.mkstemp(prefix="rongtong-places-")
        Path(name).unlink()
        self.close = weakref.finalize(self, os.close, self._file)

    def add(self, start: int, size: int, line: int) -> None:
        """Note one more record. DiskFull."""
        self.count += 1
        self._new.extend((start, size, line))
        if len(self._new) >= _FIELDS * _KEPT:
            self.keep()

    def keep(self) -> None:
        """Write what was noted; to be called when all is. DiskFull."""
        with writing_into(Path(tempfile.gettempdir())), open(self._file, "ab", closefd=False) as file:
            file.write(self._new.tobytes())
        del self._new[:]

    def batches(self, document: Path) -> Iterator[pa.RecordBatch]:
        """Yield the records' texts and lines, some megabytes at a time."""
        size = _FIELDS * self._new.itemsize
        with document.open("rb") as file:
            for first in range(0, self.count * size, _KEPT * size):
                part = np.frombuffer(os.pread(self._file, _KEPT * size, first), np.int64).reshape(-1, _FIELDS)
                ends = part[:, 0] + part[:, 1]
                at = 0
                while at < len(part):
                    after = max(at + 1, int(np.searchsorted(ends, part[at, 0] + _TEXT)))
                    file.seek(part[at, 0])
                    yield _batch(file.read(ends[after - 1] - part[at, 0]), part[at:after])
                    at = after


def _batch(data: bytes, places: NDArray[np.int64]) -> pa.RecordBatch:
    """The records of a piece of the document; Arrow splits it into them and what lies between."""
    bounds = np.empty(2 * len(places), np.int32)
    bounds[0::2] = places[:, 0] - places[0, 0]
    bounds[1::2] = bounds[0::2] + places[:, 1]
    parts = pa.StringArray.from_buffers(len(bounds) - 1, pa.py_buffer(bounds), pa.py_buffer(data))
    texts = parts.take(pa.array(np.arange(0, len(bounds), 2)))
    return pa.RecordBatch.from_arrays([texts, pa.array(places[:, 2])], schema=SCHEMA)
