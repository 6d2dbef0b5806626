"""Writing workbooks that people open in Excel or WPS: the one home of XlsxWriter.

Rows are streamed to disk. Every value of a delivery is written as text, never as a formula, a link or a number: an id
keeps its leading zeros, and `=…` stays what somebody typed.
"""

import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from pipelines.errors import EnvironmentFault, UsageError

Style = Literal["plain", "title", "head", "label", "wrong", "reason", "note"]
_Formats = dict[tuple[Style, bool], Any]  # by style, and whether the cell holds a number
_LONGEST = 32_000  # Excel takes 32,767 characters
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_BOX = {"border": 1, "border_color": "#BFBFBF"}
_STYLES: dict[Style, dict[str, Any]] = {
    "plain": _BOX,
    "title": {"bold": True, "font_size": 16},
    "head": _BOX | {"bold": True, "bg_color": "#DDEBF7", "text_wrap": True},
    "label": {"bold": True},
    "wrong": _BOX | {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "reason": _BOX | {"text_wrap": True, "font_color": "#9C0006"},
    "note": {"text_wrap": True},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and how it looks; a whole number stays one, everything else is text."""

    value: str | int | None
    style: Style = "plain"


@dataclass(slots=True)
class Sheet:
    """A sheet that is written from its first row to its last."""

    _sheet: Any
    _formats: _Formats
    rows: int = field(default=0)

    def add(self, *cells: Cell) -> None:
        """Write the next row; without cells it is left blank."""
        for place, cell in enumerate(cells):
            look = self._formats[cell.style, isinstance(cell.value, int)]
            if isinstance(cell.value, int):
                self._sheet.write_number(self.rows, place, cell.value, look)
            elif cell.value is None or cell.value == "":
                self._sheet.write_blank(self.rows, place, None, look)
            else:
                self._sheet.write_string(self.rows, place, _cut(str(cell.value)), look)
        self.rows += 1

    def head(self, names: Sequence[str], widths: Sequence[int]) -> None:
        """Write headings that stay in sight, over columns of these widths (in characters)."""
        self.widths(widths)
        self.add(*(Cell(name, "head") for name in names))
        self._sheet.freeze_panes(self.rows, 0)

    def widths(self, widths: Sequence[int]) -> None:
        """Set how wide the first columns are, in characters."""
        for place, width in enumerate(widths):
            self._sheet.set_column(place, place, width)


@dataclass(slots=True)
class Workbook:
    """A workbook that is being written."""

    _book: Any
    _formats: _Formats
    _names: list[str] = field(default_factory=list)

    def sheet(self, name: str) -> Sheet:
        """Add a sheet; its name is mended where Excel would refuse it."""
        fitting = sheet_name(name, self._names)
        self._names.append(fitting.casefold())
        return Sheet(self._book.add_worksheet(fitting), self._formats)

    def bare_sheet(self, name: str, forms: Mapping[str, str]) -> tuple[Any, dict[str, Any]]:
        """Add a sheet to be written cell by cell, with a look for each number format of `forms` under its key."""
        looks = {key: self._book.add_format(_FONT | {"num_format": form}) for key, form in forms.items()}
        head = self._book.add_format(_FONT | _STYLES["head"] | {"num_format": "@"})
        return self._book.add_worksheet(sheet_name(name, self._names)), looks | {"head": head}


@contextmanager
def new_workbook(path: Path, marks: dict[str, str] | None = None) -> Iterator[Workbook]:
    """Write a workbook that its owner alone may read; it appears whole at the end of the block, or not at all.

    `marks` are custom properties, which Excel keeps when the file is edited. UsageError: no such folder.
    """
    if not path.parent.is_dir():
        raise UsageError(f"[out] {path.parent} is no folder. Hint: make it first, or give another --out.")
    half = path.with_name(f".{uuid.uuid4().hex}.xlsx")
    try:
        half.touch(mode=0o600)
        with tempfile.TemporaryDirectory(prefix="rongtong-workbook-") as folder:
            book = xlsxwriter.Workbook(half, _options(folder))
            for name, value in (marks or {}).items():
                book.set_custom_property(name, value)
            try:
                yield Workbook(book, _formats(book))
            finally:
                book.close()  # its own temporary files, too, when the block failed
        half.replace(path)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise EnvironmentFault(f"{path}: [out] the workbook cannot be written: {error}.") from error
    finally:
        half.unlink(missing_ok=True)


def sheet_name(name: str, taken: Sequence[str]) -> str:
    """Return a name that Excel takes for a sheet and no other sheet has; `taken` are the others' in small letters.

    >>> sheet_name("a/b:c", []), sheet_name("表", ["表"]), len(sheet_name("很" * 40, []))
    ('a b c', '表 2', 31)
    """
    bare = "".join(" " if char in "[]:*?/\\" or not char.isprintable() else char for char in name).strip(" '") or "-"
    number, found = 1, bare[:31]
    while found.casefold() in taken:
        number += 1
        found = f"{bare[: 30 - len(str(number))]} {number}"
    return found


def _options(folder: str) -> dict[str, Any]:
    return {
        "constant_memory": True, "tmpdir": folder, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip


def _formats(book: Any) -> _Formats:
    kinds = ((False, "@"), (True, "0"))
    return {
        (name, whole): book.add_format(_FONT | look | {"num_format": form})
        for name, look in _STYLES.items()
        for whole, form in kinds
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
