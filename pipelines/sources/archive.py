"""One member of a ZIP archive, unpacked while it streams by; names that are no UTF-8 are read as the GB18030 they mostly are."""

import zipfile
import zlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from pipelines.sources.compressed import refuse_bomb
from pipelines.sources.faults import refusal

_PIECE = 4 << 20
_UTF8 = 0x800
_ENCRYPTED = 0x1
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_OFFICE = "[Content_Types].xml"
_MOST_MEMBERS = 10_000
_SHOWN = 8


def unzip(path: Path, file: str, pattern: str) -> Iterator[bytes]:
    """Yield the bytes of the member whose name is or fits `pattern` ('': the only one). SourceError: none, several,
    encrypted, damaged, cut off, or far larger than a delivery can be."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = _chosen(archive, file, pattern)
            size = 0
            info.file_size, told = 1 << 62, info.file_size  # read to the real end, not to the one that is told
            with archive.open(info) as member:
                while piece := member.read(_PIECE):
                    size += len(piece)
                    refuse_bomb(size, info.compress_size, file)
                    yield piece
            if size != told:
                raise zipfile.BadZipFile("the size is not the one told")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise refusal(file, "archive", "the ZIP archive is cut off or damaged.", "send the file again") from error
    except NotImplementedError as error:
        hint = "pack it with the usual method (Deflate), or send the file itself"
        raise refusal(file, "archive", "the ZIP archive is packed by a method that is not read.", hint) from error


def members(path: Path, file: str) -> list[str]:
    """Return the names of the files in an archive; SourceError when it is cut off or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name, _ in _files(archive, file)]
    except (zipfile.BadZipFile, OSError) as error:
        raise refusal(file, "archive", "the ZIP archive is cut off or damaged.", "send the file again") from error


def member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name as whoever packed it meant it.

    >>> info = zipfile.ZipInfo("工单.csv".encode("gbk").decode("cp437")); member_name(info)
    '工单.csv'
    """
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return info.filename


def _files(archive: zipfile.ZipFile, file: str) -> list[tuple[str, zipfile.ZipInfo]]:
    listed = archive.infolist()
    if len(listed) > _MOST_MEMBERS:
        raise refusal(file, "archive", f"the ZIP archive has {len(listed)} members.", "send the one that is meant")
    named = [(member_name(info), info) for info in listed if not info.is_dir()]
    return [(name, info) for name, info in named if not any(junk in name for junk in _JUNK)]


def _chosen(archive: zipfile.ZipFile, file: str, pattern: str) -> zipfile.ZipInfo:
    files = _files(archive, file)
    found = files
    if any(name == _OFFICE for name, _ in files) and not pattern:
        told = "the file is an XLSX workbook or another Office document, the contract expects something else."
        raise refusal(file, "format", told, "see `format` in the contract, or send the table itself")
    if pattern:
        exact = [(name, info) for name, info in files if name == pattern]
        found = exact or [(name, info) for name, info in files if fnmatchcase(name, pattern)]
    if len(found) != 1:
        told = (
            f"{len(found)} of {len(files)} members are called '{pattern}'"
            if pattern
            else f"it has {len(files)} members"
        )
        names = ", ".join(name for name, _ in files[:_SHOWN])
        hint = "name the one that is meant: `member` in the contract"
        raise refusal(file, "member", f"{told}{': ' + names if names else ''}.", hint)
    if found[0][1].flag_bits & _ENCRYPTED:
        raise refusal(file, "archive", "the ZIP archive is protected by a password.", "send it without one")
    return found[0][1]
