"""Deliveries of economy.electricity_by_industry: the old kind of workbook (BIFF8), with title, unit line and 合计."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlwt

from _generator.draws import one
from _generator.industries import INDUSTRIES
from _generator.places import DISTRICTS
from _generator.tally import Tally

HEADINGS = ("月份", "区划代码", "区", "行业门类", "行业名称", "用电量（千瓦时）", "用电户数（户）", "同比（%）")
_SIZE = {"350203": 1.2, "350205": 1.0, "350206": 1.1, "350211": 0.9, "350212": 0.8, "350213": 1.0}


@dataclass(frozen=True, slots=True)
class PowerMonth:
    """A month's sheet. `mistyped` are rows (from 0) whose amount lost its last digit after 合计 was reckoned."""

    year: int
    month: int
    mistyped: tuple[int, ...] = ()


def _records(month: PowerMonth) -> list[list[Any]]:
    rows = []
    for district, name in DISTRICTS.items():
        for number, industry in enumerate(INDUSTRIES):
            stream = f"power/{district}/{industry.code}"
            amount = industry.electricity * 100_000 * _SIZE[district] * (0.85 + 0.3 * one(stream, month.month))
            users = industry.firms * 140 + int(60 * one(f"{stream}/users", 0)) + 3 * month.month
            change = (int(300 * one(f"{stream}/change", month.month)) - 110) / 10
            rows.append([
                f"{month.year}年{month.month}月", int(district), name, industry.code, industry.name, int(amount), users,
                "—" if number == len(INDUSTRIES) - 1 else change,
            ])  # fmt: skip
    return rows


def write_power_month(path: Path, month: PowerMonth) -> Tally:
    """Write a month's sheet and return what it holds."""
    records = _records(month)
    right = sum(record[5] for record in records)
    for row in month.mistyped:
        records[row][5] //= 10
    users = sum(record[6] for record in records)
    total = ["合计", None, None, None, None, right, users, None]
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("分行业用电量")
    sheet.write_merge(0, 0, 0, len(HEADINGS) - 1, f"厦门市分行业用电量（{month.year}年{month.month}月，虚构）")
    sheet.write(1, len(HEADINGS) - 1, "单位：千瓦时、户、%")
    for number, record in enumerate([list(HEADINGS), *records, total]):
        for column, value in enumerate(record):
            if value is not None:
                sheet.write(number + 2, column, value)
    book.save(str(path))
    return Tally(
        delivered=len(records),
        declared={"rows": len(records), "consumption_kwh": right, "customer_count": users},
        counted={"rows": len(records), "consumption_kwh": sum(r[5] for r in records), "customer_count": users},
    )
