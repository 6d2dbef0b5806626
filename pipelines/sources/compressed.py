"""Unpacks gzip while it streams by, in pieces of bounded size, whatever the compression ratio."""

import zlib
from collections.abc import Generator, Iterable, Iterator

from pipelines.sources.faults import refusal

GZIP = b"\x1f\x8b"
_PIECE = 4 << 20
_SMALL = 64 << 20
_MOST = 500  # no table of data shrinks to a five-hundredth; archives made to fill a disk shrink to a thousandth


def gunzip(chunks: Iterable[bytes], file: str) -> Iterator[bytes]:
    """Yield the bytes inside gzip members laid end to end; SourceError when they are cut off or damaged."""
    try:
        whole = yield from _unpacked(chunks, file)
    except zlib.error as error:
        raise refusal(file, "gzip", "the gzip data are damaged.", "compress and send the file again") from error
    if not whole:
        raise refusal(file, "gzip", "the gzip file is cut off before its end.", "send the file again: it is incomplete")


def refuse_bomb(unpacked: int, packed: int, file: str) -> None:
    """Raise SourceError when so many bytes out of so few mean harm."""
    if unpacked > _SMALL and unpacked > _MOST * packed:
        told = f"{packed} bytes unpack to more than {_MOST} times as many: this is no delivery."
        raise refusal(file, "bomb", told, "ask who sent it")


def _unpacked(chunks: Iterable[bytes], file: str) -> Generator[bytes, None, bool]:
    member = zlib.decompressobj(wbits=31)
    taken = given = 0
    for chunk in chunks:
        data = chunk
        taken += len(chunk)
        while data:
            piece = member.decompress(data, _PIECE)
            given += len(piece)
            refuse_bomb(given, taken, file)
            yield piece
            data = member.unconsumed_tail
            if member.eof:
                data = member.unused_data.lstrip(b"\0")  # members may be padded with zeros
                if data:
                    member = zlib.decompressobj(wbits=31)
    while not member.eof and (piece := member.decompress(b"", _PIECE)):
        yield piece
    return member.eof
