"""Deliveries of service.service_items (a workbook whose cells are merged) and service.service_ratings (lines of nested JSON)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import xlsxwriter

from _generator.draws import one, one_of
from _generator.places import PLACES
from _generator.shared_world import SYSTEMS, organisation
from _generator.tally import Tally
from _generator.warts import Change, Record, Wart, wart_of

HEADINGS = (
    "事项编码", "事项名称", "事项类型", "实施主体", "实施主体代码", "法定办结时限（工作日）", "承诺办结时限（工作日）", "网办深度", "承载系统", "是否一件事",
)  # fmt: skip
_SUBJECTS = {
    "市公安局": "居住证", "市人力资源和社会保障局": "社会保险", "市自然资源和规划局": "不动产", "市住房和建设局": "住房租赁",
    "市市场监督管理局": "营业执照", "市水利局": "取水", "市生态环境局": "排污", "市市政园林局": "绿地占用", "市交通运输局": "道路运输",
    "市教育局": "入学", "市卫生健康委员会": "诊所", "市应急管理局": "危化品经营", "市发展和改革委员会": "项目备案", "市工业和信息化局": "企业奖补",
    "市文化和旅游局": "演出", "市民政局": "社会救助",
}  # fmt: skip
_VERBS = (
    ("办理", "行政许可"), ("变更", "行政许可"), ("注销", "行政确认"), ("信息查询", "公共服务"), ("证明开具", "公共服务"), ("补贴申领", "行政给付"),
)  # fmt: skip
BADLY_RATED = 33  # number of an item
WRONG_ITEMS = (13, 40, 68)  # rows of the workbook that break a rule: nobody can rate them
_SYSTEM_OF = {system.owner: system.system_id for system in SYSTEMS}
_MADE = datetime(2026, 7, 1)
_BEIJING = timezone(timedelta(hours=8))
_CHANNELS = ("窗口", "网上", "移动端", "短信", "自助终端")
_SAID = ("办得很快", "材料一次说清", "等了很久", "窗口态度好", "跑了两趟", "系统打不开", "没有评语")


@dataclass(frozen=True, slots=True)
class RatingMonth:
    """A month's ratings."""

    month: int
    rows: int
    warts: tuple[Wart, ...] = ()


def item_id(number: int) -> str:
    """Code of an item, numbered from 1."""
    return f"ZW{number:06d}"


def items() -> list[Record]:
    """Every item as the workbook lists it, those of a unit together."""
    made: list[Record] = []
    for unit, subject in _SUBJECTS.items():
        for verb, kind in _VERBS:
            row = len(made)
            statutory = (20, 15, 10, 0, 3, 30)[row % 6]
            promised = int(statutory * (0.2 + 0.6 * one("item/promise", row)))
            level = ("一级", "二级", "三级", "四级")[one_of("item/level", row, (1, 2, 4, 8))]
            system = _SYSTEM_OF.get(unit, "SYS03") if level != "一级" else "—"
            made.append([
                item_id(row + 1), f"{subject}{verb}", kind, unit, organisation(unit).credit_code, statutory or "—", promised,
                level, system, "是" if one("item/one stop", row) < 0.3 else "否",
            ])  # fmt: skip
    return made


def write_items(path: Path, warts: tuple[Wart, ...]) -> Tally:
    """Write the quarter's items, the name of a unit once over its rows, and return what the file holds."""
    tally = Tally()
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet("事项清单")
        bold = book.add_format({"bold": True, "align": "center"})
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "厦门市政务服务事项（2026年第二季度，虚构）", bold)
        sheet.write_row(1, 0, HEADINGS, bold)
        for row, record in enumerate(items()):
            wart = wart_of(warts, row)
            sheet.write_row(row + 2, 0, wart.change(record) if wart else record)
            tally.delivered += 1
            if wart and wart.rule:
                tally.count_broken(wart.rule, also=wart.also)
        for number, unit in enumerate(_SUBJECTS):
            first = 2 + number * len(_VERBS)
            sheet.merge_range(first, 3, first + len(_VERBS) - 1, 3, unit)
    return tally


def _rating(month: int, row: int) -> dict[str, Any]:
    """A rating; in the window nearly half of the time, then with window and street."""
    stream = f"rating/{month}"
    rated = [number for number in range(1, 97) if number - 1 not in WRONG_ITEMS]
    number = BADLY_RATED if row % 16 == 5 else rated[int(len(rated) * one(f"{stream}/item", row))]
    bad = number == BADLY_RATED and one(f"{stream}/bad", row) < 0.7
    score = 1 + one_of(f"{stream}/score", row, (5, 4, 1, 0, 0) if bad else (1, 2, 6, 25, 66))
    handled = datetime(2026, month, 1, 8, tzinfo=_BEIJING) + timedelta(
        minutes=int(29.3 * 1440 * one(f"{stream}/at", row))
    )
    taken = timedelta(minutes=int(10 + 9 * 1440 * one(f"{stream}/taken", row) * one(f"{stream}/taken again", row)))
    mended = handled + timedelta(minutes=int(600 + 6 * 1440 * one(f"{stream}/mended", row)))
    channel = _CHANNELS[one_of(f"{stream}/channel", row, (45, 20, 25, 6, 4))]
    streets = [place for place in PLACES if place.is_street]
    place = streets[int(one(f"{stream}/place", row) * len(streets))]
    said = _SAID[int(one(f"{stream}/said", row) * len(_SAID))]
    phone = f"169{int(one(f'{stream}/phone', row) * 1e8):08d}"
    return {
        "ratingId": f"HC26{month:02d}{row + 1:06d}",
        "item": {"id": item_id(number)},
        "channel": channel,
        "window": {"subdistrict": place.code, "name": f"{row % 20 + 1}号"} if channel == "窗口" else {},
        "acceptedAt": (handled - taken).isoformat(),
        "handledAt": handled.isoformat() if row % 6 else f"{handled.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "score": str(score) if row % 11 == 3 else score,
        "promiseKept": one(f"{stream}/kept", row) < (0.6 if bad else 0.96),
        "comment": f"{said}，请回电{phone}" if row % 29 == 4 else said,
        "rater": {"phone": phone},
        "rectifiedAt": mended.isoformat() if score <= 2 and one(f"{stream}/rectified", row) < 0.75 else None,
    }


def ratings(month: RatingMonth) -> list[dict[str, Any]]:
    """Every rating of a month, without its warts."""
    return [_rating(month.month, row) for row in range(month.rows)]


def cut_off(lines: list[str]) -> list[str]:
    """What is left of a line that was not written to its end."""
    return [lines[0][:70]]


def with_value(key: str, value: Any) -> Change:
    """A change that puts another value at a key."""
    return lambda lines: [_line(json.loads(lines[0]) | {key: value})]


def _line(rating: dict[str, Any]) -> str:
    return json.dumps(rating, ensure_ascii=False, separators=(",", ":"))


def write_ratings(path: Path, month: RatingMonth) -> Tally:
    """Write a month's ratings and return what the file holds."""
    tally, lines = Tally(), []
    for row, rating in enumerate(ratings(month)):
        wart = wart_of(month.warts, row)
        lines.append(wart.change([_line(rating)])[0] if wart else _line(rating))
        tally.delivered += 1
        if wart and wart.rule:
            tally.count_broken(wart.rule, also=wart.also)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return tally
