"""Warts: what is done to a good row to make the file look like what departments send, or to break exactly one rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from _generator.orders import HEADINGS, PERSONAL, Month

Fields = list[str]
Change = Callable[[Fields, Month, int], Fields]

COLUMNS = tuple(HEADINGS)
AT = {name: index for index, name in enumerate(COLUMNS)}
DISSOLVED_DISTRICT = "350204"
_MOMENTS = (AT["accepted_at"], AT["dispatched_at"], AT["closed_at"])
_EXCEL_DAY_0 = datetime(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to every row whose number is `offset`, `offset + every`, …; the first edit that hits a row is the only one.

    `rule` is the rule broken ('' when the row stays valid), by how many rows (`breaks`). A change that returns no fields
    withdraws the row.
    """

    every: int
    offset: int
    change: Change
    rule: str = ""
    breaks: int = 1


def _put(name: str, text: str) -> Change:
    return lambda fields, month, row: [*fields[: AT[name]], text, *fields[AT[name] + 1 :]]


def _moments(fields: Fields, write: Callable[[datetime], str]) -> Fields:
    """The fields with their moments written another way."""
    return [write(datetime.fromisoformat(f)) if i in _MOMENTS and f else f for i, f in enumerate(fields)]


def serial_dates(fields: Fields, month: Month, row: int) -> Fields:
    """Moments as Excel's serial numbers."""

    def written(at: datetime) -> str:
        return f"{(at - _EXCEL_DAY_0).days + (at.hour * 3600 + at.minute * 60 + at.second) / 86400:.10f}"

    return _moments(fields, written)


def slash_dates(fields: Fields, month: Month, row: int) -> Fields:
    """Moments as Excel shows them: 2026/3/5 9:05."""
    return _moments(fields, lambda at: f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute:02d}")


def chinese_dates(fields: Fields, month: Month, row: int) -> Fields:
    """Moments as 2026年3月5日 09:05."""
    return _moments(fields, lambda at: f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}")


def padded_code(fields: Fields, month: Month, row: int) -> Fields:
    """A blank after the street's code, which trimming takes away."""
    return _put("subdistrict_code", fields[AT["subdistrict_code"]] + " ")(fields, month, row)


def broken_lines(newline: str) -> Change:
    """Text over two lines, with quotes and a comma in it."""

    def change(fields: Fields, month: Month, row: int) -> Fields:
        return _put("content", f'{fields[AT["content"]]}{newline}来电人称"已多次反映",仍未处理')(fields, month, row)

    return change


def rare_characters(fields: Fields, month: Month, row: int) -> Fields:
    """A name and a text that GBK cannot write: 䶮 needs GB18030, 𠮷 its four-byte form."""
    fields = _put("content", fields[AT["content"]] + "（𠮷祥里）")(fields, month, row)
    return _put("caller_name", "陈䶮")(fields, month, row)


def withdrawn(fields: Fields, month: Month, row: int) -> Fields:
    """No row at all."""
    return []


def called_again(fields: Fields, month: Month, row: int) -> Fields:
    """The answers of a second callback: everything was well after all."""
    if fields[AT["is_valid_callback"]] != "是":
        return _put("urgency", "紧急")(fields, month, row)
    fields = _put("satisfaction", "满意")(fields, month, row)
    return _put("is_resolved", "是")(fields, month, row)


def rehearsal(fields: Fields, month: Month, row: int) -> Fields:
    """A row of a rehearsal, which looks like any other to every rule."""
    fields = _put("unit_name", "演练专班")(fields, month, row)
    return _put("content", "【演练】" + fields[AT["content"]])(fields, month, row)


def old_street_code(fields: Fields, month: Month, row: int) -> Fields:
    """A street's code under the district dissolved in 2003: nine digits, and nowhere to be found."""
    code = fields[AT["subdistrict_code"]]
    return _put("subdistrict_code", DISSOLVED_DISTRICT + code[6:])(fields, month, row)


def _closed_too_early(fields: Fields, month: Month, row: int) -> Fields:
    before = datetime.fromisoformat(fields[AT["accepted_at"]]) - timedelta(days=1)
    return _put("closed_at", f"{before:%Y-%m-%d %H:%M:%S}")(fields, month, row)


def _foreign_id(fields: Fields, month: Month, row: int) -> Fields:
    return _put("order_id", "SH" + fields[0][2:])(fields, month, row)


def _id_of_the_row_before(fields: Fields, month: Month, row: int) -> Fields:
    return _put("order_id", month.order_id(row - 1))(fields, month, row)


_KINDS: tuple[tuple[str, int, Change], ...] = (
    ("accepted_at.type", 1, _put("accepted_at", "2026-02-31 10:15:00")),
    ("category.enum", 1, _put("category", "表扬")),
    ("order_id.pattern", 1, _foreign_id),
    ("subdistrict_code.required", 1, _put("subdistrict_code", "")),
    ("row.closed_after_dispatched", 1, _closed_too_early),
    ("subdistrict_code.reference", 1, old_street_code),
    ("handling_days.range", 1, _put("handling_days", "999")),
    ("order_id.unique", 2, _id_of_the_row_before),
    ("caller_phone.pattern", 1, _put("caller_phone", "1690012")),
)


def bad_rows(share: float, personal: bool = True) -> tuple[Edit, ...]:
    """Edits that break a stated share of the rows, every kind as often as the others (a doubled key breaks two rows)."""
    if share <= 0:
        return ()
    kinds = [kind for kind in _KINDS if personal or kind[0].split(".")[0] not in PERSONAL]
    every = round(sum(breaks for _, breaks, _ in kinds) / share)
    step = every // len(kinds)
    if step < 3:
        raise ValueError(f"bad share {share} is too high: at most {1 / 3.5:.2f}")
    return tuple(Edit(every, n * step + 1, change, rule, breaks) for n, (rule, breaks, change) in enumerate(kinds))


def mixed_dates() -> tuple[Edit, ...]:
    """Three rows in ten with another form of date, as files grow that several people keep."""
    return (Edit(10, 3, serial_dates), Edit(10, 6, slash_dates), Edit(10, 8, chinese_dates))


def hits(edits: Sequence[Edit], start: int, stop: int) -> dict[int, Edit]:
    """The edit of each row number in [start, stop) that has one."""
    found: dict[int, Edit] = {}
    for edit in edits:
        first = edit.offset + max(0, -(-(start - edit.offset) // edit.every)) * edit.every
        for row in range(first, stop, edit.every):
            found.setdefault(row, edit)
    return found
