"""Good rows of governance.hotline_orders, a whole chunk at a time: a row is a function of its month and number alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from _generator.draws import Floats, Integers, choice, hashed, spread, uniform
from _generator.places import DISTRICTS, PLACES
from _generator.talk import CATEGORIES, NAMES, SPOTS, TEXTS, TOPICS, planted_number

HEADINGS = {
    "order_id": "工单编号", "accepted_at": "受理时间", "dispatched_at": "派单时间", "closed_at": "办结时间",
    "subdistrict_code": "街道代码", "category": "诉求类型", "topic": "诉求主题", "unit_name": "承办单位", "urgency": "紧急程度",
    "is_valid_callback": "是否有效回访", "is_contacted": "是否联系", "is_resolved": "是否解决", "satisfaction": "是否满意",
    "handling_days": "办理时长", "content": "主要内容", "caller_name": "来电人", "caller_phone": "来电号码",
}  # fmt: skip
PERSONAL = ("content", "caller_name", "caller_phone")
NEWLINE = "\r\n"
_HOURS = (3, 2, 1, 1, 1, 2, 4, 8, 14, 17, 16, 13, 9, 9, 12, 14, 14, 12, 9, 9, 8, 7, 6, 4)
_CALLBACK_TOO_RARE = "350206406"
_LIKED = ("满意", "基本满意", "不满意")
_OUTCOMES = [",,,", "否,,,", *(f"是,{c},{r},{s}" for c in "是否" for r in "是否" for s in _LIKED)]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of orders: how many there are is part of what they are; another `stream` gives other orders."""

    year: int
    month: int
    rows: int
    personal: bool = True
    stream: str = "orders"

    @property
    def seed(self) -> str:
        """Name of its draws."""
        return f"{self.stream}/{self.year}-{self.month:02d}"

    @property
    def first(self) -> datetime:
        """Midnight, local time, at its start."""
        return datetime(self.year, self.month, 1)

    @property
    def days(self) -> int:
        """Days it has."""
        return ((self.first + timedelta(days=32)).replace(day=1) - self.first).days

    def order_id(self, row: int) -> str:
        """Number of the order in row `row`, counted from 0."""
        return f"GD{self.year % 100:02d}{self.month:02d}{row + 1:08d}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Good rows from number `start` on: their lines (CRLF included) and their handling time in half days (0: not closed)."""

    start: int
    lines: pa.StringArray
    half_days: Integers


def _fixed(matrix: NDArray[np.uint8]) -> pa.StringArray:
    """A string of each row of bytes."""
    rows, width = matrix.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix)))


def _pick(vocabulary: Sequence[str], index: Integers) -> pa.StringArray:
    return pa.array(vocabulary).take(pa.array(index))


def _digits(matrix: NDArray[np.uint8], values: Integers) -> None:
    """Write numbers into the columns of a byte matrix, zero-padded."""
    for column in range(matrix.shape[1] - 1, -1, -1):
        matrix[:, column] = values % 10 + 48
        values = values // 10


def _bytes_of(words: list[str]) -> NDArray[np.uint8]:
    return np.array([list(word.encode()) for word in words], dtype=np.uint8)


@cache
def _clock() -> NDArray[np.uint8]:
    return _bytes_of([f" {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86400)])


def _times(month: Month, seconds: Integers) -> pa.StringArray:
    """Text of moments counted in seconds from the month's start."""
    last = int(seconds.max()) // 86400 + 1
    days = _bytes_of([f"{month.first + timedelta(days=d):%Y-%m-%d}" for d in range(last)])
    return _fixed(np.concatenate([days[seconds // 86400], _clock()[seconds % 86400]], axis=1))


def accepted_seconds(month: Month, rows: Integers) -> Integers:
    """Seconds from the month's start at which orders are accepted: rising, busy at ten, quiet at night and on Sundays."""
    weekend = [0.72 if date(month.year, month.month, d + 1).weekday() >= 5 else 1.0 for d in range(month.days)]
    steps = np.cumsum([0.0] + [w * h for w in weekend for h in _HOURS])
    share = (rows + uniform(f"{month.seed}/accepted", rows)) / month.rows
    seconds: Floats = np.interp(share * steps[-1], steps, np.arange(len(steps)) * 3600.0)
    return seconds.astype(np.int64)


@cache
def _cells(month: int) -> Floats:
    """Weight of every (place, topic, category): what people call about depends on where they live and on the season."""
    weights = []
    season = spread(f"season/{month}", len(TOPICS), 0.7, 1.4)
    for p, place in enumerate(PLACES):
        size = (1.0 if place.is_street else 0.12) * (0.5 + 1.5 * spread("size", len(PLACES), 0, 1)[p])
        taste = spread(f"taste/{place.code}", len(TOPICS), 0.35, 1.9)
        for t, topic in enumerate(TOPICS):
            weight = size * taste[t] * season[t] * topic.weight_in(place.district)
            weights += [weight * share for share in topic.categories]
    return np.array(weights)


@cache
def _vocabulary() -> list[str]:
    """For every cell its `code,category,topic,unit`; nothing inside has a comma."""
    return [
        f"{place.code},{category},{topic.name},{topic.unit.format(district=DISTRICTS[place.district], place=place.name)}"
        for place in PLACES
        for topic in TOPICS
        for category in CATEGORIES
    ]


def _handling(month: Month, rows: Integers, accepted: Integers, cell: Integers) -> tuple[Integers, Integers, Integers]:
    """Seconds of dispatch and of closing (-1: none), and half days of handling (0: not closed by the reporting day)."""
    place, topic, category = cell // (len(TOPICS) * 5), cell // 5 % len(TOPICS), cell % 5
    draw = [uniform(f"{month.seed}/handling/{n}", rows) for n in range(3)]
    at_once = (category == 0) & (draw[0] < 0.45)
    dispatch = accepted + np.interp(draw[1], [0, 0.5, 0.9, 1], [120, 1800, 10800, 86400]).astype(np.int64)
    pace = spread("pace", len(PLACES), 0.6, 1.6)[place] * np.array([t.pace for t in TOPICS])[topic]
    taken = np.interp(draw[2], [0, 0.3, 0.7, 0.95, 1], [8_000, 120_000, 330_000, 900_000, 2_600_000]) * pace
    closed = np.where(at_once, accepted + 300 + (draw[2] * 1500).astype(np.int64), dispatch + taken.astype(np.int64))
    closed = np.where(closed < (month.days + 4) * 86400 + 64800, closed, -1)
    half_days = np.where(closed < 0, 0, (closed - accepted + 43199) // 43200)
    return np.where(at_once, -1, dispatch), closed, half_days


def _outcome(month: Month, rows: Integers, cell: Integers, closed: Integers) -> Integers:
    """Index into the answers to the callback."""
    place, topic = cell // (len(TOPICS) * 5), cell // 5 % len(TOPICS)
    draw = [uniform(f"{month.seed}/outcome/{n}", rows) for n in range(4)]
    reached = spread("reached", len(PLACES), 0.70, 0.93)
    reached[[p.code for p in PLACES].index(_CALLBACK_TOO_RARE)] = 0.08
    solved = spread("solved", len(PLACES), 0.78, 0.98)[place] - np.array([t.hardness for t in TOPICS])[topic]
    resolved = draw[2] < solved
    happy = np.where(resolved, choice(draw[3], (84, 11, 5)), choice(draw[3], (9, 21, 70)))
    answer = 2 + 6 * (draw[1] >= 0.965) + 3 * ~resolved + happy
    return np.where(closed < 0, 0, np.where(draw[0] < reached[place], answer, 1))


def _caller(month: Month, rows: Integers) -> tuple[pa.StringArray, pa.StringArray]:
    """Name and number of the caller, a few of whom call often; the line ends with the number."""
    draw = uniform(f"{month.seed}/caller", rows)
    caller = np.where(draw < 0.06, draw * 2000, 200 + draw * 400_000).astype(np.int64)
    names = _pick(NAMES, (hashed("name", caller) % np.uint64(len(NAMES))).astype(np.int64))
    phones = np.empty((len(rows), 13), dtype=np.uint8)
    phones[:, :3], phones[:, 11:] = list(b"169"), list(b"\r\n")
    _digits(phones[:, 3:11], (hashed("phone", caller) % np.uint64(100_000_000)).astype(np.int64))
    return names, _fixed(phones)


def _content(month: Month, rows: Integers, cell: Integers) -> pa.StringArray:
    """What was said and where; one row in 37 holds a number that must not stay in it."""
    sizes = (len(SPOTS), TEXTS)
    draw = [(uniform(f"{month.seed}/said/{n}", rows) * size).astype(np.int64) for n, size in enumerate(sizes)]
    said = pc.binary_join_element_wise(
        _pick([place.name for place in PLACES], cell // (len(TOPICS) * 5)),
        _pick(SPOTS, draw[0]),
        _pick([text for topic in TOPICS for text in topic.texts], cell // 5 % len(TOPICS) * TEXTS + draw[1]),
        "",
    )
    told = (rows + 1) % 37 == 0
    tails = [planted_number(int(row)) for row in rows[told]]
    whole = pc.binary_join_element_wise(said.filter(pa.array(told)), pa.array(tails, pa.string()), "")
    return pc.replace_with_mask(said, pa.array(told), whole)


def good_rows(month: Month, start: int, stop: int) -> Chunk:
    """Rows `start` to `stop` of the month as lines of UTF-8 text, none of which breaks a rule."""
    rows = np.arange(start, stop, dtype=np.int64)
    ids = np.empty((len(rows), 14), dtype=np.uint8)
    ids[:, :6] = list(month.order_id(0)[:6].encode())
    _digits(ids[:, 6:], rows + 1)
    accepted = accepted_seconds(month, rows)
    cell = choice(uniform(f"{month.seed}/cell", rows), _cells(month.month))
    dispatched, closed, half_days = _handling(month, rows, accepted, cell)
    end = "" if month.personal else NEWLINE
    days = ["—" + end] + [f"{h / 2:g}{end}" for h in range(1, 2 * (month.days + 6))]
    columns = [
        _fixed(ids),
        _times(month, accepted),
        pc.if_else(pa.array(dispatched >= 0), _times(month, np.maximum(dispatched, 0)), ""),
        pc.if_else(pa.array(closed >= 0), _times(month, np.maximum(closed, 0)), ""),
        _pick(_vocabulary(), cell),
        _pick(["一般", "紧急", "特急"], choice(uniform(f"{month.seed}/urgency", rows), (90, 8, 2))),
        _pick(_OUTCOMES, _outcome(month, rows, cell, closed)),
        _pick(days, half_days),
    ]
    if month.personal:
        columns += [_content(month, rows, cell), *_caller(month, rows)]
    return Chunk(start, pc.binary_join_element_wise(*columns, ","), half_days)
