"""Makes bytes readable as they pass: unpacks them, settles their encoding, writes UTF-8 where needed, counts lines."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pipelines.contracts.model import WORKBOOKS
from pipelines.sources.archive import unzip
from pipelines.sources.compressed import GZIP, gunzip
from pipelines.sources.counting import Counter
from pipelines.sources.encoding import GB18030, UTF8, Watch, bom_of, codec_of, contradicts, looks_chinese, looks_utf8
from pipelines.sources.faults import refusal
from pipelines.sources.kinds import ZIP, refuse_no_workbook, refuse_other_kinds
from pipelines.sources.landed import ALL_DECODED, BINARY_FORMATS, NO_COUNTS, Asked, Counts, Undecodable
from pipelines.sources.transcoding import TooManyErrors, Transcoder

_MOST_ERRORS = 1_000_000
_LITTLE_ENDIAN = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}  # what is meant when no mark says otherwise


@dataclass(frozen=True, slots=True)
class Prepared:
    """How the bytes can be read; `written`: what readers open is the file made here, not the original."""

    written: bool
    compressed: bool
    encoding: str = ""
    encoding_sure: bool = True
    bom: int = 0
    counts: Counts = NO_COUNTS
    undecodable: Undecodable = ALL_DECODED
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Text:
    """One text to prepare: `again` yields its unpacked bytes from the start, `out` is where UTF-8 goes."""

    file: str
    asked: Asked
    packed: bool
    again: Callable[[], Iterator[bytes]]
    out: Path


def prepare(
    chunks: Iterable[bytes], again: Callable[[], Iterator[bytes]], original: Path, asked: Asked, file: str, out: Path
) -> Prepared:
    """Return how the bytes of `chunks` can be read, having taken all of them; `again` gives them anew if need be.

    Once they are taken, they also lie in `original`: archives have their list of members at the end.
    """
    head, chunks = _peeked(chunks)
    if head.startswith(ZIP) and (asked.member or asked.format not in WORKBOOKS):
        for _ in chunks:
            pass
        text = _Text(file, asked, True, lambda: unzip(original, file, asked.member), out)
        pieces = text.again()
    elif asked.member:
        raise refusal(file, "archive", "the contract expects a ZIP archive, this is none.", "see `member`")
    else:
        packed = head.startswith(GZIP)
        pieces = gunzip(chunks, file) if packed else iter(chunks)
        text = _Text(file, asked, packed, (lambda: gunzip(again(), file)) if packed else again, out)
    return _binary(text, pieces) if asked.format in BINARY_FORMATS else _text(text, pieces)


def _binary(text: _Text, pieces: Iterator[bytes]) -> Prepared:
    head, pieces = _peeked(pieces)
    if text.asked.format in WORKBOOKS:
        refuse_no_workbook(head, text.asked.format, text.file)
    with text.out.open("wb") if text.packed else nullcontext() as out:
        for piece in pieces:
            if out:
                out.write(piece)
    return Prepared(written=text.packed, compressed=text.packed)


def _text(text: _Text, pieces: Iterator[bytes]) -> Prepared:
    head, pieces = _peeked(pieces)
    refuse_other_kinds(head, text.asked.format, text.file)
    bom, announced = bom_of(head)
    declared = codec_of(text.asked.encoding, text.file)
    codec = announced or _LITTLE_ENDIAN.get(declared, declared) or UTF8
    watch = Watch()
    done = _first_pass(text, pieces, codec, bom, watch)
    watch.close()
    if codec != UTF8 and not announced and _is_plain_utf8(codec, watch):
        done = _pass(text, text.again(), UTF8, 0, decode=False)
    elif codec == UTF8 and not watch.utf8:
        done = _pass(text, text.again(), UTF8, bom, decode=True) if announced else _contest(text, watch)
    if done is None:
        raise refusal(
            text.file, "encoding", f"more than {_MOST_ERRORS} places are no text in {codec}.", "declare `encoding`"
        )
    _refuse_no_text(done, watch, text.file)
    return replace(done, notes=_notes(done, declared))


def _first_pass(text: _Text, pieces: Iterator[bytes], codec: str, bom: int, watch: Watch) -> Prepared | None:
    """Return the text in the encoding it should have, or None when it plainly is not; every byte was taken either way."""
    try:
        return _pass(text, pieces, codec, bom, decode=codec != UTF8, watch=watch)
    except TooManyErrors:
        for piece in pieces:
            watch.feed(piece)
        return None


def _pass(
    text: _Text,
    pieces: Iterator[bytes],
    codec: str,
    bom: int,
    *,
    decode: bool,
    watch: Watch | None = None,
    limit: int = _MOST_ERRORS,
) -> Prepared:
    transcoder = Transcoder(codec, limit, bom) if decode else None
    counter = Counter(text.asked.quote if text.asked.format == "csv" else "")
    written = decode or text.packed
    skip = bom if decode else 0
    with text.out.open("wb") if written else nullcontext() as out:
        for piece in chain(pieces, (None,)):
            if watch and piece:
                watch.feed(piece)
            data = (piece or b"")[skip:]
            skip = 0 if piece else skip
            if transcoder:
                data = transcoder.feed(data, counter.newlines, counter.held, final=piece is None)
            counter.feed(data)
            if out:
                out.write(data)
    return Prepared(
        written=written,
        compressed=text.packed,
        encoding=codec,
        bom=0 if decode else bom,
        counts=counter.close(),
        undecodable=transcoder.undecodable if transcoder else ALL_DECODED,
    )


def _contest(text: _Text, watch: Watch) -> Prepared:
    """Read what is not clean UTF-8 as the likelier of damaged UTF-8 and GB18030, or as the one with fewer errors."""
    likely, other = (UTF8, GB18030) if looks_utf8(watch.sample) else (GB18030, UTF8)
    done = _pass(text, text.again(), likely, 0, decode=True)
    errors = done.undecodable.total
    if errors > max(100, watch.size // 1000):
        rival = replace(text, out=text.out.with_name(text.out.name + ".rival"))
        try:
            done = _pass(rival, text.again(), other, 0, decode=True, limit=errors - 1)
            rival.out.replace(text.out)
        except TooManyErrors:
            rival.out.unlink()
    sure = done.encoding == UTF8 or (looks_chinese(watch.sample) and not done.undecodable.total)
    return replace(done, encoding_sure=sure)


def _is_plain_utf8(declared: str, watch: Watch) -> bool:
    if watch.ascii:
        return declared.startswith(("utf-16", "utf-32")) and not watch.nuls
    return watch.utf8 and contradicts(watch.sample, declared)


def _notes(done: Prepared, declared: str) -> tuple[str, ...]:
    notes = []
    if declared and not done.encoding.startswith(declared):
        notes.append(f"declared as {declared}, but the bytes are {done.encoding}; read as {done.encoding}")
    if not done.encoding_sure:
        notes.append(f"the encoding is not certain; read as {done.encoding}")
    if done.undecodable.total:
        notes.append(f"{done.undecodable.total} undecodable places in {done.encoding}, each read as U+FFFD")
    return tuple(notes)


def _refuse_no_text(done: Prepared, watch: Watch, file: str) -> None:
    nuls, wrong = done.counts.nuls, done.undecodable.total
    if watch.size <= done.bom or not done.counts.lines:
        raise refusal(file, "empty", "the file holds no text.", "send the file again")
    if nuls >= 8 and nuls * 5 > watch.size:
        hint = "declare `encoding: utf-16-le` if it is UTF-16 without a byte order mark"
        raise refusal(file, "encoding", "more than every fifth byte is NUL: this is no text in UTF-8 or GB18030.", hint)
    if wrong >= 20 and wrong * 10 > watch.size:
        raise refusal(file, "encoding", f"{wrong} places are no text in {done.encoding}.", "declare `encoding`")


def _peeked(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes (at least 16, unless there are fewer) and all chunks, those bytes included."""
    chunks = iter(chunks)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 16:
            break
    return head, chain((head,), chunks)
