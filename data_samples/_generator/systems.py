"""Deliveries of operation.it_systems (a workbook) and operation.it_system_use (a text a quarter, a row a month)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter

from _generator.credit_codes import credit_code
from _generator.draws import one
from _generator.shared_world import SYSTEMS, System, organisation
from _generator.tally import Tally
from _generator.warts import Record, Wart, put, worn

GROUPS = (("系统", 0, 2), ("单位", 3, 5), ("建设与费用", 6, 9))
HEADINGS = (
    "系统编号", "系统名称", "业务领域", "建设单位", "建设单位统一社会信用代码", "运维企业统一社会信用代码", "建成年份", "年运维费（万元）",
    "设计用户数（人）", "状态",
)  # fmt: skip
USE_HEADINGS = (
    "系统编号", "月份", "活跃用户数", "请求数", "停机时长（分钟）", "报修工单数", "已解决工单数", "用户满意度（%）",
)  # fmt: skip
DOMAINS = {
    "governance": "城市治理", "service": "政务服务", "planning": "规划建设", "environment": "生态环境", "mobility": "交通出行",
    "economy": "经济运行", "life": "社会民生", "operation": "城市运行",
}  # fmt: skip
_MADE = datetime(2026, 1, 20)
IDLE_FROM: Mapping[str, int] = {"SYS22": 1, "SYS24": 3}  # systems that nobody uses from that month of 2026 on
# Systems that cost much and are used by few of those they were planned for: O&M cost in 10k CNY, share of users in %.
COSTLY: Mapping[str, tuple[int, int]] = {"SYS16": (486, 4), "SYS23": (612, 3)}
POOR_SERVICE = ("SYS05", "SYS19")  # out of order for hours, half of the tickets open, users dissatisfied


@dataclass(frozen=True, slots=True)
class UseQuarter:
    """A quarter's use: which months, and its warts."""

    months: tuple[int, ...]
    form: str = "2026-{:02d}"
    warts: tuple[Wart, ...] = ()


def planned_users(system: System) -> int:
    """How many people a month the system was planned for."""
    draw = one("system/planned", int(system.system_id[3:]))
    return 200 * (1 + int(240 * draw * draw * draw))


def cost_10k(system: System) -> int:
    """Its O&M cost a year, in 10k CNY."""
    number = int(system.system_id[3:])
    return COSTLY[system.system_id][0] if system.system_id in COSTLY else 18 + int(140 * one("system/cost", number))


def _record(system: System) -> Record:
    number, owner = int(system.system_id[3:]), organisation(system.owner)
    built = 2011 if "（旧）" in system.name else 2014 + int(11 * one("system/built", number))
    return [
        system.system_id, system.name, DOMAINS[system.domain], system.owner, owner.credit_code, credit_code(system.operator),
        built, cost_10k(system), planned_users(system), "运行",
    ]  # fmt: skip


def cost_as_text(record: Record) -> Record:
    """The cost as a text with a comma between thousands."""
    return put(7, f"{record[7]:,}")(record)


def write_systems(path: Path, warts: Sequence[Wart], further: Sequence[Record]) -> Tally:
    """Write a year's inventory and return what it holds; `further` are rows (all of them bad) beside the known systems."""
    tally = Tally()
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _MADE})
        bold = book.add_format({"bold": True, "align": "center"})
        sheet = book.add_worksheet("系统台账")
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "厦门市政务信息系统台账（2026年，虚构）", bold)
        for group, first, last in GROUPS:
            sheet.merge_range(1, first, 1, last, group, bold)
        sheet.write_row(2, 0, HEADINGS, bold)
        for row, record in enumerate(worn([*map(_record, SYSTEMS), *further], warts, tally)):
            for column, value in enumerate(record):
                if value is not None:
                    sheet.write(row + 3, column, value)
        book.add_worksheet("填报说明").write("A1", "运维费填当年合同金额，不含建设费。")
    return tally


def _users(system: System, month: int) -> int:
    number = int(system.system_id[3:])
    if month >= IDLE_FROM.get(system.system_id, 13):
        return 0
    share = COSTLY[system.system_id][1] if system.system_id in COSTLY else 30 + int(55 * one("use/share", number))
    return int(planned_users(system) * share / 100 * (0.92 + 0.16 * one(f"use/{number}", month)))


def _use(system: System, month: int, form: str) -> Record:
    number, users = int(system.system_id[3:]), _users(system, month)
    poor = system.system_id in POOR_SERVICE
    tickets = users // 60 + int(6 * one(f"use/{number}/tickets", month)) if users else 0
    solved = tickets // 2 if poor else tickets - int(0.15 * tickets * one(f"use/{number}/solved", month))
    outage = (240 if poor else 0) + int((900 if poor else 90) * one(f"use/{number}/outage", month)) if users else 0
    liked = (48 if poor else 82) + int(150 * one(f"use/{number}/liked", month)) / 10
    requests = users * (40 + int(90 * one("use/requests", number)))
    return [
        system.system_id, form.format(month), _thousands(users), _thousands(requests), str(outage), str(tickets), str(solved),
        f"{liked:g}" if users else "—",
    ]  # fmt: skip


def _thousands(number: int) -> str:
    return f'"{number:,}"' if number >= 1000 else str(number)


def write_use(path: Path, quarter: UseQuarter) -> Tally:
    """Write a quarter's use and return what it holds."""
    tally, lines = Tally(), [",".join(USE_HEADINGS)]
    records = [_use(system, month, quarter.form) for month in quarter.months for system in SYSTEMS]
    lines += [",".join(record) for record in worn(records, quarter.warts, tally)]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="gb18030", newline="")
    return tally
