"""问题数据反馈单: the workbook in which a department finds its wrong rows, in its own headings, and what is asked of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.sources.returned import MARK
from pipelines.steps.feedback.gathering import Wrong, WrongRow
from pipelines.wording import say
from pipelines.workbook import Cell, Workbook, new_workbook

_USUAL_WIDTH = 16
_REASON_WIDTH = 48


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on the summary page: `facts` are labels with what belongs to them, `messages` what concerns the whole file."""

    name: str
    file: str
    facts: tuple[tuple[str, str | int], ...]
    messages: tuple[str, ...]
    advice: tuple[str, ...]


def write_slip(path: Path, slip: Slip, wrong: Wrong) -> None:
    """Write the workbook, readable by its owner alone: a summary page and, where rows are wrong, those rows."""
    with new_workbook(path, {MARK: slip.name}) as book:
        _summary(book, slip, wrong)
        if wrong.rows:
            _rows(book, slip, wrong)


def _summary(book: Workbook, slip: Slip, wrong: Wrong) -> None:
    sheet = book.sheet(say("sheet_summary"))
    sheet.widths((22, 80, 12))
    sheet.add(Cell(_title(slip), "title"))
    sheet.add()
    for label, value in slip.facts:
        sheet.add(Cell(label, "label"), Cell(value, "note"))
    for heading, lines in ((say("whole_file"), slip.messages), (say("what_to_do"), slip.advice)):
        if lines:
            sheet.add()
            sheet.add(Cell(heading, "label"))
        for text in lines:
            sheet.add(Cell(""), Cell(text, "note"))
    if wrong.kinds:
        sheet.add()
        sheet.add(*(Cell(text, "head") for text in ("", say("reason"), say("row_count"))))
        for number, (text, count) in enumerate(wrong.kinds, start=1):
            sheet.add(Cell(number), Cell(text, "reason"), Cell(count))
    if wrong.left_out:
        sheet.add(Cell(""), Cell(say("left_out", shown=len(wrong.rows), left=wrong.left_out), "reason"))


def _title(slip: Slip) -> str:
    return f"{say('feedback_title')} {slip.name}".strip()


def _rows(book: Workbook, slip: Slip, wrong: Wrong) -> None:
    page = book.sheet(say("sheet_rows"))
    page.add(Cell(_title(slip), "title"))
    sheets = [say("sheet")] if any(row.sheet for row in wrong.rows) else []
    heads = (say("file"), *sheets, say("line"), say("reason"), *wrong.headings)
    page.head(heads, (24, *[12] * len(sheets), 8, _REASON_WIDTH, *[_USUAL_WIDTH] * len(wrong.headings)))
    for row in wrong.rows:
        place = [Cell(row.sheet)] if sheets else []
        reasons = Cell("\n".join(row.reasons), "reason")
        page.add(Cell(slip.file), *place, Cell(row.line), reasons, *_values(row, wrong.headings))


def _values(row: WrongRow, headings: Sequence[str]) -> Iterator[Cell]:
    for heading, value in zip(headings, row.values, strict=False):
        yield Cell(value, "wrong" if heading in row.wrong else "plain")
