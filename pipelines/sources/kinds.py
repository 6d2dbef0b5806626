"""What a file really is, by its first bytes: names lie, and a web page called .xls opens in Excel all the same."""

import re

from pipelines.sources.faults import refusal

ZIP, CFB = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_EMPTY_ZIP = b"PK\x05\x06"
_KINDS = (
    (ZIP, "a ZIP archive or an XLSX workbook"),
    (_EMPTY_ZIP, "an empty ZIP archive"),
    (b"PAR1", "a Parquet file"),
    (CFB, "an XLS workbook or another old Office document"),
    (b"%PDF", "a PDF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)
_WEB_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>)?\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|table|meta|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML_WORKBOOK = b"urn:schemas-microsoft-com:office:spreadsheet"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT = 4096


def kind_of(head: bytes) -> str:
    """Return what a file that begins with these bytes is, in words; '' when it may be a text."""
    for magic, kind in _KINDS:
        if head.startswith(magic):
            return kind
    text = _bare(head)
    if _WEB_PAGE.match(text):
        return "a web page"
    if text.startswith(b"MIME-Version:"):
        return "a web archive"
    return "an XML workbook (Excel 2003)" if _XML_WORKBOOK in text else ""


def refuse_other_kinds(head: bytes, wanted: str, file: str) -> None:
    """Raise SourceError when the bytes are plainly no text."""
    kind = kind_of(head)
    if kind:
        hint = f"send the table itself as {wanted}"
        raise refusal(file, "format", f"the file is {kind}, the contract expects {wanted}.", hint)


def refuse_no_workbook(head: bytes, wanted: str, file: str) -> None:
    """Raise SourceError unless the bytes begin as those of XLSX or XLS; which of the two, the bytes say."""
    if head.startswith((ZIP, CFB)):
        return
    kind = kind_of(head) or "text"
    hint = "open it in Excel or WPS and save it as .xlsx, whatever its name says now"
    raise refusal(file, "format", f"the file is {kind}, the contract expects {wanted}.", hint)


def _bare(head: bytes) -> bytes:
    """The first bytes without a byte order mark, blanks and the NULs of UTF-16."""
    text = head[:_LOOKED_AT]
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return text.replace(b"\0", b"").lstrip()
