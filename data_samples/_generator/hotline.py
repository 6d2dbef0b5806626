"""Deliveries of governance.hotline_orders: one month's file, written in chunks, so memory does not grow with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from _generator.edits import AT, COLUMNS, Edit, hits
from _generator.orders import HEADINGS, NEWLINE, PERSONAL, Chunk, Month, good_rows
from _generator.tally import Tally

CHUNK = 200_000


@dataclass(frozen=True, slots=True)
class HotlineFile:
    """A month as it is delivered. `renamed` holds other headings by column.

    `total_counts_withdrawn`: the total was taken before the rows were lost that the edits withdraw.
    """

    month: Month
    edits: tuple[Edit, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "gb18030"
    total_row: bool = True
    total_counts_withdrawn: bool = False
    blank_last_line: bool = False

    @property
    def columns(self) -> list[str]:
        """Columns of the file, in order."""
        return [c for c in COLUMNS if self.month.personal or c not in PERSONAL]


def _half_days(text: str) -> int:
    return 0 if text == "—" else int(float(text) * 2)


def _line(fields: Sequence[str]) -> str:
    quoted = ('"' + f.replace('"', '""') + '"' if any(c in f for c in ',"\r\n') else f for f in fields)
    return ",".join(quoted) + NEWLINE


def _edited(file: HotlineFile, chunk: Chunk, tally: Tally) -> pa.StringArray:
    """The chunk's lines with the file's warts in them; counts into the tally."""
    size = len(chunk.lines)
    found = hits(file.edits, chunk.start, chunk.start + size)
    tally.delivered += size
    tally.half_days += int(chunk.half_days.sum())
    if not found:
        return chunk.lines
    mask = np.zeros(size, dtype=bool)
    mask[[row - chunk.start for row in found]] = True
    texts = []
    for old, row in zip(chunk.lines.filter(pa.array(mask)).to_pylist(), sorted(found), strict=True):
        edit, fields = found[row], old[: -len(NEWLINE)].split(",")
        before, fields = _half_days(fields[AT["handling_days"]]), edit.change(fields, file.month, row)
        if edit.rule:
            tally.count_broken(edit.rule, edit.breaks)
        if fields:
            tally.half_days += _half_days(fields[AT["handling_days"]]) - before
        else:
            tally.delivered -= 1
            tally.half_days -= before
        texts.append(_line(fields) if fields else "")
    return pc.replace_with_mask(chunk.lines, pa.array(mask), pa.array(texts))


def _text_of(lines: pa.StringArray) -> bytes:
    """All the lines in one piece: they lie one after the other in the array's own buffer."""
    _, offsets, text = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)
    return memoryview(text)[int(ends[lines.offset]) : int(ends[lines.offset + len(lines)])].tobytes()


def _chunks(file: HotlineFile, tally: Tally) -> Iterator[bytes]:
    rows = file.month.rows
    lost = Tally()
    for start in range(0, rows, CHUNK):
        chunk = good_rows(file.month, start, min(start + CHUNK, rows))
        lost.delivered += len(chunk.lines)
        lost.half_days += int(chunk.half_days.sum())
        lines = _edited(file, chunk, tally)
        yield _text_of(lines)
    if file.total_row:
        told = lost if file.total_counts_withdrawn else tally
        tally.declared = {"rows": told.delivered, "handling_days": told.half_days / 2}
        tally.counted = {"rows": tally.delivered, "handling_days": tally.half_days / 2}
        values = {"order_id": "合计", "accepted_at": str(told.delivered), "handling_days": f"{told.half_days / 2:.1f}"}
        yield _line([values.get(column, "") for column in file.columns]).encode()
    if file.blank_last_line:
        yield NEWLINE.encode()


def write_hotline(path: Path, file: HotlineFile) -> Tally:
    """Write one delivery and return what it holds."""
    tally = Tally()
    with path.open("wb") as out:
        out.write(_line([file.renamed.get(c, HEADINGS[c]) for c in file.columns]).encode(file.encoding))
        for part in _chunks(file, tally):
            out.write(part if file.encoding == "utf-8" else part.decode().encode(file.encoding))
    return tally
