"""How departments head the columns of a data dictionary, and where in a sheet those headings are."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts.hints import closest
from pipelines.derive.mapping import plain

# The first of each is what a dictionary written here says. A label is the Chinese name where no heading says so, else a
# description.
HEADINGS = {
    "name": ("字段名", "字段名称", "字段英文名", "英文名", "英文名称", "字段代码", "字段标识", "标识符", "短名", "英文缩写", "字段", "列名", "物理名",
             "name", "field", "field name",
             "column", "column name", "english name"),
    "title": ("中文名", "中文名称", "字段中文名", "字段中文名称", "数据项名称", "数据项", "信息项", "信息项名称", "中文含义", "字段描述", "含义", "指标项",
              "title", "label", "business name", "businessname", "display name", "chinese name"),
    "type": ("类型", "字段类型", "数据类型", "数据项类型", "数据格式", "表示格式", "类型及长度", "类型长度", "type", "data type", "datatype"),
    "length": ("长度", "字段长度", "数据长度", "最大长度", "长度精度", "精度", "length", "size", "max length", "precision"),
    "required": ("必填", "是否必填", "必填项", "约束", "约束条件", "非空", "是否非空", "required", "mandatory", "not null"),
    "nullable": ("可空", "是否可空", "允许为空", "是否为空", "是否允许为空", "nullable", "null"),
    "code_list": ("代码表", "代码", "代码集", "值域", "取值范围", "允许值", "字典", "引用代码表", "字典项", "数据字典", "code list", "codelist", "codes",
                  "values", "allowed values", "enum"),
    "label": ("字段说明", "字段注释", "注释", "comment", "comments"),
    "description": ("说明", "备注", "描述", "业务说明", "description", "remark", "remarks", "notes", "note"),
    "unit": ("单位", "计量单位", "unit", "units"),
    "key": ("主键", "是否主键", "唯一标识", "pk", "primary key", "key", "primarykey"),
    "personal": ("敏感", "是否敏感", "敏感字段", "是否敏感字段", "个人信息", "是否个人信息", "是否脱敏", "sensitive", "personal", "pii",
                 "personal data"),
    "level": ("级别", "数据级别", "安全级别", "数据分级", "分级", "敏感级别", "安全等级", "level", "classification"),
    "table": ("表名", "表英文名", "表名称", "数据表", "所属表", "表中文名", "数据集", "table", "table name", "dataset"),
    "place": ("序号", "编号", "no", "no.", "#", "number", "seq"),
}  # fmt: skip
_BY_NAME = {plain(name): key for key, names in HEADINGS.items() for name in names}
_ROWS_TO_SEARCH = 40


@dataclass(frozen=True, slots=True)
class Header:
    """The row of headings: its index in the sheet, which columns hold what, and the headings that mean nothing here."""

    row: int
    places: dict[str, tuple[int, ...]]
    unknown: tuple[tuple[str, str], ...]


def find_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """Return the headings of a sheet: the row that has most of them, a field's name or Chinese name among them."""
    found = [_header(number, row) for number, row in enumerate(rows[:_ROWS_TO_SEARCH])]
    sound = [header for header in found if {"name", "title"} & set(header.places) and len(header.places) > 1]
    return max(sound, key=lambda header: (len(header.places), -header.row), default=None)


def unknown_headings(row: Sequence[str]) -> str:
    """Return the headings of a row that mean nothing here, each with the closest that does, as one text."""
    return ", ".join(f"'{name}'{f' (closest: {near})' if near else ''}" for name, near in _header(0, row).unknown)


def _header(number: int, row: Sequence[str]) -> Header:
    places: dict[str, tuple[int, ...]] = {}
    unknown = []
    for place, cell in enumerate(row):
        key = _BY_NAME.get(plain(cell))
        if key:
            places[key] = (*places.get(key, ()), place)
        elif cell:
            unknown.append((cell, _closest(cell)))
    return Header(number, places, tuple(unknown))


def _closest(heading: str) -> str:
    """The known heading most like an unknown one: by its letters, else the longest that stands inside it."""
    names = [name for names in HEADINGS.values() for name in names]
    inside = sorted((name for name in names if len(name) > 1 and plain(name) in plain(heading)), key=len)
    return closest(heading, names) or (inside[-1] if inside else "")
