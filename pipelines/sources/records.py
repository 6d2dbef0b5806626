"""The exact record reader: every physical line becomes part of a record, a blank, or a record that says why it is none.

It goes by RFC 4180 and finds its way again: a quoted field ends after 1 MB or 1,000 lines at the latest; then the line
where its record began is rejected alone, and reading resumes on the next line. Arrow splits the lines without quotes,
`quoting` reads the others.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.quoting import MAX_LINE, QuotedRecords
from pipelines.sources.rejected import too_long, wrong_width
from pipelines.sources.relation import LINE, STRUCTURE

_BLOCK = 4 << 20


@dataclass(slots=True)
class Records:
    """The records of a UTF-8 text from byte `offset` on, where physical line `line` begins; DuckDB can scan it often.

    Rows come in the file's order. `further_lines` is how many lines, beyond the first of each, the rejected records of
    the last whole scan covered.
    """

    path: Path
    offset: int
    line: int
    headings: tuple[str, ...]
    delimiter: str
    quote: str
    further_lines: int = 0

    @property
    def schema(self) -> pa.Schema:
        """One string column per heading, then `_line` and `_structure`."""
        texts = [(heading, pa.string()) for heading in self.headings]
        return pa.schema([*texts, (LINE, pa.int64()), (STRUCTURE, pa.string())])

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's C stream protocol: a fresh scan for whoever asks."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches()).__arrow_c_stream__(requested_schema)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the records in batches of some 4 MB."""
        line, carried, further = self.line, b"", 0
        for block, more in _with_more(whole_lines(self.path, self.offset)):
            data = carried + block
            lines = physical_lines(data)
            found: QuotedRecords | None = None
            if self.quote and self.quote.encode() in data:
                found = QuotedRecords(data, lines, len(self.headings), self.delimiter, self.quote, more)
                found.read()
                further += found.further_lines
                lines = lines.slice(0, found.end)
            yield from self._of_block(lines, line, found)
            line += len(lines)
            carried = found.unread if found else b""
        self.further_lines = further

    def _of_block(self, lines: pa.StringArray, line: int, found: QuotedRecords | None) -> Iterator[pa.RecordBatch]:
        numbers = pa.arange(line, line + len(lines))
        free = pc.greater(pc.binary_length(lines), 0)
        parts: list[pa.RecordBatch] = []
        if found:
            free = pc.and_(free, found.untaken())
            texts = [pa.array(column, pa.string()) for column in zip(*found.rows, strict=True)]
            parts = [
                *self._sound(texts, pa.array([line + place for place in found.places], pa.int64())),
                *self._rejected([line + place for place, _ in found.rejects], [reason for _, reason in found.rejects]),
            ]
        parts += self._plain(lines.filter(free), numbers.filter(free))
        if len(parts) > 1:
            yield from pa.Table.from_batches(parts).sort_by(LINE).combine_chunks().to_batches()
        else:
            yield from parts

    def _plain(self, lines: pa.StringArray, numbers: pa.Int64Array) -> Iterator[pa.RecordBatch]:
        """Batches of lines that hold no quote: a line is a record, its fields lie between delimiters."""
        width = len(self.headings)
        fields = pc.split_pattern(lines, self.delimiter)
        widths = pc.list_value_length(fields)
        long = pc.greater(pc.binary_length(lines), MAX_LINE)
        sound = pc.and_not(pc.equal(widths, width), long)
        if not pc.all(sound).as_py():
            bad = pc.invert(sound)
            reasons = [
                too_long(MAX_LINE) if is_long else wrong_width(found, width)
                for is_long, found in zip(long.filter(bad).to_pylist(), widths.filter(bad).to_pylist(), strict=True)
            ]
            yield from self._rejected(numbers.filter(bad).to_pylist(), reasons)
            fields, numbers = fields.filter(sound), numbers.filter(sound)
        if len(numbers):
            yield from self._sound([pc.list_element(fields, place) for place in range(width)], numbers)

    def _sound(self, texts: Sequence[pa.StringArray], numbers: pa.Int64Array) -> Iterator[pa.RecordBatch]:
        if len(numbers):
            values = [pc.if_else(pc.equal(pc.binary_length(text), 0), None, text) for text in texts]
            yield self._batch(values, numbers, pa.nulls(len(numbers), pa.string()))

    def _rejected(self, numbers: Sequence[int], reasons: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if numbers:
            nothing = [pa.nulls(len(numbers), pa.string())] * len(self.headings)
            yield self._batch(nothing, pa.array(numbers, pa.int64()), pa.array(reasons, pa.string()))

    def _batch(self, values: list[pa.Array], numbers: pa.Array, structure: pa.Array) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([*values, numbers, structure], schema=self.schema)


def physical_lines(data: bytes) -> pa.StringArray:
    """Return the physical lines of UTF-8 bytes, without their newlines; a newline at the end starts no further line."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    size = len(data) - data.endswith(b"\n")
    whole = pa.StringArray.from_buffers(1, pa.py_buffer(struct.pack("<ii", 0, size)), pa.py_buffer(data))
    return pc.split_pattern(whole, "\n").flatten()


def whole_lines(path: Path, offset: int) -> Iterator[bytes]:
    """Yield the file from `offset` in blocks of whole lines; a line beyond MAX_LINE is cut, but stays beyond it."""
    held = b""
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        while chunk := file.read(_BLOCK):
            data = held + chunk
            cut = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
            if cut:
                yield data[:cut]
            held = data[cut:] if cut or len(data) <= MAX_LINE else _shortened(data)
    if held:
        yield held


def _shortened(line: bytes) -> bytes:
    """The start of an endless line; a CR at its edge is kept, it may end the line."""
    end = MAX_LINE + 4
    while line[end] & 0xC0 == 0x80:
        end -= 1
    return line[:end] + (b"\r" if line.endswith(b"\r") else b"")


def _with_more(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and whether another one follows."""
    held = next(blocks, None)
    while held is not None:
        following = next(blocks, None)
        yield held, following is not None
        held = following
