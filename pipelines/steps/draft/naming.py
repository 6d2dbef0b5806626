"""What columns are called: names the city already has, then a glossary, then the heading's own Latin letters."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pipelines.contracts.model import Column, Contract
from pipelines.derive.mapping import accepted_headings, plain
from pipelines.names import COLUMN, snake
from pipelines.steps.draft.glossary import AT, PARTS, UNITS, WHOLE, YES_NO

_UNIT = re.compile(r"^(?P<base>.+?)\s*[(（\[【](?P<unit>[^()（）\[\]【】]+)[)）\]】]$")
# What the reader calls a column without a heading, with its place behind.
UNNAMED = "_unnamed_"
_YEAR = re.compile(r"((?:19|20)\d{2})年度?")
_ENDINGS = re.compile(r"(\.[A-Za-z]{2,8})?(\.(gz|zip))?$", re.IGNORECASE)
_PERIODS = re.compile(
    r"(?<!\d)(?:19|20)\d{2}(?:年?第?[一二三四1-4]季度|年?[-_]?[Qq][1-4]|[-_.年]?(?:\d{1,2}[-_.月]?(?:\d{1,2}日?)?)?)(?:度|份)?(?:[-_T ]?\d{2,6})?(?!\d)"
    r"|(?<!\d)\d{1,2}月(?:\d{1,2}日|份)?|第?[一二三四]季度|[上下]半年|年度"
)
_REMARKS = re.compile(
    r"更正版?|补报|修订版?|最终版?|终稿|副本|新版?(?=$|[-_(（])|[-_ ]?[vV]\d+(\.\d+)*$|^附件\s*\d*[:：._ -]?|[(（\[【]\s*\d{0,3}\s*[)）\]】]"
)
_LATIN = re.compile(r"[a-z][a-z0-9.]*|\d+(?=[^\d.])")
_NUMBERED = re.compile(r"^col_\d+$")
# Columns every table of the lake has unseen.
_LAKE_S_OWN = frozenset(
    ["rowid", "row_id", "begin_snapshot", "end_snapshot", "snapshot_id", "filename", "file_row_number", "file_index"]
)
_PARTS = sorted(PARTS, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Name:
    """A column's name, its unit, and where the name comes from: dictionary, city, glossary, heading, or '' (nowhere)."""

    name: str
    unit: str = ""
    source: str = ""


class CityNames:
    """How the city's other contracts call things, and what their names mean; and the names of its code lists."""

    def __init__(self, contracts: Sequence[Contract], table: str, code_lists: Collection[str] = ()) -> None:
        self.code_lists = frozenset(code_lists)
        known = (column for contract in contracts if contract.table != table for column in contract.columns)
        others = [column for column in known if not _NUMBERED.match(column.name)]
        self.by_heading = {
            plain(heading): column for column in reversed(others) for heading in accepted_headings(column)
        }
        self.meanings: dict[str, set[tuple[str, str]]] = {}
        for column in others:
            self.meanings.setdefault(column.name, set()).add((column.type, column.unit))

    def widened(self, heading: str, column: Column) -> Column:
        """The column as a number where the city's other contracts say that its heading means one, whole or not."""
        known = self.by_heading.get(plain(heading))
        wide = column.type == "integer" and known is not None and known.type == "number"
        return replace(column, type="number") if wide else column

    def allows(self, name: str, column: Column, unit: str) -> bool:
        """Whether a column may have a name without meaning something else by it than other contracts."""
        return name not in self.meanings or (column.type, unit) in self.meanings[name]


def named(columns: Sequence[tuple[str, Column]], table: str, city: CityNames, given: dict[str, str]) -> list[Name]:
    """Return a name for every (heading, column), no two alike; `given` holds names a dictionary gives by heading."""
    headings = [plain(heading) for heading, _ in columns]
    taken: set[str] = set()
    names = []
    for place, (heading, column) in enumerate(columns, start=1):
        others = {other for other in headings if other != plain(heading)}
        choices = [*_choices(heading, column, table, city, given.get(heading, "")), Name(f"col_{place:02d}")]
        best = next(choice for choice in _spread(choices, table) if _free(choice, column, city, taken | others))
        taken.add(best.name)
        names.append(best)
    return names


def _choices(heading: str, column: Column, table: str, city: CityNames, given: str) -> Iterator[Name]:
    base, ending, unit = split_unit(heading) if column.type in ("integer", "number") else (heading, "", "")
    if given:
        yield Name(given, unit, "dictionary")
    known = city.by_heading.get(plain(heading)) or city.by_heading.get(plain(base))
    if known and known.type == column.type:
        yield Name(known.name, known.unit, "city")
    found = from_glossary(base, column.type, singular(table)) or ""
    source = "glossary"
    if not found and not heading.startswith(UNNAMED):
        found, source = snake(base), "heading"
    if found:
        tail = f"_{ending}" if ending and not found.endswith(f"_{ending}") else ""
        yield Name(found + tail, unit, source)


def _spread(choices: Sequence[Name], table: str) -> Iterator[Name]:
    """Each choice as it is, then with what keeps it apart from others of that name."""
    for choice in choices:
        yield choice
        if choice.source != "dictionary":
            yield Name(f"{singular(table)}_{choice.name}", choice.unit, choice.source)
            yield from (Name(f"{choice.name}_{number}", choice.unit, choice.source) for number in range(2, 1000))


def _free(choice: Name, column: Column, city: CityNames, taken: set[str]) -> bool:
    if choice.name in taken or choice.name in _LAKE_S_OWN or not COLUMN.match(choice.name):
        return False
    return choice.source == "dictionary" or city.allows(choice.name, column, choice.unit)


def split_unit(heading: str) -> tuple[str, str, str]:
    """Return a heading without the unit in brackets behind it, the ending its name gets, and the unit.

    >>> split_unit("面积（km²）"), split_unit("PM2.5(μg/m³)"), split_unit("面积（建成区）")
    (('面积', 'km2', 'km2'), ('PM2.5', 'ug_m3', 'ug/m3'), ('面积（建成区）', '', ''))
    """
    found = _UNIT.match(heading)
    known = UNITS.get(unicodedata.normalize("NFKC", found["unit"]).strip().casefold()) if found else None
    return (found["base"], *known) if found and known else (heading, "", "")


def from_glossary(heading: str, kind: str, one: str) -> str:
    """Return the name of a Chinese heading, '' when some part of it is in no glossary.

    >>> from_glossary("报修时间", "timestamp", "fault"), from_glossary("编号", "string", "fault"), from_glossary("龙头", "string", "x")
    ('reported_at', 'fault_id', '')
    >>> from_glossary("是否解决", "boolean", "x"), from_glossary("办结日期", "date", "x"), from_glossary("2019年人口", "integer", "x")
    ('is_resolved', 'closed_date', 'year_2019_population')
    """
    text = "".join(unicodedata.normalize("NFKC", heading).split()).casefold()
    whole = WHOLE.get(text)
    if whole:
        return _timed(whole.format(one=one), kind)
    if text.isascii():
        return ""
    prefix = next((word for word in YES_NO if text.startswith(word)), "")
    parts = _parts(text.removeprefix(prefix))
    if not parts:
        return ""
    moment = {"timestamp": "at", "date": "date"}.get(kind, "time")
    words = [moment if part == AT else part for part in parts if part]
    name = "_".join(dict.fromkeys(word for part in words for word in part.split("_")))
    if not name or name == moment:
        return ""
    return f"{'is' if prefix == '是否' else 'has'}_{name}" if prefix and kind == "boolean" else name


def _timed(name: str, kind: str) -> str:
    swap = {"timestamp": ("_date", "_at"), "date": ("_at", "_date")}.get(kind)
    return name.removesuffix(swap[0]) + swap[1] if swap and name.endswith(swap[0]) else name


def _parts(text: str) -> list[str]:
    """The words of a heading in order: a year, a word of the glossary, or Latin letters and digits as they are."""
    found: list[str] = []
    while text:
        year, latin = _YEAR.match(text), _LATIN.match(text)
        part = next((part for part in _PARTS if text.startswith(part)), "")
        if year:
            part, word = year[0], f"year_{year[1]}"
        elif part:
            word = PARTS[part]
        elif latin:
            part, word = latin[0], snake(latin[0])
        else:
            return []
        found.append(word)
        text = text[len(part) :]
    return found


def title_of(file_name: str) -> str:
    """Return what a file is called without endings, periods and remarks.

    >>> title_of("路灯_202607_更正.csv"), title_of("yellow_tripdata_sample_2018-12.csv"), title_of("202606.csv.gz")
    ('路灯', 'yellow_tripdata_sample', '')
    >>> title_of("附件1：行业用电2026年第一季度(2).xlsx"), title_of("PM2.5监测2026Q1_v2.csv"), title_of("6月份水位.csv")
    ('行业用电', 'PM2.5监测', '水位')
    """
    stem = _ENDINGS.sub("", file_name)
    bare = _PERIODS.sub("", _REMARKS.sub("", stem))
    return re.sub(r"[-_ ]{2,}", "_", bare).strip(" _-.()（）：:")[:60]


def singular(table: str) -> str:
    """Return the singular of the last word of a table's name.

    >>> [singular(name) for name in ("light_faults", "bike_fences", "companies", "addresses", "air_quality_hourly")]
    ['fault', 'fence', 'company', 'address', 'hourly']
    """
    word = table.rpartition("_")[2]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def as_called(names: Sequence[Name], words: Sequence[str]) -> list[Name]:
    """Return the names, those from the glossary changed to what a person calls the one column that can be meant.

    >>> [n.name for n in as_called([Name("contact_phone", "", "glossary"), Name("status", "", "glossary")], ["phone"])]
    ['phone', 'status']
    """
    called = list(names)
    for word in words:
        taken = [name.name for name in called]
        if word in taken or not COLUMN.match(word):
            continue
        meant = [place for place, name in enumerate(called) if name.source == "glossary" and _alike(name.name, word)]
        if len(meant) == 1:
            called[meant[0]] = Name(word, called[meant[0]].unit, "person")
    return called


def _alike(name: str, word: str) -> bool:
    return name.endswith(f"_{word}") or word.endswith(f"_{name}")
