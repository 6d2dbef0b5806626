"""Splitting text with Arrow: bytes into lines, lines into fields, without a Python object per value."""

import struct

import pyarrow as pa
import pyarrow.compute as pc


def split(data: bytes, separator: str) -> pa.StringArray:
    """Return the parts of UTF-8 bytes between separators."""
    whole = pa.StringArray.from_buffers(1, pa.py_buffer(struct.pack("<ii", 0, len(data))), pa.py_buffer(data))
    return pc.split_pattern(whole, separator).flatten()


def physical_lines(data: bytes) -> pa.StringArray:
    """Return the physical lines of UTF-8 bytes, without their newlines; a newline at the end starts no further line."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return split(data[:-1] if data.endswith(b"\n") else data, "\n")


def absent(text: str, count: int) -> list[str]:
    """Return that many characters which the text does not hold."""
    found: list[str] = []
    for code in range(1, 0x110000):
        if chr(code) not in text:
            found.append(chr(code))
            if len(found) == count:
                break
    return found


def all_quoted(lines: pa.StringArray, width: int, delimiter: str, quote: str) -> pa.BooleanArray:
    """Return which lines are `width` fields, each in quotes that hold no quote themselves.

    Twice `width` quotes, one at either end and the rest in `width - 1` times `","` leave none for the inside.
    """
    plausible = pc.and_(
        pc.equal(pc.count_substring(lines, quote), 2 * width),
        pc.and_(pc.starts_with(lines, quote), pc.ends_with(lines, quote)),
    )
    return pc.and_(plausible, pc.equal(pc.count_substring(unquoted_ends(lines), quote + delimiter + quote), width - 1))


def unquoted_ends(lines: pa.StringArray) -> pa.StringArray:
    """Return the lines without their first and last character."""
    return pc.utf8_slice_codeunits(lines, 1, -1)


def columns(fields: pa.ListArray, width: int) -> list[pa.StringArray]:
    """Return lists of `width` fields column by column."""
    return [pc.list_element(fields, place) for place in range(width)] if len(fields) else []
