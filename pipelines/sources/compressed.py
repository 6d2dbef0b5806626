"""Unpacks gzip while it streams by, in pieces of bounded size, whatever the compression ratio."""

import zlib
from collections.abc import Generator, Iterable, Iterator

from pipelines.sources.faults import refusal

GZIP = b"\x1f\x8b"
_PIECE = 4 << 20


def gunzip(chunks: Iterable[bytes], file: str) -> Iterator[bytes]:
    """Yield the bytes inside gzip members laid end to end; SourceError when they are cut off or damaged."""
    try:
        whole = yield from _unpacked(chunks)
    except zlib.error as error:
        raise refusal(file, "gzip", "the gzip data are damaged.", "compress and send the file again") from error
    if not whole:
        raise refusal(file, "gzip", "the gzip file is cut off before its end.", "send the file again: it is incomplete")


def _unpacked(chunks: Iterable[bytes]) -> Generator[bytes, None, bool]:
    member = zlib.decompressobj(wbits=31)
    for chunk in chunks:
        data = chunk
        while data:
            yield member.decompress(data, _PIECE)
            data = member.unconsumed_tail
            if member.eof:
                data = member.unused_data.lstrip(b"\0")  # members may be padded with zeros
                if data:
                    member = zlib.decompressobj(wbits=31)
    while not member.eof and (piece := member.decompress(b"", _PIECE)):
        yield piece
    return member.eof
