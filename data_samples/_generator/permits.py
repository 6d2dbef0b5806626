"""Deliveries of planning.building_permits: a workbook a quarter with a unit line and 合计, areas as text here and there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from _generator.credit_codes import credit_code
from _generator.draws import one, one_of
from _generator.enterprises import listed_in_q2, record_of
from _generator.places import PLACES
from _generator.talk import SPOTS
from _generator.tally import Tally
from _generator.warts import Change, Record, Wart, put, wart_of

HEADINGS = (
    "许可证号", "许可类别", "项目名称", "建设单位", "建设单位统一社会信用代码", "街道代码", "行业门类", "面积（平方米）", "发证日期", "有效期至",
)  # fmt: skip
UNREGISTERED = (
    22,
    credit_code(9001),
    "厦门示例未登记置业有限公司",
)  # row of the second quarter, code and name of a holder nobody knows
_USES = {
    "C": "厂房",
    "F": "批发市场",
    "G": "物流园",
    "I": "软件园楼宇",
    "K": "住宅",
    "P": "学校",
    "Q": "医院",
    "R": "文化馆",
}
_MADE = datetime(2026, 7, 2)
_WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"})


@dataclass(frozen=True, slots=True)
class PermitQuarter:
    """A quarter's permits, and its warts."""

    quarter: int
    rows: int
    warts: tuple[Wart, ...] = ()


def _record(quarter: PermitQuarter, row: int) -> Record:
    stream = f"permit/{quarter.quarter}"
    draw = [one(f"{stream}/{n}", row) for n in range(6)]
    kind = one_of(f"{stream}/kind", row, (40, 60))
    streets = [place for place in PLACES if place.is_street]
    place = streets[int(draw[0] * len(streets))]
    register = listed_in_q2()
    holder = record_of(register[int(draw[1] * len(register))])[:2]
    if (quarter.quarter, row) == (2, UNREGISTERED[0]):
        holder = list(UNREGISTERED[1:])
    use = list(_USES)[int(draw[2] * len(_USES))]
    issued = date(2026, 3 * quarter.quarter - 2, 1) + timedelta(days=int(draw[3] * 90))
    area = int(2000 + 240_000 * draw[4] * draw[5]) / 2
    number = f"{'地建'[kind]}字第{place.district}2026{quarter.quarter}{row + 1:04d}号"
    return [
        number, ("建设用地规划许可", "建设工程规划许可")[kind], f"{SPOTS[int(draw[5] * len(SPOTS))][:2]}{_USES[use]}{row + 1}期",
        holder[1], holder[0], place.code, use, area, issued, "长期" if kind == 0 else issued + timedelta(days=730),
    ]  # fmt: skip


def area_as_text(record: Record) -> Record:
    """The area as text with commas, as it was copied from a letter."""
    return put(7, f"{record[7]:,.1f}")(record)


def full_width(column: int) -> Change:
    """Letters and digits of a column as a Chinese input method types them."""
    return changed(column, lambda value: str(value).translate(_WIDE))


def dotted_dates(record: Record) -> Record:
    """Dates as text: 2026.03.05."""
    return [*record[:8], *(f"{value:%Y.%m.%d}" if isinstance(value, date) else value for value in record[8:])]


def changed(column: int, change: Callable[[Any], Any]) -> Change:
    """A change that computes a column's value from what it was."""
    return lambda record: put(column, change(record[column]))(record)


def write_permits(path: Path, quarter: PermitQuarter) -> Tally:
    """Write a quarter's permits and return what the file holds."""
    tally, area = Tally(), 0.0
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _MADE})
        sheet, bold = book.add_worksheet("规划许可"), book.add_format({"bold": True, "align": "center"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(
            0, 0, 0, len(HEADINGS) - 1, f"厦门市规划许可（2026年第{'一二三四'[quarter.quarter - 1]}季度，虚构）", bold
        )
        sheet.write(1, len(HEADINGS) - 1, "单位：平方米")
        sheet.write_row(2, 0, HEADINGS, bold)
        for row in range(quarter.rows):
            record, wart = _record(quarter, row), wart_of(quarter.warts, row)
            area += record[7]
            for column, value in enumerate(wart.change(record) if wart else record):
                if isinstance(value, date):
                    sheet.write_datetime(row + 3, column, value, day)
                else:
                    sheet.write(row + 3, column, value)
            tally.delivered += 1
            if wart and wart.rule:
                tally.count_broken(wart.rule, also=wart.also)
        sheet.write_row(quarter.rows + 3, 0, ["合计", "", "", "", "", "", "", area])
    tally.declared = {"rows": quarter.rows, "area_m2": area}
    tally.counted = dict(tally.declared)
    return tally
