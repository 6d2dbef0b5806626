"""What a dataset is called after the file it comes in: the glossary's words, Latin letters, and pinyin for the rest."""

import re
import unicodedata
from collections.abc import Iterator

from pypinyin import lazy_pinyin

from pipelines.names import snake
from pipelines.steps.draft.glossary import AT, PARTS, WHOLE

_LONGEST = 40
_TAIL = re.compile(
    "(?:(?:明细|统计|信息|汇总|一览|情况|基本|基础|数据|清|花名)(?:表|单|册)|清单|台账|名单|名录|数据|信息|明细|汇总|统计|情况|记录|表|册)+$"
)
_LETTER = re.compile(r"^关于?(?:报送|上报|提供|提交)?(?P<what>.+)的(?:函|通知|报告|请示)$")
_GENERIC = re.compile(
    r"^(?:data|sheet|book|table|file|export|download|test|new|工作簿|新建.*|导出.*|下载.*)?[\s_-]*\d*$"
)
# One character alone is too often part of a word that is not here: 市政 is no city.
_NAMES = {
    word: name
    for words in (WHOLE, PARTS)
    for word, name in words.items()
    if len(word) > 1 and name and name != AT and "{" not in name
}
_WORDS = sorted(_NAMES, key=len, reverse=True)
_RUN = re.compile(r"[a-z0-9]+")


def table_name(title: str) -> str:
    """Return a table name for what a file is called, '' when that says nothing.

    >>> [table_name(title) for title in ("路灯故障明细表", "渣土车轨迹", "yellow_tripdata", "12345热线工单", "Sheet1")]
    ['light_fault', 'zhatuche_guiji', 'yellow_tripdata', 'hotline_order', '']
    """
    text = unicodedata.normalize("NFKC", title).strip()
    letter = _LETTER.match(text)
    text = letter["what"] if letter else text
    bare = _TAIL.sub("", text)
    if _GENERIC.match(bare.casefold()):
        return ""
    if bare.isascii():
        return snake(bare)[:_LONGEST].strip("_")
    words = list(dict.fromkeys(word for part in _parts(bare.casefold()) for word in part.split("_")))
    while len("_".join(words)) > _LONGEST and len(words) > 1:
        words.pop()
    name = "_".join(words)[:_LONGEST].strip("_")
    return name if not name or name[0].isalpha() else f"t_{name}"


def _parts(text: str) -> Iterator[str]:
    """The words of a title in order: of the glossary, Latin, and what is between them in pinyin."""
    between = ""
    while text:
        word = next((word for word in _WORDS if text.startswith(word)), "")
        latin = _RUN.match(text)
        if word or latin or not text[0].isalpha():
            yield from _pinyin(between)
            between = ""
        if word:
            yield _NAMES[word]
        elif latin:
            yield latin[0]
        elif text[0].isalpha():
            between += text[0]
        text = text[len(word or (latin[0] if latin else text[0])) :]
    yield from _pinyin(between)


def _pinyin(text: str) -> Iterator[str]:
    """Pinyin of a run of characters, three and three together so that a name can be read: 渣土车轨迹 → zhatuche_guiji."""
    for start in range(0, len(text), 3):
        found = "".join(lazy_pinyin(text[start : start + 3], errors="ignore"))
        if found.isascii() and found:
            yield found
