"""The exact record reader: every physical line becomes part of a record, a blank, or a record that says why it is none.

It goes by RFC 4180 and finds its way again: a quoted field ends after 1 MB or 1,000 lines at the latest; then the line
where its record began is rejected alone, and reading resumes on the next line. Arrow splits the simple lines, `quoting`
reads the others.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.quoting import MAX_LINE, QuotedRecords
from pipelines.sources.rejected import too_long, wrong_width
from pipelines.sources.relation import LINE, STRUCTURE
from pipelines.sources.split import all_quoted, columns, physical_lines, unquoted_ends

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
            carried = b""
            if self.quote and self.quote.encode() in data:
                found = self._quoted(data, lines)
                found.read(more=more)
                further += found.further_lines
                lines, carried = lines.slice(0, found.end), found.unread
                parts = list(self._beside_quotes(lines, line, found))
            else:
                parts = list(self._unquoted(lines, pa.arange(line, line + len(lines))))
            line += len(lines)
            yield from parts if len(parts) < 2 else _in_order(parts)
        self.further_lines = further

    def _quoted(self, data: bytes, lines: pa.StringArray) -> QuotedRecords:
        long = pc.greater(pc.binary_length(lines), MAX_LINE)
        simple = pc.and_not(all_quoted(lines, len(self.headings), self.delimiter, self.quote), long)
        begins = pc.and_not(pc.match_substring(lines, self.quote), simple)
        return QuotedRecords(data, begins, long, len(self.headings), self.delimiter, self.quote)

    def _beside_quotes(self, lines: pa.StringArray, line: int, found: QuotedRecords) -> Iterator[pa.RecordBatch]:
        """Batches of a block with quotes: the records found, and the lines they left over, which are simple."""
        yield from self._sound(found.columns(), _integers(found.places, line))
        yield from self._rejected([line + place for place, _ in found.rejects], [reason for _, reason in found.rejects])
        numbers, free = pa.arange(line, line + len(lines)), found.untaken()
        simple = pc.and_(free, pc.starts_with(lines, self.quote))
        between = f"{self.quote}{self.delimiter}{self.quote}"
        fields = pc.split_pattern(unquoted_ends(lines.filter(simple)), between)
        yield from self._sound(columns(fields, len(self.headings)), numbers.filter(simple))
        rest = pc.and_not(free, simple)
        yield from self._unquoted(lines.filter(rest), numbers.filter(rest))

    def _unquoted(self, lines: pa.StringArray, numbers: pa.Int64Array) -> Iterator[pa.RecordBatch]:
        """Batches of lines without a quote: each is a record whose fields lie between delimiters, or blank."""
        size = pc.binary_length(lines)
        if pc.min(size).as_py() == 0:
            full = pc.greater(size, 0)
            lines, numbers, size = lines.filter(full), numbers.filter(full), size.filter(full)
        fields = pc.split_pattern(lines, self.delimiter)
        widths = pc.list_value_length(fields)
        sound = pc.and_(pc.equal(widths, len(self.headings)), pc.less_equal(size, MAX_LINE))
        if not pc.all(sound).as_py():
            sound = pc.and_(self._fit(lines, widths), pc.less_equal(size, MAX_LINE))
            bad = pc.invert(sound)
            reasons = [
                too_long(MAX_LINE) if bytes_ > MAX_LINE else wrong_width(width, len(self.headings))
                for bytes_, width in zip(size.filter(bad).to_pylist(), widths.filter(bad).to_pylist(), strict=True)
            ]
            yield from self._rejected(numbers.filter(bad).to_pylist(), reasons)
            fields, numbers = fields.filter(sound), numbers.filter(sound)
        yield from self._sound(columns(fields, len(self.headings)), numbers)

    def _fit(self, lines: pa.StringArray, widths: pa.Int32Array) -> pa.BooleanArray:
        """Which lines have all fields, and beyond them at most empty ones: DuckDB passes over those, too."""
        trimmed = pc.binary_length(pc.utf8_rtrim(lines, self.delimiter))
        empty = pc.divide(pc.subtract(pc.binary_length(lines), trimmed), len(self.delimiter.encode()))
        surplus = pc.subtract(widths, len(self.headings))
        return pc.and_(pc.greater_equal(surplus, 0), pc.less_equal(surplus, empty))

    def _sound(self, texts: Sequence[pa.StringArray], numbers: pa.Int64Array) -> Iterator[pa.RecordBatch]:
        if len(numbers):
            values = [pc.if_else(pc.equal(pc.binary_length(text), 0), None, text) for text in texts]
            yield self._batch(values, numbers, pa.nulls(len(numbers), pa.string()))

    def _rejected(self, numbers: Sequence[int], reasons: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if numbers:
            nothing = [pa.nulls(len(numbers), pa.string())] * len(self.headings)
            yield self._batch(nothing, _integers(numbers), pa.array(reasons, pa.string()))

    def _batch(self, values: list[pa.Array], numbers: pa.Array, structure: pa.Array) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([*values, numbers, structure], schema=self.schema)


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
            held = data[cut:] if cut or len(data) <= 2 * MAX_LINE else _shortened(data)
    if held:
        yield held


def _shortened(line: bytes) -> bytes:
    """The start of an endless line and its last character so far, which may be half read, or a CR that ends the line."""
    return line[: _character_at(line, MAX_LINE + 4)] + line[_character_at(line, len(line) - 1) :]


def _character_at(text: bytes, place: int) -> int:
    """Where the UTF-8 character begins to which the byte at `place` belongs."""
    while text[place] & 0xC0 == 0x80:
        place -= 1
    return place


def _with_more(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and whether another one follows."""
    held = next(blocks, None)
    while held is not None:
        following = next(blocks, None)
        yield held, following is not None
        held = following


def _in_order(parts: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    return list(pa.Table.from_batches(parts).sort_by(LINE).combine_chunks().to_batches())


def _integers(values: Sequence[int], base: int = 0) -> pa.Int64Array:
    numbers = pa.Int64Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(array("q", values))])
    return pc.add(numbers, base)
