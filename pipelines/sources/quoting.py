"""Records of lines with quotes, by Python's csv module in strict mode; a record that never ends costs one line."""

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.rejected import UNBALANCED, too_long, wrong_width
from pipelines.sources.spaced import has_spaced_quotes, spaced_records
from pipelines.sources.split import absent, columns, split

MAX_LINE = 1_000_000
MAX_LINES = 1_000
csv.field_size_limit(max(csv.field_size_limit(), 8 * MAX_LINE))


class QuotedRecords:
    """The records of a block of whole lines that begin on one of the lines of `begins`.

    After `read`: `places` of the sound ones (the index of their first line), `rejects` as (place, reason), and `end`,
    the number of lines dealt with: a record cut off by the block's end is left over in `unread` when `more` follows.
    """

    def __init__(
        self, data: bytes, begins: pa.BooleanArray, long: pa.BooleanArray, width: int, delimiter: str, quote: str
    ) -> None:
        text = data.decode()
        self.places: list[int] = []
        self.rejects: list[tuple[int, str]] = []
        self.further_lines = 0
        self.unread = b""
        self._texts = list(io.StringIO(text, newline=""))
        self.end = len(self._texts)
        self._begins = begins.cast(pa.uint8()).buffers()[1].to_pybytes()
        self._long = frozenset(pc.indices_nonzero(long).to_pylist())
        self._taken = bytearray(self.end)
        self._width, self._delimiter, self._quote = width, delimiter, quote
        self._spaced = has_spaced_quotes(text, delimiter, quote)
        self._between_fields, self._between_rows = absent(text, 2)
        self._rows: list[str] = []
        self._start = self._next = 0
        self._ran_out = False

    def read(self, *, more: bool) -> None:
        """Read all records that begin on a line with a quote."""
        place = self._beginning_from(0)
        while place < self.end:
            place = self._read_from(place, more)

    def columns(self) -> list[pa.StringArray]:
        """Return the fields of the sound records, column by column; none when there are no records."""
        if not self._rows:
            return []
        rows = split(self._between_rows.join(self._rows).encode(), self._between_rows)
        return columns(pc.split_pattern(rows, self._between_fields), self._width)

    def untaken(self) -> pa.BooleanArray:
        """Return which of the lines dealt with belong to no record found here."""
        flags = pa.Array.from_buffers(pa.uint8(), self.end, [None, pa.py_buffer(bytes(self._taken))])
        return pc.equal(flags, 0)

    def _read_from(self, place: int, more: bool) -> int:
        """Read records until one is broken or none is left; return where to go on."""
        self._start = self._next = place
        self._ran_out = False
        try:
            for row in self._reader(self._lines()):
                if (self._long or self._next - self._start > 1) and self._is_beyond_bounds():
                    break
                self._keep(row)
                self._start = self._next = self._beginning_from(self._next)
                if self._start >= self.end:
                    return self.end
        except csv.Error:
            return self._after_broken(more)
        return self._after_broken(more)

    def _reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        if self._spaced:
            return spaced_records(lines, self._delimiter, self._quote)
        return csv.reader(lines, delimiter=self._delimiter, quotechar=self._quote, strict=True)

    def _lines(self) -> Iterator[str]:
        """The lines from the current record on; ends within a record that runs out of lines or takes too many."""
        while self._next < self.end and self._next - self._start < MAX_LINES:
            self._next += 1
            yield self._texts[self._next - 1]
        self._ran_out = self._next == self.end

    def _keep(self, row: list[str]) -> None:
        start, following = self._start, self._next
        self._taken[start:following] = b"\1" * (following - start)
        if len(row) == self._width or (len(row) > self._width and not any(row[self._width :])):
            self._rows.append(self._between_fields.join(row))
            self.places.append(start)
        else:
            self.rejects.append((start, wrong_width(len(row), self._width)))
            self.further_lines += sum(bool(text.strip("\r\n")) for text in self._texts[start + 1 : following])

    def _is_beyond_bounds(self) -> bool:
        taken = range(self._start, self._next)
        return not self._long.isdisjoint(taken) or sum(len(self._texts[place]) for place in taken) > MAX_LINE

    def _after_broken(self, more: bool) -> int:
        start = self._start
        if self._ran_out and more and not self._is_beyond_bounds():
            self.unread = "".join(self._texts[start:]).encode()
            self.end = start
            return start
        self._taken[start] = 1
        self.rejects.append((start, too_long(MAX_LINE) if start in self._long else UNBALANCED))
        return self._beginning_from(start + 1)

    def _beginning_from(self, place: int) -> int:
        found = self._begins.find(1, place)
        return found if found >= 0 else len(self._texts)
