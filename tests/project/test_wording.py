"""What is said to people is said in both languages, with the same things in it."""

import ast
import re
import string
from pathlib import Path

import pytest

from pipelines import wording
from pipelines.cli import words

ROOT = Path(__file__).resolve().parents[2] / "pipelines"
SAID = {**wording._TEXTS, **words._TEXTS, **wording._KINDS}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(SAID))
def test_both_languages_tell_the_same_things(key: str) -> None:
    english, chinese = SAID[key]
    assert _fields(english) == _fields(chinese)
    if re.search(
        r"[a-z]{3,} [a-z]{2,}", re.sub(r"\{[^}]*\}|`[^`]*`", "", english)
    ):  # a sentence, not a sign or a command
        assert any("\u4e00" <= char <= "\u9fff" for char in chinese)


def test_a_verb_prints_no_sentence_of_its_own() -> None:
    found = [
        f"{path.name}:{call.lineno}"
        for path in sorted((ROOT / "cli").glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "print"
        for text in ast.walk(call.args[0]) if isinstance(text, ast.Constant) and len(str(text.value).split()) > 1
    ]  # fmt: skip
    assert found == []


def test_the_command_line_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "zh")
    assert words.word("waived", count=3) == "已豁免 3 行"
    assert words.heading("quarantined") == "问题行数"
    assert words.heading("unheard_of") == "unheard_of"
    monkeypatch.setenv("RONGTONG_LANG", "en")
    assert words.heading("quarantined") == "quarantined"
