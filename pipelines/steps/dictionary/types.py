"""Types as dictionaries write them: 字符型, VARCHAR2(50), 数值 18,2, or the short forms of GB/T 19488 (an..50, n6, d8)."""

import re

from pipelines.contracts.model import LogicalType

_WORDS: tuple[tuple[LogicalType, tuple[str, ...]], ...] = (
    ("time", ("时刻", "time")),
    ("timestamp", ("日期时间", "时间戳", "时间", "datetime", "timestamp", "dt")),
    ("date", ("日期", "date", "d")),
    ("boolean", ("布尔", "逻辑", "是否", "boolean", "bool", "bit", "l")),
    ("integer", ("整数", "整型", "长整", "bigint", "int", "smallint", "tinyint", "integer", "long", "serial")),
    ("number", ("数值", "数字", "小数", "浮点", "金额", "number", "decimal", "numeric", "float", "double", "real", "money", "n")),
    ("string", ("字符", "文本", "字串", "字符串", "代码", "char", "varchar", "varchar2", "nvarchar", "nvarchar2", "text", "string", "clob",
                "uuid", "c", "a", "an", "s")),
    ("object", ("空间", "几何", "图形", "geometry", "object")),
)  # fmt: skip
LABELS: dict[str, str] = {
    "string": "字符", "integer": "整数", "number": "数值", "boolean": "布尔", "date": "日期", "timestamp": "日期时间", "time": "时刻",
    "object": "空间",
}  # fmt: skip
_SHAPE = re.compile(r"^(?P<word>[^\d(（.\s]+)[\s.]*[(（]?(?P<size>[\d.,，\s]*)")
_SIZE = re.compile(r"\d+")


def type_of(text: str) -> LogicalType | None:
    """Return the logicalType that a dictionary's word means, None for one that is not known.

    >>> [type_of(text) for text in ("VARCHAR2(50)", "字符型", "日期时间型", "n..10,2", "d8", "n6", "整型", "什么")]
    ['string', 'string', 'timestamp', 'number', 'date', 'integer', 'integer', None]
    """
    found = _SHAPE.match(text.casefold().strip())
    if not found:
        return None
    word = found["word"].strip()
    exact = next((kind for kind, words in _WORDS if word in words), None)
    within = next((kind for kind, words in _WORDS for known in words if known > "~" and known in word), None)
    longer = next(
        (kind for kind, words in _WORDS for known in words if len(known) > 2 and word.startswith(known)), None
    )
    kind = exact or within or longer
    whole = (
        kind == "number" and word in ("number", "decimal", "numeric", "n") and size_of(found["size"])[1] in (0, None)
    )
    return "integer" if whole and size_of(found["size"])[0] else kind


def size_of(text: str) -> tuple[int | None, int | None]:
    """Return how long a value may be and how many digits come after the point, as far as a text tells.

    >>> size_of("50"), size_of("VARCHAR(18)"), size_of("18,2"), size_of("6-18"), size_of("an..20"), size_of("")
    ((50, None), (18, None), (18, 2), (18, None), (20, None), (None, None))
    """
    inner = text.partition("(")[2] or text.partition("（")[2] or re.sub(r"(?i)varchar2", "", text)
    numbers = [int(number) for number in _SIZE.findall(inner)]
    if not numbers:
        return None, None
    if len(numbers) > 1 and re.search(r"\d\s*[,，.]\s*\d", inner):
        return numbers[0], numbers[1]
    return numbers[-1], None
