"""Deliveries of governance.hotline_intake: what came in a day and channel, of which the month's orders were accepted."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from _generator.draws import one
from _generator.orders import Month, accepted_seconds
from _generator.tally import Tally
from _generator.warts import Record

CHANNELS = ("电话", "网站", "微信", "移动端", "上级转办")
HEADINGS = ("日期", "渠道", "来件量", "重复来件数", "受理量", "不予受理量")
_SHARES = (0.58, 0.71, 0.86, 0.96)  # where one channel's orders of a day end and the next one's begin
_EMPTY = [0, 0, 0, 0]


@dataclass(frozen=True, slots=True)
class IntakeMonth:
    """A month's file, whose accepted are the orders of `month`. `form` writes a day; `further` are rows beside the true ones."""

    month: Month
    form: str = "%Y-%m-%d"
    further: tuple[tuple[Record, str], ...] = ()


def _per_day(month: Month) -> list[int]:
    """How many of the month's orders are accepted on each of its days."""
    seconds = accepted_seconds(month, np.arange(month.rows))
    return [int(count) for count in np.bincount(seconds // 86400, minlength=month.days)]


def _of_channels(accepted: int) -> list[int]:
    ends = [0, *(int(accepted * share) for share in _SHARES), accepted]
    return [after - before for before, after in pairwise(ends)]


def intake(month: Month) -> list[Record]:
    """Return (day, channel, received, repeated, accepted, not accepted) of every day and channel of a month."""
    made: list[Record] = []
    for day, accepted in enumerate(_per_day(month)):
        for number, part in enumerate(_of_channels(accepted)):
            draw = [one(f"intake/{month.seed}/{day}", 2 * number + n) for n in range(2)]
            repeated, refused = int(part * 0.12 * draw[0]), int(part * 0.06 * draw[1] + 0.3)
            made.append([day, CHANNELS[number], repeated + part + refused, repeated, part, refused])
    return made


def write_intake(path: Path, file: IntakeMonth) -> Tally:
    """Write a month with 合计 below and return what the file holds."""
    tally = Tally()
    records = [
        [(file.month.first + timedelta(days=record[0])).strftime(file.form), *record[1:]]
        for record in intake(file.month)
    ]
    for record, rule in file.further:
        tally.count_broken(rule)
        records.append([*record, *_EMPTY])
    tally.delivered = len(records)
    received, accepted = (_sum(records, column) for column in (2, 4))
    with path.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        writer.writerows(records)
        writer.writerow(["合计", "", received, "", accepted, ""])
    tally.declared = {"rows": len(records), "received_count": received, "accepted_count": accepted}
    tally.counted = dict(tally.declared)
    return tally


def _sum(records: Sequence[Record], column: int) -> int:
    return sum(record[column] for record in records)
