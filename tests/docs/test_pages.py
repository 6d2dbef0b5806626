"""The pages keep up with the code: links, commands, keys, rules, ids, variables; nothing is fetched from elsewhere."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from pipelines.contracts.registry import rule_names
from pipelines.derive.rules import DIMENSION
from tests.docs.console import DOCS, ROOT, blocks
from tests.docs.ids import compose_variables, error_ids, property_keys, variables, with_lint_rules, with_policies

PAGES = sorted([*ROOT.glob("README*.md"), *DOCS.rglob("*.md")])
# A command in a block or between backticks, up to a comment, a pipe or two blanks.
_COMMAND = re.compile(r"(?:^\s*(?:\$ )?|`)rongtong ((?:\"[^\"\n]*\"|[^`\n#|\"])*)", re.MULTILINE)
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(page: Path | str) -> str:
    return (DOCS / page if isinstance(page, str) else page).read_text(encoding="utf-8")


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def _anchors(text: str) -> set[str]:
    """Anchors as forges make them: small letters, signs dropped, blanks to hyphens."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for _, target in _LINK.findall(_without_code(_text(page))):
        if "://" in target:
            continue
        place, _, anchor = target.partition("#")
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), f"{_named(page)}: {target}"
        if anchor:
            assert anchor in _anchors(_text(file)), f"{_named(page)}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_no_page_shows_an_image_from_elsewhere(page: Path) -> None:
    images = [target for mark, target in _LINK.findall(_text(page)) if mark]
    assert not [image for image in images if "://" in image]
    assert "<img" not in _text(page)


def test_no_drawing_refers_to_anything_outside_it() -> None:
    for drawing in DOCS.rglob("*.svg"):
        text = drawing.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "://" not in text
        assert "href" not in text


def test_the_readmes_fit_a_screen_or_two_and_name_each_other() -> None:
    for name, other in (("README.md", "README.zh.md"), ("README.zh.md", "README.md")):
        text = _text(ROOT / name)
        assert len(text.splitlines()) <= 120
        assert f"]({other})" in text


def test_every_page_can_be_reached_from_both_readmes() -> None:
    for name in ("README.md", "README.zh.md"):
        met, left = set(), [ROOT / name]
        while left:
            page = left.pop().resolve()
            if page in met or not page.exists():  # links that lead nowhere have a test of their own
                continue
            met.add(page)
            targets = [target.partition("#")[0] for _, target in _LINK.findall(_without_code(_text(page)))]
            left += [page.parent / t for t in targets if t.endswith(".md") and "://" not in t and t[0] != "#"]
        assert not {page for page in PAGES if page.is_relative_to(DOCS)} - met


@cache
def _verbs() -> dict[str, set[str]]:
    """Return the options of every verb, as `--help` would list them."""
    from pipelines.cli.app import app

    return dict(_options(typer.main.get_command(app), ""))


def _options(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    if name:
        yield name, {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for verb, inner in getattr(command, "commands", {}).items():
        yield from _options(inner, f"{name} {verb}".strip())


def _commands(page: Path) -> Iterator[tuple[str, str]]:
    """Each command a page shows, as (verb, the rest)."""
    for found in _COMMAND.findall(_text(page)):
        words = re.split(r"\s{3,}", found)[0].split()
        if not words or not re.fullmatch(r"[a-z]+", words[0]):
            continue  # `rongtong …`, a sentence that begins with the name
        verb = " ".join(words[:2]) if " ".join(words[:2]) in _verbs() else words[0]
        yield verb, found


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    for verb, command in _commands(page):
        assert verb in _verbs(), f"{_named(page)}: rongtong {command}"
        given = set(re.findall(r"(?<=\s)--[a-z-]+", command))
        assert given <= _verbs()[verb], f"{_named(page)}: rongtong {command}"


def test_every_verb_is_on_some_page() -> None:
    shown = {verb for page in PAGES for verb, _ in _commands(page)}
    assert set(_verbs()) - shown - {"quarantine"} == set()


def test_console_blocks_hold_commands() -> None:
    for page in PAGES:
        for block in blocks(_text(page)):
            assert block.steps, f"{_named(page)}:{block.first}"


def test_every_key_of_the_property_is_in_the_contract_reference_under_its_heading() -> None:
    sections = {}
    for section in re.split(r"^### ", _text("contract-reference.md"), flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        sections[title.strip()] = re.split(r"^## ", body, flags=re.MULTILINE)[0]
    for name, keys in property_keys().items():
        assert name in sections, f"no section '### {name}'"
        named = set(re.findall(r"`([A-Za-z_]+)`", sections[name]))
        assert keys <= named, f"### {name}: {sorted(keys - named)}"
        rows = re.findall(r"^\| (`[^|]+`) \|", sections[name], re.MULTILINE)
        in_tables = {key for row in rows for key in re.findall(r"`([A-Za-z_]+)`", row)}
        assert in_tables <= keys, f"### {name}: no such key {sorted(in_tables - keys)}"


def test_the_contract_reference_lists_every_lint_rule_in_its_own_words() -> None:
    assert _text("contract-reference.md") == with_lint_rules(_text("contract-reference.md"))


def test_the_page_of_the_city_pack_lists_every_policy_of_the_sample_city_with_its_basis() -> None:
    assert _text("city-pack.md") == with_policies(_text("city-pack.md"))


def test_every_id_that_a_message_can_carry_is_on_the_page_of_errors() -> None:
    listed = set(re.findall(r"`\[([a-z0-9-]+)\]`", _text("errors.md")))
    assert error_ids() | set(rule_names()) <= listed
    assert listed <= error_ids() | set(rule_names()) | {"key", "personal"}  # options of `new`, put in while it runs


def test_every_kind_of_rule_is_on_the_page_of_errors() -> None:
    page = _text("errors.md")
    kinds = set(re.findall(r"`(?:<column>|key|row|batch)\.([a-z_]+)", page)) | set(
        re.findall(r"\b[a-z]+[A-Z][A-Za-z]+\b", page)
    )
    told_otherwise = {"sql", "accounted"}
    assert set(DIMENSION) - told_otherwise <= kinds
    assert all(kind in page for kind in told_otherwise)


def test_every_variable_is_in_operations_with_its_default() -> None:
    table = dict(re.findall(r"^\| `(RONGTONG_[A-Z_]+)` \| ([^|]+) \|", _text("operations.md"), re.MULTILINE))
    assert set(table) == variables()
    for page in PAGES:
        named = set(re.findall(r"RONGTONG_[A-Z_]*[A-Z]", _text(page)))
        assert named <= variables() | compose_variables(), _named(page)
    assert all(f"`{name}" in _text("operations.md") for name in compose_variables())


def test_decisions_are_numbered_listed_and_say_why() -> None:
    folder = DOCS / "decisions"
    pages = sorted(folder.glob("[0-9]*.md"))
    index = _text(folder / "README.md")
    for number, page in enumerate(pages, 1):
        text = _text(page)
        assert page.name.startswith(f"{number:03d}-")
        assert text.startswith(f"# {number}. ")
        assert f"[{text.splitlines()[0].removeprefix('# ')}]({page.name})" in index
        for part in ("Context", "Decision", "Evidence", "Consequence"):
            assert f"**{part}.**" in text, f"{page.name}: {part}"


def test_what_a_page_calls_a_file_of_the_project_is_one() -> None:
    for page in PAGES:
        for name in re.findall(
            r"`((?:pipelines|tests|docs|schemas|data_samples|derive|steps|lake)/[\w./-]+\.\w+)`", _text(page)
        ):
            places = [ROOT / name, ROOT / "pipelines" / name]
            assert any(place.exists() for place in places), f"{_named(page)}: {name}"
