"""Deliveries of governance.admin_permits (CSV) and governance.admin_penalties (a workbook): decisions, and when they were made public."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from _generator.draws import hashed, one, one_of
from _generator.enterprises import listed_in_q2, record_of
from _generator.shared_world import organisation
from _generator.talk import NAMES, citizen_number
from _generator.tally import Tally
from _generator.warts import Record, Wart, put, worn

PERMIT_HEADINGS = (
    "决定文书号", "行政相对人名称", "行政相对人类别", "行政相对人代码（统一社会信用代码）", "证件号码", "许可事项", "许可决定日期", "有效期自", "有效期至",
    "许可机关", "许可机关代码", "公示日期",
)  # fmt: skip
PENALTY_HEADINGS = (
    "决定文书号", "行政相对人名称", "行政相对人类别", "统一社会信用代码", "证件号码", "违法事实", "处罚类别", "罚款金额（万元）", "处罚决定日期",
    "公示截止期", "处罚机关", "处罚机关代码", "公示日期",
)  # fmt: skip
_PERMITS = (
    ("市市场监督管理局", "市监许", "食品经营许可"), ("市交通运输局", "交许", "道路运输经营许可"), ("市卫生健康委员会", "卫许", "公共场所卫生许可"),
    ("市文化和旅游局", "文许", "营业性演出许可"), ("市应急管理局", "应急许", "危险化学品经营许可"),
)  # fmt: skip
_PENALTIES = (
    ("市市场监督管理局", "市监罚", ("商品标签不符", "虚假宣传", "计量器具未检")), ("市生态环境局", "环罚", ("超标排放", "未批先建", "台账不全")),
    ("市交通运输局", "交罚", ("超限运输", "无证营运", "未按站点停靠")), ("市应急管理局", "应急罚", ("消防通道堵塞", "未做培训", "隐患未整改")),
)  # fmt: skip
_PENALTY_KINDS = ("警告", "罚款", "没收违法所得", "责令停产停业", "吊销许可证件")
# Of 2026, what the office's notice changes between March and June.
_OFF = {date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5)}
_WORKED = {date(2026, 5, 9)}
_MADE = datetime(2026, 5, 6)
IN_TIME, LATE = 7, 9  # working days from the decision until it is public: at most, and of those that are late


@dataclass(frozen=True, slots=True)
class Publicity:
    """What was made public in a month: how many decisions, every how many-th of them too late, and warts."""

    month: int
    rows: int
    late_every: int
    warts: tuple[Wart, ...] = ()

    @property
    def late(self) -> int:
        """Decisions made public too late."""
        return len(range(self.late_every - 1, self.rows, self.late_every))


def _works(day: date) -> bool:
    return day in _WORKED or (day.weekday() < 5 and day not in _OFF)


def _working_days_before(day: date, number: int) -> date:
    """The day from which `number` working days lead to a working day."""
    while number:
        day -= timedelta(days=1)
        number -= _works(day)
    return day


def _dates(what: str, month: Publicity, row: int) -> tuple[date, date]:
    """Day of the decision, day of publication: both worked."""
    days = [date(2026, month.month, d) for d in range(1, 31) if _works(date(2026, month.month, d))]
    public = days[int(one(f"{what}/{month.month}/day", row) * len(days))]
    number = LATE if row % month.late_every == month.late_every - 1 else int(one(f"{what}/{month.month}/lag", row) * 7)
    return _working_days_before(public, number), public


def _counterpart(what: str, row: int) -> list[str]:
    """Name, kind, credit code and id number: an enterprise, or a person in every fourth case."""
    if row % 4 == 2:
        bits = int(hashed(f"{what}/person", np.array([row], dtype=np.int64))[0])
        return [NAMES[bits % len(NAMES)], "自然人", "/", citizen_number(bits)]
    register = listed_in_q2()
    code, name = record_of(register[int(one(f"{what}/firm", row) * len(register))])[:2]
    return [name, "法人及非法人组织", code, "/"]


def permits(month: Publicity) -> Iterator[Record]:
    """Every permit made public in the month, without warts."""
    for row in range(month.rows):
        decided, public = _dates("permit", month, row)
        organ, mark, permit = _PERMITS[one_of("permit/organ", row + 1000 * month.month, (40, 20, 20, 10, 10))]
        until = "长期" if row % 6 == 1 else f"{decided.replace(year=decided.year + 5):%Y-%m-%d}"
        yield [
            f"厦{mark}〔2026〕{month.month * 1000 + row}号", *_counterpart(f"permit/{month.month}", row), permit, f"{decided:%Y-%m-%d}",
            f"{decided:%Y-%m-%d}", until, organ, organisation(organ).credit_code, f"{public:%Y-%m-%d}",
        ]  # fmt: skip


def penalties(month: Publicity) -> Iterator[Record]:
    """Every penalty made public in the month, without warts."""
    for row in range(month.rows):
        decided, public = _dates("penalty", month, row)
        organ, mark, facts = _PENALTIES[one_of("penalty/organ", row, (4, 3, 2, 1))]
        kind = _PENALTY_KINDS[one_of("penalty/kind", row, (20, 60, 10, 7, 3))]
        amount: Any = (
            int(1 + 400 * one("penalty/amount", row) * one("penalty/more", row)) / 10 if kind == "罚款" else "/"
        )
        yield [
            f"厦{mark}〔2026〕{row + 1}号", *_counterpart("penalty", row), facts[row % 3], kind, amount, decided,
            public + timedelta(days=365), organ, organisation(organ).credit_code, public,
        ]  # fmt: skip


def _counted(month: Publicity, rows: Iterator[Record], tally: Tally) -> Iterator[Record]:
    """The rows with their warts, counted."""
    yield from worn(rows, month.warts, tally)
    tally.warned = {"row.published_within_seven_working_days": month.late}


def write_admin_permits(path: Path, month: Publicity) -> Tally:
    """Write a month's permits and return what the file holds."""
    tally = Tally()
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PERMIT_HEADINGS)
        writer.writerows(_counted(month, permits(month), tally))
    return tally


def write_admin_penalties(path: Path, month: Publicity) -> Tally:
    """Write a month's penalties and return what the file holds."""
    tally = Tally()
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _MADE})
        sheet, bold = book.add_worksheet("行政处罚"), book.add_format({"bold": True, "align": "center"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(
            0, 0, 0, len(PENALTY_HEADINGS) - 1, f"厦门市行政处罚公示（2026年{month.month}月，虚构）", bold
        )
        sheet.write_row(1, 0, PENALTY_HEADINGS, bold)
        for row, record in enumerate(_counted(month, penalties(month), tally), 2):
            for column, value in enumerate(record):
                if isinstance(value, date):
                    sheet.write_datetime(row, column, value, day)
                else:
                    sheet.write(row, column, value)
    return tally


def other_date_forms(*columns: int) -> Any:
    """A change that writes the dates of columns as 2026年4月3日."""

    def change(record: Record) -> Record:
        for column in columns:
            day = date.fromisoformat(record[column])
            record = put(column, f"{day.year}年{day.month}月{day.day}日")(record)
        return record

    return change
