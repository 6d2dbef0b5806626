"""Deliveries of governance.grid_events: bars between the fields, 无 for nothing, events that are still open sent again later."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from _generator.grid_events import MADE, RETURNING_UNIT, Event, events
from _generator.shared_world import devices
from _generator.subdistricts import point_in
from _generator.tally import Tally
from _generator.warts import Change, put

HEADINGS = (
    "事件编号", "事件来源", "热线工单编号", "设备编号", "事件大类", "事件主题", "街道代码", "经度", "纬度", "处置单位", "上报时间", "立案时间",
    "派遣时间", "处置时间", "核查时间", "结案时间", "退单次数", "重办次数", "办理结果", "更新时间",
)  # fmt: skip
_NOTHING = "无"


@dataclass(frozen=True, slots=True)
class GridMonth:
    """A month's file, and its warts by how many events of nobody else, closed by then, come before in it."""

    month: int
    warts: tuple[tuple[int, str, Change], ...] = ()
    scale: int = 1


def _swapped(record: list[Any]) -> list[Any]:
    return [*record[:7], record[8], record[7], *record[9:]]


def _filed_too_early(record: list[Any]) -> list[Any]:
    return put(11, f"{datetime(2026, 3, 1):%Y-%m-%d %H:%M}")(record)


APRIL_WARTS = (
    (30, "row.within_the_city", _swapped),
    (90, "source.enum", put(1, "电话")),
    (150, "subdistrict_code.reference", put(6, "350204001")),
    (210, "row.filed_after_reported", _filed_too_early),
    (270, "event_id.pattern", put(0, "WG2604")),
)


def numbered(scale: int = 1) -> list[tuple[str, int, Event]]:
    """Every event with its number (from 1 on in each month) and its row."""
    counts, made = {4: 0, 6: 0}, []
    for row, event in enumerate(events(scale)):
        counts[event.reported.month] += 1
        made.append((f"WG26{event.reported.month:02d}{counts[event.reported.month]:08d}", row, event))
    return made


def _told(moment: datetime | None, slashes: bool) -> str:
    if moment is None:
        return _NOTHING
    return f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M}" if slashes else f"{moment:%Y-%m-%d %H:%M}"


def _point(event: Event, row: int) -> tuple[float, float]:
    found = {device.device_id: device.point for device in devices()}.get(event.device)
    return found or point_in(event.place.code, "grid", row)


def _record(event_id: str, row: int, event: Event, made: datetime) -> list[Any]:
    reached = [stage if stage < made else None for stage in event.stages] or [None] * 5
    last = max([event.reported, *(stage for stage in reached if stage)])
    lon, lat = _point(event, row)
    result = "已办结" if reached[-1] else "办理中" if event.stages else "不予立案"
    times = [_told(moment, row % 9 == 4) for moment in (event.reported, *reached)]
    return [
        event_id, event.source, event.order or _NOTHING, event.device or _NOTHING, event.category, event.topic, event.place.code,
        f"{lon:.6f}", f"{lat:.6f}", event.unit, *times, event.returned if reached[2] else 0, event.redone if reached[3] else 0,
        result, _told(last, row % 9 == 4),
    ]  # fmt: skip


def _in_file(month: GridMonth, event: Event) -> bool:
    """Reported in the month, or reported before and not yet closed when the file before was drawn."""
    if event.reported.month == month.month:
        return True
    return month.month == 6 and bool(event.stages) and not event.closed_by(MADE[4])


def wrong_rows(month: GridMonth) -> dict[int, tuple[str, Change]]:
    """The rule broken, and the change that breaks it, by the event's row."""
    end = MADE[month.month]
    plain = [
        row
        for _, row, event in numbered(month.scale)
        if _in_file(month, event) and event.kind == "other" and event.unit != RETURNING_UNIT and event.closed_by(end)
    ]
    return {plain[at]: (rule, change) for at, rule, change in month.warts}


def write_grid_month(path: Path, month: GridMonth) -> Tally:
    """Write a month's delivery and return what it holds."""
    tally, wrong = Tally(), wrong_rows(month)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("|".join(HEADINGS) + "\r\n")
        for event_id, row, event in numbered(month.scale):
            if not _in_file(month, event):
                continue
            rule, change = wrong.get(row, ("", list))
            record = change(_record(event_id, row, event, MADE[month.month]))
            file.write("|".join(str(value) for value in record) + "\r\n")
            tally.delivered += 1
            if rule:
                tally.count_broken(rule)
            else:
                tally.keys.add((event_id,))
    return tally
