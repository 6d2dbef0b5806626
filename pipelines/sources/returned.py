"""Recognises a feedback workbook that was sent back as if it were a delivery, also after Excel or WPS saved it anew."""

import re
import zipfile
import zlib
from pathlib import Path

from pipelines.sources.encoding import GB18030
from pipelines.sources.faults import refusal
from pipelines.wording import FEEDBACK_TITLES, say

MARK = "rongtong-feedback"
_TITLE = re.compile(rf"(?:{'|'.join(FEEDBACK_TITLES)})(?: [a-z0-9_]+-\d{{4,}})?")
_PROPERTY = re.compile(rf'name="{MARK}"[^>]*>\s*<vt:lpwstr>([^<]*)<')
_FIRST_TEXT = re.compile(r"<(?:text:)?[tp](?:\s[^>]*)?>([^<]*)<")  # of shared strings, of a sheet, of an OpenDocument
_NAME = re.compile(r"[a-z0-9_]+-\d{4,}")
_PARTS = ("docProps/custom.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "content.xml")
_HEAD = 256 << 10


def refuse_feedback(path: Path) -> None:
    """Raise SourceError when a file is feedback on a delivery, and no delivery; whatever else it is, is not asked here."""
    name = feedback_name(path)
    if name is not None:
        raise refusal(path.name, "feedback", say("is_feedback", name=name))


def feedback_name(path: Path) -> str | None:
    """Return the batch that a file is feedback on ('' for a check before sending); None when it is no feedback."""
    try:
        with path.open("rb") as file:
            head = file.read(1024)
        if head.startswith(b"PK\x03\x04"):
            return _in_workbook(path)
    except (
        OSError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
    ):  # landing tells what is wrong with it
        return None
    return next(
        (found for codec in ("utf-8-sig", GB18030) if (found := _begins(head.decode(codec, "ignore"))) is not None),
        None,
    )


def _in_workbook(path: Path) -> str | None:
    with zipfile.ZipFile(path) as book:
        names = set(book.namelist())
        for part in _PARTS:
            if part not in names:
                continue
            with book.open(part) as file:
                text = file.read(_HEAD).decode("utf-8", "ignore")
            first = _FIRST_TEXT.search(text)
            marked, titled = _PROPERTY.search(text), _TITLE.match(first[1]) if first else None
            if marked:
                return marked[1]
            if titled:
                return _batch(titled[0])
    return None


def _begins(text: str) -> str | None:
    """A sheet saved as text begins with its title."""
    found = _TITLE.match(text.lstrip('"\ufeff'))
    return _batch(found[0]) if found else None


def _batch(title: str) -> str:
    found = _NAME.search(title)
    return found[0] if found else ""
