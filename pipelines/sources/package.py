"""The ZIP package of an XLSX workbook: its sheets, and the XML of one of them in pieces of whole rows, bounded."""

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.etree import ElementTree as ET

from pipelines.sources.faults import refusal

_PIECE = 4 << 20
_SMALL = 16 << 20
_WORKBOOK = "officeDocument"
_BLANK_TEXT = re.compile(rb"<(?:\w+:)?si(?:/>|>\s*<(?:\w+:)?t(?:\s[^>]*)?(?:/>|></))")
_OTHERS = (
    ("word/", "a Word document"),
    ("ppt/", "a presentation"),
    ("content.xml", "an OpenDocument file"),
    ("xl/workbook.bin", "an XLSB workbook"),
)


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet as the workbook lists it: its name, whether it shows, and where its XML is."""

    name: str
    shows: bool
    part: str


class Package:
    """The open package of one workbook. SourceError wherever it is not what it should be."""

    def __init__(self, path: Path, file: str, limit_mb: int) -> None:
        self._file, self._limit = file, limit_mb << 20
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            hint = "send the file again: it is incomplete"
            raise refusal(file, "workbook", "the workbook is cut off or damaged.", hint) from error

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def sheets(self) -> tuple[SheetPart, ...]:
        """Return the sheets in the order of their tabs."""
        workbook = self._workbook()
        folder = PurePosixPath(workbook).parent
        targets = {
            rel.get("Id", ""): _joined(folder, rel.get("Target", ""))
            for rel in self._xml(f"{folder}/_rels/{PurePosixPath(workbook).name}.rels").iter()
            if rel.get("Type", "").endswith("/worksheet")
        }
        found = [
            SheetPart(node.get("name", ""), node.get("state", "visible") == "visible", targets.get(_id_of(node), ""))
            for node in self._xml(workbook).iter()
            if node.tag.endswith("}sheet")
        ]
        return tuple(sheet for sheet in found if sheet.part)

    def blank_texts(self) -> frozenset[bytes]:
        """Return the numbers of shared texts that are blank, having unpacked all of them: their size may be a lie."""
        names = [name for name in self._zip.namelist() if name.lower().endswith("sharedstrings.xml")]
        blank: frozenset[bytes] = frozenset()
        for name in names:
            if sum(_BLANK_TEXT.search(piece) is not None for piece in self.pieces(name)):
                blank |= frozenset(_blank_places(self.pieces(name)))
        return blank

    def pieces(self, part: str) -> Iterator[bytes]:
        """Yield a part unpacked, piece by piece, up to the allowed size."""
        size = 0
        try:
            with self._open(part) as stream:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > self._limit:
                        hint = "send a part of it, or as CSV, or raise RONGTONG_MAX_DOCUMENT (MB)"
                        told = f"the sheet unpacks to more than {self._limit >> 20} MB."
                        raise refusal(self._file, "document-size", told, hint)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise refusal(self._file, "workbook", "the workbook is damaged inside.", "send the file again") from error

    def _open(self, part: str) -> IO[bytes]:
        try:
            info = self._zip.getinfo(part)
        except KeyError:
            raise refusal(self._file, "workbook", f"the workbook has no {part}.", "send the file again") from None
        info.file_size = max(info.file_size, self._limit + 1)  # read to the real end, not to the one that is told
        return self._zip.open(info)

    def _workbook(self) -> str:
        names = set(self._zip.namelist())
        if "_rels/.rels" in names:
            for rel in self._xml("_rels/.rels").iter():
                if rel.get("Type", "").endswith(f"/{_WORKBOOK}") and rel.get("Target", "").endswith(".xml"):
                    target = _joined(PurePosixPath(), rel.get("Target", ""))
                    if target.startswith("xl/") or "workbook" in target:
                        return target
        if "xl/workbook.xml" in names:
            return "xl/workbook.xml"
        kind = next((kind for start, kind in _OTHERS if any(n.startswith(start) for n in names)), "a ZIP archive")
        raise refusal(self._file, "format", f"the file is {kind}, not an XLSX workbook.", "save the table as .xlsx")

    def _xml(self, part: str) -> ET.Element:
        data = b""
        for piece in self.pieces(part):
            data += piece
            if len(data) > _SMALL:
                raise refusal(self._file, "workbook", f"{part} is far too large.", "save the table anew as .xlsx")
        try:
            return ET.fromstring(data)
        except ET.ParseError as error:
            raise refusal(self._file, "workbook", f"{part} is no XML.", "send the file again") from error


def ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces while the next one is unpacked beside whoever takes them."""
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(next, pieces, b"")
        while piece := waiting.result():
            waiting = beside.submit(next, pieces, b"")
            yield piece


def _blank_places(pieces: Iterable[bytes]) -> Iterator[bytes]:
    parser: Any = ET.XMLPullParser(["end"])
    place = 0
    for piece in pieces:
        parser.feed(piece)
        for _, node in parser.read_events():
            if node.tag.rpartition("}")[2] == "si":
                if not "".join(node.itertext()):
                    yield str(place).encode()
                place += 1
                node.clear()


def _joined(folder: PurePosixPath, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    parts: list[str] = []
    for part in (folder / target).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)


def _id_of(node: ET.Element) -> str:
    return next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
