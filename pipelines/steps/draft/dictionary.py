"""A department's data dictionary (字段名, 中文名, 类型, 必填, 代码表) as CSV: what it says of the columns of a file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts.model import LogicalType
from pipelines.derive.mapping import plain
from pipelines.errors import Problem, SourceError
from pipelines.sources.encoding import GB18030
from pipelines.sources.header import DELIMITERS
from pipelines.steps.draft.naming import snake

_HEADINGS = {
    "name": ("字段名", "字段名称", "字段英文名", "英文名", "英文名称", "字段代码", "列名", "name", "field", "column"),
    "title": ("中文名", "中文名称", "字段中文名", "数据项名称", "数据项", "字段描述", "含义", "title"),
    "type": ("类型", "字段类型", "数据类型", "type"),
    "required": ("必填", "是否必填", "约束", "非空", "是否非空", "required"),
    "code_list": ("代码表", "代码", "代码集", "值域", "字典", "引用代码表", "codelist"),
}  # fmt: skip
_TYPES: tuple[tuple[LogicalType, tuple[str, ...]], ...] = (
    ("timestamp", ("日期时间", "时间戳", "时间", "datetime", "timestamp")),
    ("date", ("日期", "date")),
    ("boolean", ("布尔", "逻辑", "是否", "bool", "bit")),
    ("integer", ("整数", "整型", "长整", "bigint", "int", "smallint", "integer")),
    ("number", ("数值", "数字", "小数", "浮点", "金额", "number", "decimal", "numeric", "float", "double", "real")),
    ("string", ("字符", "文本", "字串", "字符串", "代码", "char", "varchar", "text", "string", "clob")),
)  # fmt: skip
_YES = ("是", "y", "yes", "true", "1", "√", "m", "必填", "非空", "必选", "not null")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a dictionary says of one column; `type` is None where it says nothing that is known, `required` likewise."""

    name: str
    title: str
    type: LogicalType | None
    required: bool | None
    code_list: str


def read_dictionary(path: Path) -> list[Entry]:
    """Return the entries of a dictionary; SourceError with every problem when it is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: [dictionary] the file cannot be read: {error.strerror}.") from error
    rows = _rows(_decoded(data, path))
    places = _places(rows[0] if rows else [])
    missing = [names[0] for key, names in _HEADINGS.items() if key in ("name", "title") and key not in places]
    if missing:
        hint = "write the headings 字段名,中文名,类型,必填,代码表."
        raise SourceError(
            str(Problem(str(path), 1, "dictionary", f"there is no heading {' nor '.join(missing)}", hint))
        )
    entries = [_entry(row, places) for row in rows[1:]]
    problems = [str(Problem(str(path), None, "dictionary", text)) for text in _problems(entries)]
    if problems:
        raise SourceError("\n".join(problems))
    return entries


def _decoded(data: bytes, path: Path) -> str:
    for codec in ("utf-8-sig", GB18030):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise SourceError(f"{path}: [dictionary] neither UTF-8 nor GB18030. Hint: save it as CSV in UTF-8.")


def _rows(text: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[cell.strip() for cell in row] for row in reader if any(cell.strip() for cell in row)]


def _places(headings: list[str]) -> dict[str, int]:
    known = [plain(heading) for heading in headings]
    found = {}
    for key, names in _HEADINGS.items():
        place = next((known.index(plain(name)) for name in names if plain(name) in known), None)
        if place is not None:
            found[key] = place
    return found


def _entry(row: list[str], places: dict[str, int]) -> Entry:
    cell = {key: row[place] if place < len(row) else "" for key, place in places.items()}
    required = None if "required" not in places else cell["required"].casefold() in _YES
    return Entry(
        snake(cell["name"]), cell["title"], _type(cell.get("type", "")), required, cell.get("code_list", "").casefold()
    )


def _type(text: str) -> LogicalType | None:
    word = text.casefold().partition("(")[0].strip()
    exact = (kind for kind, words in _TYPES if word in words)
    within = (kind for kind, words in _TYPES for known in words if known in word[: None if known > "~" else len(known)])
    return next(exact, None) or next(within, None) if word else None


def _problems(entries: list[Entry]) -> Iterator[str]:
    names = [entry.name for entry in entries]
    for number, entry in enumerate(entries, start=2):
        if not entry.name:
            yield f"row {number}: the field name of '{entry.title}' is not in Latin letters"
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield f"field '{name}' is there more than once"


def entry_of(heading: str, entries: Sequence[Entry]) -> Entry | None:
    """Return what a dictionary says of a delivered heading, by Chinese name or field name; None when nothing."""
    wanted = plain(heading)
    return next((entry for entry in entries if wanted in (plain(entry.title), plain(entry.name))), None)
