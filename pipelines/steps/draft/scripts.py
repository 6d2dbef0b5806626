"""Which script a text of doubtful encoding is written in: Korean, Japanese and Taiwan's files pass for GB18030 by chance."""

from pathlib import Path

_SAMPLE = 1 << 18
_HANGUL = (0xAC00, 0xD7A3)
_KANA = (0x3040, 0x30FF)
# What everyday texts in traditional characters can hardly do without, and simplified ones never hold.
_TRADITIONAL = frozenset("區號碼數時間縣鄉鎮單機車業務資訊電話類別狀態總計東門國學員廣場園醫院應與處關於開")


def likelier_encoding(path: Path) -> str:
    """Return cp949, cp932 or big5 when the bytes read as plain Korean, Japanese or traditional Chinese; '' otherwise."""
    with path.open("rb") as file:
        data = file.read(_SAMPLE)
    if _share(data, "cp949", _HANGUL) >= 0.9:
        return "cp949"
    if _share(data, "cp932", _KANA) >= 0.2:
        return "cp932"
    return "big5" if _traditional_share(data) >= 0.1 else ""


def _letters(data: bytes, codec: str) -> str:
    """Characters beyond ASCII, '' when the bytes are no text in that codec (a cut-off end aside)."""
    text = data.decode(codec, "replace")
    wrong = text.count("\ufffd")
    letters = "".join(char for char in text if char > "\x7f" and char.isalpha())
    return letters if wrong <= 1 + len(letters) // 1000 else ""


def _share(data: bytes, codec: str, block: tuple[int, int]) -> float:
    letters = _letters(data, codec)
    return sum(block[0] <= ord(char) <= block[1] for char in letters) / max(len(letters), 1)


def _traditional_share(data: bytes) -> float:
    letters = _letters(data, "big5")
    return sum(char in _TRADITIONAL for char in letters) / max(len(letters), 1)
