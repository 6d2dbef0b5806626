"""Records of lines with quotes, by Python's csv module in strict mode; a record that never ends costs one line."""

import csv
import io
from bisect import bisect_left
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.rejected import UNBALANCED, too_long, wrong_width

MAX_LINE = 1_000_000
MAX_LINES = 1_000
csv.field_size_limit(max(csv.field_size_limit(), 8 * MAX_LINE))


class QuotedRecords:
    """The records of a block of whole lines that begin on a line with a quote.

    After `read`: `rows` with their `places` (the index of their first line), `rejects` as (place, reason), and `end`,
    the number of lines dealt with: a record cut off by the block's end is left over in `unread` when `more` follows.
    """

    def __init__(self, data: bytes, lines: pa.StringArray, width: int, delimiter: str, quote: str, more: bool) -> None:
        self.rows: list[list[str]] = []
        self.places: list[int] = []
        self.rejects: list[tuple[int, str]] = []
        self.further_lines = 0
        self.unread = b""
        self._texts = list(io.StringIO(data.decode(), newline=""))
        self.end = len(self._texts)
        self._quoted: list[int] = pc.indices_nonzero(pc.match_substring(lines, quote)).to_pylist()
        self._long = set(pc.indices_nonzero(pc.greater(pc.binary_length(lines), MAX_LINE)).to_pylist())
        self._taken = bytearray(self.end)
        self._width, self._delimiter, self._quote, self._more = width, delimiter, quote, more
        self._start = self._next = 0
        self._ran_out = False

    def read(self) -> None:
        """Read all records that begin on a line with a quote."""
        place = self._quoted_from(0)
        while place < self.end:
            place = self._read_from(place)

    def untaken(self) -> pa.BooleanArray:
        """Return which of the lines dealt with belong to no record found here."""
        flags = pa.Array.from_buffers(pa.uint8(), self.end, [None, pa.py_buffer(bytes(self._taken))])
        return pc.equal(flags, 0)

    def _read_from(self, place: int) -> int:
        """Read records until one is broken or none is left; return where to go on."""
        self._start = self._next = place
        self._ran_out = False
        reader = csv.reader(self._lines(), delimiter=self._delimiter, quotechar=self._quote, strict=True)
        try:
            for row in reader:
                if (self._long or self._next - self._start > 1) and self._is_beyond_bounds():
                    break
                self._keep(row)
                self._start = self._next = self._quoted_from(self._next)
                if self._start >= self.end:
                    return self.end
        except csv.Error:
            return self._after_broken()
        return self._after_broken()

    def _lines(self) -> Iterator[str]:
        """The lines from the current record on; ends within a record that runs out of lines or takes too many."""
        while self._next < self.end and self._next - self._start < MAX_LINES:
            self._next += 1
            yield self._texts[self._next - 1]
        self._ran_out = self._next == self.end

    def _keep(self, row: list[str]) -> None:
        start, following = self._start, self._next
        if following == start + 1:
            self._taken[start] = 1
        else:
            self._taken[start:following] = b"\1" * (following - start)
        if len(row) == self._width:
            self.rows.append(row)
            self.places.append(start)
        else:
            self.rejects.append((start, wrong_width(len(row), self._width)))
            self.further_lines += sum(bool(text.strip("\r\n")) for text in self._texts[start + 1 : following])

    def _is_beyond_bounds(self) -> bool:
        taken = self._texts[self._start : self._next]
        return sum(map(len, taken)) > MAX_LINE or not self._long.isdisjoint(range(self._start, self._next))

    def _after_broken(self) -> int:
        start = self._start
        if self._ran_out and self._more and not self._is_beyond_bounds():
            self.unread = "".join(self._texts[start:]).encode()
            self.end = start
            return start
        self._taken[start] = 1
        self.rejects.append((start, too_long(MAX_LINE) if start in self._long else UNBALANCED))
        return self._quoted_from(start + 1)

    def _quoted_from(self, place: int) -> int:
        at = bisect_left(self._quoted, place)
        return self._quoted[at] if at < len(self._quoted) else len(self._texts)
