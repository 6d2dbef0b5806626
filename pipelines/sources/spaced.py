"""Records whose quoted fields stand between blanks (`1, "x, y" ,3`): no RFC allows them, DuckDB reads them, so do we.

One blank may stand before the opening quote and any number after the closing one, as DuckDB has it.
"""

import csv
import re
from collections.abc import Iterator


def has_spaced_quotes(text: str, delimiter: str, quote: str) -> bool:
    """Whether a blank may stand between a quote and the delimiter or line end beside it."""
    if f" {quote}" not in text and f"{quote} " not in text:
        return False
    d, q = re.escape(delimiter), re.escape(quote)
    return re.search(rf"(?:^|[{d}\r\n]) {q}|{q} +(?:[{d}\r\n]|$)", text) is not None


def spaced_records(lines: Iterator[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    """Yield records as `csv.reader(strict=True)` does, blanks around a quoted field left out; csv.Error alike."""
    d, q = re.escape(delimiter), re.escape(quote)
    quoted = re.compile(rf" ?{q}((?:[^{q}]|{q}{q})*){q} *(?=[{d}\r\n]|$)", re.DOTALL)
    opened = re.compile(rf" ?{q}(?:[^{q}]|{q}{q})*$", re.DOTALL)
    bare = re.compile(rf"[^{d}\r\n]*")

    def fields(text: str) -> list[str] | None:
        """The fields of a whole record; None while a quote is open."""
        found, at = [], 0
        while True:
            match = quoted.match(text, at)
            if match:
                found.append(match[1].replace(quote * 2, quote))
            elif opened.match(text, at):
                return None
            else:
                match = bare.match(text, at)
                if match is None or match[0].startswith((quote, f" {quote}")):
                    raise csv.Error("text beside a quote")
                found.append(match[0])
            at = match.end()
            if text[at : at + 1] != delimiter:
                return found
            at += 1

    for line in lines:
        text = line
        while (row := fields(text)) is None:
            further = next(lines, None)
            if further is None:
                raise csv.Error("a quote is never closed")
            text += further
        yield row
