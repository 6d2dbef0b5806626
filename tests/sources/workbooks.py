"""Workbooks as departments make them, written for one test each."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import xlwt


def xlsx(rows: Sequence[Sequence[Any]], *, merges: Sequence[str] = (), hidden: Sequence[int] = (), title: str = "数据",
         edit: Callable[[Any], None] | None = None) -> bytes:  # fmt: skip
    """An XLSX of one sheet; None leaves a cell out."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for merge in merges:
        sheet.merge_cells(merge)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    if edit:
        edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls(rows: Sequence[Sequence[Any]], title: str = "数据") -> bytes:
    """An XLS of one sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet(title)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(number, place, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of its package changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == part else content)
        if part not in old.namelist():
            new.writestr(part, change(b""))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
