"""What a data dictionary says of one column, read from one row of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts.model import LogicalType
from pipelines.derive.mapping import plain
from pipelines.steps.dictionary.types import size_of, type_of

_YES = {
    "是",
    "y",
    "yes",
    "true",
    "1",
    "√",
    "✓",
    "✔",
    "v",
    "m",
    "必填",
    "必选",
    "非空",
    "not null",
    "pk",
    "主键",
    "敏感",
    "个人信息",
    "●",
    "*",
}
_NO = {"否", "n", "no", "false", "0", "×", "x", "o", "选填", "可选", "可空", "null", "-", "/", "无", "非敏感"}
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_LISTS = (re.compile(r"[;；\n|]+"), re.compile(r"[、,，]+"))
_ITEM = re.compile(r"^\s*(?P<code>[^\s:：=—–.．、-]+)\s*(?:[:：=—–.．、-]+\s*(?P<label>.+?))?\s*$")
_SPACED = re.compile(r"^\s*(?P<code>[0-9A-Za-z]+)\s+(?P<label>\S+)\s*$")
_IN_A_ROW = re.compile(r"(?:\s*[0-9A-Za-z]{1,6}\s+[^\s0-9A-Za-z]+){2,}\s*")
_PAIR = re.compile(r"([0-9A-Za-z]{1,6})\s+([^\s0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a dictionary; None and '' where it says nothing that is known. `row` is its number in the sheet.

    `length` is the longest value in characters, `scale` the digits behind the point. `values` are (code, label).
    `written` holds the cells as they stand, by what they mean.
    """

    name: str
    title: str
    row: int
    type: LogicalType | None = None
    length: int | None = None
    scale: int | None = None
    required: bool | None = None
    key: bool | None = None
    personal: bool | None = None
    level: int | None = None
    code_list: str = ""
    values: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    description: str = ""
    table: str = ""
    written: tuple[tuple[str, str], ...] = ()

    @property
    def called(self) -> str:
        """The column in words: its Chinese name, else its field name."""
        return self.title or self.name


def entry_in(cells: dict[str, str], row: int, name: str) -> Entry:
    """Return what the cells of one row say; `name` is the field's name in snake case."""
    length, scale = size_of(cells.get("length", ""))
    if length is None:
        length, scale = size_of(cells.get("type", ""))
    kind = type_of(cells.get("type", ""))
    kind = "number" if kind == "integer" and scale else kind
    codes = cells.get("code_list", "")
    listed = codes.casefold() if _NAME.match(codes.casefold()) else ""
    return Entry(
        name=name, title=cells.get("title", ""), row=row, type=kind, length=length, scale=scale, required=_required(cells),
        key=_answer(cells, "key"), personal=_answer(cells, "personal"), level=_level(cells.get("level", "")), code_list=listed,
        values=() if listed else _values(codes), unit=_said(cells.get("unit", "")), description=cells.get("description", ""),
        table=cells.get("table", ""), written=tuple(cells.items()),
    )  # fmt: skip


def _said(text: str) -> str:
    return "" if text.casefold() in _NO else text


def _answer(cells: dict[str, str], key: str) -> bool | None:
    """Yes or no; an empty cell under a heading that asks is a no, another word than these is no answer."""
    if key not in cells:
        return None
    word = cells[key].casefold().strip()
    return True if word in _YES else False if word in _NO or not word else None


def _required(cells: dict[str, str]) -> bool | None:
    told = _answer(cells, "required")
    nullable = _answer(cells, "nullable")
    if told is None and "nullable" in cells and nullable is not None:
        return not nullable
    return told


def _level(text: str) -> int | None:
    found = re.search(r"[1-4]", text)
    return int(found[0]) if found else None


def _values(text: str) -> tuple[tuple[str, str], ...]:
    """The values a cell lists, () for anything else.

    >>> _values("0-待修；1-已修"), _values("1、甲;2、乙"), _values("0 否 1 是"), _values("甲、乙"), _values("见附件")
    ((('0', '待修'), ('1', '已修')), (('1', '甲'), ('2', '乙')), (('0', '否'), ('1', '是')), (('甲', ''), ('乙', '')), ())
    """
    if _IN_A_ROW.fullmatch(text):
        return tuple((code, label) for code, label in _PAIR.findall(text))
    for separator in _LISTS:
        items = [item for item in separator.split(text) if item.strip()]
        found = [_ITEM.match(item) or _SPACED.match(item) for item in items]
        if len(items) > 1 and all(found):
            return tuple((match["code"], (match["label"] or "").strip()) for match in found if match)
    return ()


def entry_of(heading: str, entries: Sequence[Entry]) -> Entry | None:
    """Return what a dictionary says of a delivered heading, by Chinese name or field name; None when nothing."""
    wanted = plain(heading)
    return next((entry for entry in entries if wanted in (plain(entry.title), plain(entry.name))), None)
