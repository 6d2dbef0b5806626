"""Deliveries of economy.enterprises: a workbook a quarter, with a title, headings in two rows, and what typists do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from _generator.credit_codes import credit_code, with_wrong_check
from _generator.draws import one, one_of
from _generator.industries import INDUSTRIES, Industry
from _generator.places import PLACES
from _generator.talk import NAMES, SPOTS
from _generator.tally import Tally
from _generator.warts import Wart, put, wart_of

GROUPS = (("基本信息", 0, 2), ("登记信息", 3, 6), ("规模", 7, 8))
HEADINGS = (
    "统一社会信用代码", "企业名称", "企业类型", "行业门类", "街道代码", "成立日期", "法定代表人", "注册资本（万元）", "从业人数",
)  # fmt: skip
PARK, FIRST_IN_PARK = "350206405", 430  # from this number on enterprises sit in the park
PARK_FOUNDED = (
    2018,
    2018,
    2019,
    2019,
    2020,
    2021,
    *((2022,) * 2),
    *((2023,) * 3),
    *((2024,) * 5),
    *((2025,) * 8),
    *((2026,) * 6),
)
_FACTORIES_IN_PARK = 6  # the first of them; those that follow are of section I, more every year
_KINDS = ("有限责任公司", "股份有限公司", "个人独资企业", "外商投资企业")
_MADE = datetime(2026, 4, 1)
_WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"})

Record = list[Any]


@dataclass(frozen=True, slots=True)
class Register:
    """A quarter's register: which enterprises it lists, by number, and its warts."""

    title: str
    numbers: Sequence[int]
    warts: tuple[Wart, ...] = ()


def _seat(number: int, draw: list[float]) -> tuple[Industry, str, date]:
    """Industry, place and founding day."""
    if number >= FIRST_IN_PARK:
        industry = "C" if number < FIRST_IN_PARK + _FACTORIES_IN_PARK else "I"
        founded = date(PARK_FOUNDED[number - FIRST_IN_PARK], 1, 5) + timedelta(days=int(draw[2] * 150))
        return next(i for i in INDUSTRIES if i.code == industry), PARK, founded
    drawn = INDUSTRIES[one_of("enterprise/industry", number, [i.firms for i in INDUSTRIES])]
    streets = [place for place in PLACES if place.is_street]
    founded = date(1996, 1, 1) + timedelta(days=int(draw[2] * 10_900))
    return drawn, streets[int(draw[0] * len(streets))].code, founded


def record_of(number: int) -> Record:
    """The row of an enterprise as it should be written."""
    draw = [one(f"enterprise/{n}", number) for n in range(7)]
    industry, place, founded = _seat(number, draw)
    brand = SPOTS[int(draw[1] * len(SPOTS))][:2]
    kind = _KINDS[one_of("enterprise/kind", number, (80, 8, 8, 4))]
    ending = {"股份有限公司": "股份有限公司", "个人独资企业": "厂"}.get(kind, "有限公司")
    staff = 1 + int(4 / (0.02 + draw[4]))
    return [
        credit_code(number), f"厦门示例{brand}{number}号{industry.word}{ending}", kind, industry.code, place, founded,
        NAMES[int(draw[5] * len(NAMES))], [10, 50, 100, 200, 500, 1000, 5000][int(draw[3] * 7)] + int(draw[6] * 4) * 0.5, staff,
    ]  # fmt: skip


def listed_in_q2() -> list[int]:
    """Numbers of the enterprises that the second quarter's register lists."""
    return [n for n in range(FIRST_IN_PARK) if n % 40 != 7] + [FIRST_IN_PARK + n for n in range(len(PARK_FOUNDED))]


def full_width(column: int) -> Callable[[Record], Record]:
    """Letters and digits of a column as a Chinese input method types them."""
    return lambda record: put(column, str(record[column]).translate(_WIDE))(record)


def dotted_date(record: Record) -> Record:
    """The date as text: 2019.03.05."""
    return put(5, f"{record[5]:%Y.%m.%d}")(record)


def serial_date(record: Record) -> Record:
    """The date as the number that Excel keeps."""
    return put(5, (record[5] - date(1899, 12, 30)).days)(record)


def code_as_number(record: Record) -> Record:
    """The code as a number of which Excel keeps fifteen digits."""
    return put(0, float(record[0][:16] + "00"))(record)


def wrong_check(record: Record) -> Record:
    """A code of the right form with a wrong check character."""
    return put(0, with_wrong_check(record[0]))(record)


def write_register(path: Path, register: Register) -> Tally:
    """Write a quarter's register and return what it holds."""
    tally = Tally()
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _MADE})
        book.add_worksheet("填报说明").write("A1", "本表由各区汇总，一企一行；代码请按文本填写。")
        sheet = book.add_worksheet("企业名录")
        _write_head(book, sheet, register.title)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, number in enumerate(register.numbers):
            wart = wart_of(register.warts, row)
            record = wart.change(record_of(number)) if wart else record_of(number)
            for column, value in enumerate(record):
                if isinstance(value, date):
                    sheet.write_datetime(row + 3, column, value, day)
                elif value is not None:
                    sheet.write(row + 3, column, value)
            tally.delivered += 1
            if wart and wart.rule:
                tally.count_broken(wart.rule, also=wart.also)
    return tally


def _write_head(book: xlsxwriter.Workbook, sheet: Any, title: str) -> None:
    bold = book.add_format({"bold": True, "align": "center"})
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, title, bold)
    for group, first, last in GROUPS:
        sheet.merge_range(1, first, 1, last, group, bold)
    sheet.write_row(2, 0, HEADINGS, bold)
    sheet.set_column(0, len(HEADINGS) - 1, 20)
