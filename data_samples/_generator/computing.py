"""Deliveries of operation.computing_centres: card hours, queues, power and cost by centre, kind of node, office and hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from _generator.draws import one
from _generator.shared_world import organisation
from _generator.tally import Tally
from _generator.warts import Record, Wart, worn

HEADINGS = (
    "中心编号", "节点类别", "使用单位代码", "小时", "总算力", "总卡数", "已用卡时", "排队作业数", "平均等待（分钟）", "用电量（千瓦时）",
    "费用（元）",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pool:
    """The nodes of one kind in a centre: cards, nominal PFLOPS, watts and tenths of a yuan of a card in an hour."""

    centre: str
    kind: str
    cards: int
    pflops: int
    watts: int
    price: int


POOLS = (
    Pool("XMC01", "智算", 256, 80, 700, 65), Pool("XMC01", "通用", 480, 2, 240, 6), Pool("XMC02", "通用", 320, 1, 260, 7),
)  # fmt: skip
OFFICES = ("市数据资源管理局", "市公安局", "市卫生健康委员会", "市交通运输局")
_SHARES = (34, 26, 18, 12)
_BUSY = (20, 18, 17, 16, 16, 18, 24, 36, 58, 70, 74, 76, 60, 66, 78, 80, 76, 62, 44, 38, 34, 30, 26, 22)


@dataclass(frozen=True, slots=True)
class Peak:
    """Hours of a day in which a pool is full and its queue long: (hour, jobs waiting, minutes waited)."""

    pool: int
    day: datetime
    hours: tuple[tuple[int, int, int], ...]


PEAKS = (
    Peak(0, datetime(2026, 6, 2), ((14, 28, 64), (15, 52, 118), (16, 48, 135), (17, 20, 81))),
    Peak(2, datetime(2026, 6, 1), ((9, 20, 35), (10, 24, 41))),
)


def _peak(pool: int, at: datetime) -> tuple[int, int] | None:
    """Jobs waiting and minutes waited of a peak's hour."""
    for peak in PEAKS:
        for hour, jobs, minutes in peak.hours:
            if (peak.pool, peak.day + timedelta(hours=hour)) == (pool, at):
                return jobs, minutes
    return None


def _record(pool: int, office: int, at: datetime) -> Record:
    """An office's hour. All of a pool's waiting jobs in a peak are of the office that uses it most, and of the next."""
    nodes, peak, row = POOLS[pool], _peak(pool, at), (at.day * 24 + at.hour) * 16 + pool * 4 + office
    busy = 100 if peak else _BUSY[at.hour] * (0.8 + 0.4 * one("computing/busy", row))
    quarters = int(4 * nodes.cards * busy / 100 * _SHARES[office] / 100)
    waiting = (peak[0] * (6 - 4 * office) // 8 if office < 2 else 0) if peak else int(3 * one("computing/jobs", row))
    waited = peak[1] + 3 * office if peak else int(80 * one("computing/wait", row)) / 10
    cost = quarters * nodes.price / 40
    return [
        nodes.centre, nodes.kind, organisation(OFFICES[office]).org_code, f"{at:%Y-%m-%d %H:%M}", str(nodes.pflops),
        str(nodes.cards), f"{quarters / 4:.2f}", str(waiting), f"{waited:g}" if quarters else "—",
        f"{quarters * nodes.watts / 4000:.1f}", f'"{cost:,.2f}"' if cost >= 1000 else f"{cost:.2f}",
    ]  # fmt: skip


def write_computing_day(path: Path, day: datetime, warts: Sequence[Wart] = ()) -> Tally:
    """Write a day's delivery and return what it holds."""
    tally, lines = Tally(), [",".join(HEADINGS)]
    hours = [day + timedelta(hours=hour) for hour in range(24)]
    records = [_record(pool, office, at) for pool in range(3) for office in range(4) for at in hours]
    lines += [",".join(record) for record in worn(records, warts, tally)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return tally
