"""Every page for users has a Chinese twin in step with it: headings, tables, commands, ids, and a link to the other."""

import re
from pathlib import Path

import pytest

from tests.docs.console import DOCS, ROOT

ENGLISH_ALONE = {"benchmarks.md"}  # written by the benchmarks; the decisions are for engineers of the project
PAGES = sorted(path.name for path in DOCS.glob("*.md") if path.name not in ENGLISH_ALONE)


def _pair(name: str) -> tuple[str, str]:
    return tuple((folder / name).read_text(encoding="utf-8") for folder in (DOCS, DOCS / "zh"))  # type: ignore[return-value]


def _prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def _blocks(text: str) -> list[str]:
    """The fenced blocks without comments and the words of messages, which are in the page's language."""
    blocks = re.findall(r"^```.*?^```", text, flags=re.DOTALL | re.MULTILINE)
    bare = [re.sub(r"(?m)[ \t]*(?:(?<![^\s])#|-- |--$).*", "", block) for block in blocks]
    return [re.sub(r"(\[[a-z0-9-]+\]) .*", r"\1", block) for block in bare]


def _spans(text: str) -> set[str]:
    return {" ".join(span.split()) for span in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", _prose(text))}


def _tables(text: str) -> list[int]:
    """How many rows each table has, in order."""
    return [len(table.splitlines()) for table in re.findall(r"(?:^\|.*\n?)+", _prose(text), re.MULTILINE)]


def test_every_page_has_its_twin_and_no_twin_stands_alone() -> None:
    assert sorted(path.name for path in (DOCS / "zh").glob("*.md")) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_twins_name_each_other(name: str) -> None:
    english, chinese = _pair(name)
    assert f"](zh/{name})" in english
    assert f"](../{name})" in chinese


@pytest.mark.parametrize("name", PAGES)
def test_twins_have_the_same_shape(name: str) -> None:
    english, chinese = _pair(name)
    levels = [re.findall(r"^#+(?= )", _prose(text), re.MULTILINE) for text in (english, chinese)]
    assert levels[0] == levels[1]
    assert _tables(english) == _tables(chinese)


@pytest.mark.parametrize("name", PAGES)
def test_twins_say_the_same_commands_keys_and_ids(name: str) -> None:
    english, chinese = _pair(name)
    assert _blocks(english) == _blocks(chinese)
    assert _spans(english) == _spans(chinese)


def test_the_policies_of_the_sample_city_have_the_same_values_in_both_languages() -> None:
    english, chinese = (
        [
            row.split(" | ")[2]
            for row in re.findall(r"^\| `[a-z_0-9]+` \|.*(?= \|$)", text, re.MULTILINE)
            if row.count(" | ") == 3
        ]
        for text in _pair("city-pack.md")
    )
    assert english
    assert english == chinese


def test_the_chinese_readme_leads_to_the_chinese_pages() -> None:
    text = (ROOT / "README.zh.md").read_text(encoding="utf-8")
    assert not [name for name in PAGES if f"](docs/{name}" in text]
    assert [name for name in PAGES if f"](docs/zh/{name}" in text]


def test_a_twin_is_written_in_chinese() -> None:
    for path in Path(DOCS / "zh").glob("*.md"):
        prose = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", _prose(path.read_text(encoding="utf-8")))
        chinese, latin = len(re.findall(r"[一-鿿]", prose)), len(re.findall(r"[A-Za-z]", prose))
        assert chinese > latin, path.name
