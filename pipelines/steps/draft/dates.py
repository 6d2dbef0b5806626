"""The ways departments write dates and times, and which of them a column's values follow."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.contracts.model import Column
from pipelines.derive.macros import INSTANT
from pipelines.names import literal

_YMD = {"-": "-", "/": "/", ".": r"\."}
_CLOCKS = {
    "": "",
    " %H:%M": r" \d{1,2}:\d{2}",
    " %H:%M:%S": r" \d{1,2}:\d{2}:\d{2}",
    " %H:%M:%S.%f": r" \d{1,2}:\d{2}:\d{2}\.\d{1,6}",
}
_T_CLOCKS = {key.replace(" ", "T"): shape.replace(" ", "T") for key, shape in _CLOCKS.items() if key}
_HALF_DAYS = {" %I:%M %p": r" \d{1,2}:\d{2} [AaPp][Mm]", " %I:%M:%S %p": r" \d{1,2}:\d{2}:\d{2} [AaPp][Mm]"}
_CHINESE_CLOCKS = {
    **_CLOCKS, "%H:%M": r"\d{1,2}:\d{2}", "%H:%M:%S": r"\d{1,2}:\d{2}:\d{2}",
    **{f"{gap}%H时": rf"{gap}\d{{1,2}}时" for gap in ("", " ")},
    **{f"{gap}%H时%M分": rf"{gap}\d{{1,2}}时\d{{1,2}}分" for gap in ("", " ")},
    **{f"{gap}%H时%M分%S秒": rf"{gap}\d{{1,2}}时\d{{1,2}}分\d{{1,2}}秒" for gap in ("", " ")},
}  # fmt: skip
_TIME_WORD = re.compile(
    r"时间|日期|时刻|年月|月份|账期|期间|(^|_|\b)(date|day|month|time|datetime|timestamp|period|dt)(_|\b|$)|_at$"
)
# Names its zone in some form; the reader knows those of INSTANT.
ZONED = r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|UTC|GMT|[-+]\d{2}(:?\d{2})?)"
_INSTANT = "%Y-%m-%dT%H:%M:%S%z"
SERIAL = r"[2-7]\d{4}(\.\d+)?"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a date: its strptime pattern, the texts that are meant by it, and whether it has a time of day.

    `weak`: numbers look like it too, so the heading, or many values, must speak for a date.
    """

    pattern: str
    shape: str
    timed: bool
    weak: bool = False

    @property
    def is_iso(self) -> bool:
        """Whether a column without declared formats reads it."""
        return self.pattern.startswith("%Y-%m-%d")

    @property
    def day_first(self) -> bool:
        """Whether the day stands before the month."""
        return self.pattern.startswith("%d")


def _forms() -> list[Form]:
    forms = []
    for sign, shape in _YMD.items():
        for clock, told in (_CLOCKS | (_T_CLOCKS if sign == "-" else {})).items():
            forms.append(
                Form(f"%Y{sign}%m{sign}%d{clock}", rf"\d{{4}}{shape}\d{{1,2}}{shape}\d{{1,2}}{told}", bool(clock))
            )
    for clock, told in _CHINESE_CLOCKS.items():
        forms.append(Form(f"%Y年%m月%d日{clock}", rf"\d{{4}}年\d{{1,2}}月\d{{1,2}}日{told}", bool(clock)))
    for sign in ("/", "-"):
        for order in ("%m{0}%d{0}%Y", "%d{0}%m{0}%Y"):
            for clock, told in (_CLOCKS | _HALF_DAYS).items():
                day = rf"\d{{1,2}}{sign}\d{{1,2}}{sign}\d{{4}}"
                forms.append(Form(order.format(sign) + clock, day + told, bool(clock)))
    forms += [
        Form(_INSTANT, INSTANT, timed=True),
        Form("%Y年%m月", r"\d{4}年\d{1,2}月", timed=False),
        Form("%Y-%m", r"(19|20)\d{2}-\d{2}", timed=False, weak=True),
        Form("%Y%m%d", r"(19|20)\d{6}", timed=False, weak=True),
        Form("%Y%m%d%H%M", r"(19|20)\d{10}", timed=True, weak=True),
        Form("%Y%m%d%H%M%S", r"(19|20)\d{12}", timed=True, weak=True),
    ]
    return forms


FORMS = tuple(_forms())
_ZONED_FORM = next(form for form in FORMS if form.pattern == _INSTANT)
_ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Written:
    """How a column writes dates: the forms met, whether serial numbers (of whole days, or with a time) are among them.

    `ambiguous`: day first and month first read every value, so a person must say which.
    """

    forms: tuple[Form, ...]
    serial: bool = False
    serial_timed: bool = False
    ambiguous: bool = False

    @property
    def timed(self) -> bool:
        """Whether any value has a time of day."""
        return self.serial_timed or any(form.timed for form in self.forms)

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats a contract declares: none when ISO forms are all there is."""
        if all(form.is_iso for form in self.forms) and (self.forms or self.serial):
            return ()
        return tuple(form.pattern for form in self.forms)

    def column(self, name: str, nulls: tuple[str, ...], full_width: bool) -> Column:
        """The column that reads them."""
        kind: Literal["timestamp", "date"] = "timestamp" if self.timed else "date"
        return Column(name, kind, formats=self.formats, serial=self.serial, nulls=nulls, full_width=full_width)

    @property
    def shape(self) -> str:
        """The texts meant: a parser alone would take 26-6-1 for a day of the year 26."""
        shapes = [form.shape for form in self.forms] + ([SERIAL] if self.serial else [])
        return "|".join(f"(?:{shape})" for shape in dict.fromkeys(shapes))


def speaks_of_time(heading: str) -> bool:
    """Whether a heading announces a date or time."""
    return bool(_TIME_WORD.search(heading.casefold()))


def form_counts(text: str) -> list[str]:
    """Return SQL that counts, for each form, the texts that follow it and are dates; then serials, then those with a time."""
    counts = [f"count_if(regexp_full_match({text}, {literal(form.shape)}) AND {_reads(form, text)})" for form in FORMS]
    serials = f"regexp_full_match({text}, {literal(SERIAL)})"
    return [*counts, f"count_if({serials})", f"count_if({serials} AND contains({text}, '.'))"]


def _reads(form: Form, text: str) -> str:
    if form.pattern == _INSTANT:
        return f"rongtong_instant({text}) IS NOT NULL"
    return f"try_strptime({text}, [{literal(form.pattern)}]) IS NOT NULL"


def written(heading: str, filled: int, counts: Sequence[int], tolerated: float) -> Written | None:
    """Return how a column of `filled` values writes dates, None when not nearly all of them (`tolerated`) are dates."""
    hint = speaks_of_time(heading)
    met = {form: count for form, count in zip(FORMS, counts, strict=False) if count}
    if not hint and filled < _ENOUGH:
        met = {form: count for form, count in met.items() if not form.weak}
    if not all(form.is_iso for form in met):
        met.pop(_ZONED_FORM, None)  # formats cannot name it
    ambiguous = _drop_other_order(met)
    serials, timed_serials = counts[-2:]
    serial = bool(serials) and hint
    found = sum(met.values()) + (serials if serial else 0)
    if not found or filled - found > tolerated * filled:
        return None
    forms = tuple(sorted(met, key=lambda form: (-met[form], FORMS.index(form))))
    return Written(forms, serial, serial and bool(timed_serials), ambiguous)


def _drop_other_order(met: dict[Form, int]) -> bool:
    """Keep day-first or month-first, whichever reads more; return whether both read all the same."""
    ambiguous = False
    for form in [form for form in met if form.day_first]:
        other = next((f for f in met if f.shape == form.shape and f is not form), None)
        if other is None:
            continue
        ambiguous = ambiguous or met[other] == met[form]
        del met[form if met[other] >= met[form] else other]
    return ambiguous
