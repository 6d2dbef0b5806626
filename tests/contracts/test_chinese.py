"""Contract problems in Chinese: every sentence of every registered rule and of the structure has its Chinese, and tells the same."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.contracts.chinese import rules, structure
from pipelines.contracts.chinese.telling import in_chinese, in_language, told
from pipelines.contracts.lint import lint
from pipelines.contracts.registry import rule_names
from pipelines.contracts.survey import RULES_BETWEEN_CONTRACTS
from pipelines.errors import ContractError, Problem
from tests.contracts.conftest import DIVISIONS
from tests.contracts.test_lint_rules import RULES, STRUCTURE, TRIPS, Seed

CONTRACTS = Path(rules.__file__).parents[1]
RULES_BETWEEN_CONTRACTS_SEEDED = {"table-unique", "reference-resolves", "glossary", "title-unique", "version-bump"}
NAMES = re.compile(r"\{([a-z]+)\}")
# No sentences: a type, pieces of sentences that are checked as wholes where they are told.
PIECES = {
    "TIMESTAMP WITH TIME ZONE",
    " (and x more)",
    "x:x: x",
    "column 'x': xx",
    "write x",
}


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGTONG_LANG", "zh")


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_every_registered_rule_speaks_chinese() -> None:
    assert RULES_BETWEEN_CONTRACTS
    assert set(rule_names()) == rules.RULES
    assert {seed.rule for seed in STRUCTURE} - {"odcs-model"} <= structure.RULES


@pytest.mark.parametrize("sentences", [rules.SENTENCES, structure.SENTENCES], ids=["rules", "structure"])
def test_both_languages_name_the_same_things(sentences: dict[str, str]) -> None:
    for english, chinese in sentences.items():
        assert set(NAMES.findall(english)) == set(NAMES.findall(chinese)), english
        assert not english.endswith("."), english


@pytest.mark.parametrize("seed", [*STRUCTURE, *RULES], ids=lambda seed: f"{seed.rule}: {seed.new or seed.old}"[:70])
def test_a_seeded_fault_is_told_in_chinese(city, seed: Seed) -> None:
    city.edit(TRIPS, seed.old, seed.new)
    for problem in city.problems(TRIPS):
        chinese = in_language(problem)
        assert chinese is not problem, str(problem)
        assert is_chinese(chinese.message), chinese.message
        assert not problem.hint or is_chinese(chinese.hint), chinese.hint
        assert (chinese.file, chinese.line, chinese.rule) == (problem.file, problem.line, problem.rule)
        for named in re.findall(r"'([^' ]+)'", problem.message):
            assert named in chinese.message


def _literals(tree: ast.Module) -> Iterator[str]:
    """Every text of a module that is no docstring, with an x for what is put into it."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Module | ast.ClassDef) and ast.get_docstring(node, clean=False):
            assert isinstance(node.body[0], ast.Expr)
            skipped.add(node.body[0].value)
        if isinstance(node, ast.JoinedStr):
            skipped |= {inner for part in node.values for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)


@pytest.mark.parametrize("module", sorted((CONTRACTS / "rules").glob("*.py")), ids=lambda path: path.stem)
def test_every_sentence_of_a_rule_has_its_chinese(module: Path) -> None:
    found = [text.removesuffix(".") for text in _literals(ast.parse(module.read_text(encoding="utf-8")))]
    missing = [
        text
        for text in found
        if " " in text.strip()
        and text not in PIECES
        # what ends in a fault is asked with one that is told somewhere
        and in_chinese(text, rules.SENTENCES) is None
        and in_chinese(re.sub(r"\bx$", "is empty", text), rules.SENTENCES) is None
    ]
    assert missing == []


@pytest.mark.parametrize("schema", ["rongtong.schema.json", "profile.schema.json"])
def test_every_hint_of_a_schema_has_its_chinese(schema: str) -> None:
    def comments(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (str(value) for key, value in node.items() if key == "$comment")
            for value in node.values():
                yield from comments(value)
        elif isinstance(node, list):
            for value in node:
                yield from comments(value)

    hints = list(comments(json.loads((CONTRACTS / schema).read_text(encoding="utf-8"))))
    assert hints
    assert [hint for hint in hints if in_chinese(hint.removesuffix("."), structure.SENTENCES) is None] == []


def _between_contracts(city) -> None:
    city.write("tourism.trips", city.text(TRIPS).replace("mobility", "tourism"))
    for old, new in (
        ("unit: km", "unit: 公里"),
        ("to: places.place_code", "to: places.code"),
        ("name: is_electric", "name: electric"),
    ):
        city.edit(TRIPS, old, new)
    city.edit("tourism.trips", "to: places.place_code", "to: place.place_code")
    rows = ["350203,x,,", " 35,x,,", "1,,,", "2,x,2026-02-30,", "3,x,2026-02-03,2026-02-01", "4,x", ""]
    lists = city.schemas / "_shared" / "divisions.csv"
    lists.write_text(lists.read_text(encoding="utf-8") + "\n".join(rows), encoding="utf-8")


def test_what_is_wrong_between_contracts_and_in_code_lists_is_told_in_chinese(city, here) -> None:
    published = {TRIPS: city.load(TRIPS)}
    _between_contracts(city)
    (city.schemas / "_shared" / "empty.csv").write_text("code,name\n", encoding="utf-8")
    broken_lists = lint(here())
    assert {problem.rule for problem in broken_lists} >= {"code-list"}
    (city.schemas / "_shared" / "divisions.csv").write_text(DIVISIONS, encoding="utf-8")
    between = lint(here(), published=published)
    assert {problem.rule for problem in between} >= RULES_BETWEEN_CONTRACTS_SEEDED
    for problem in (*broken_lists, *between):
        assert in_language(problem) is not problem, str(problem)
        assert is_chinese(in_language(problem).message)


def test_grades_and_conditions_that_models_break_are_told_in_chinese() -> None:
    hint = "or say `regraded: {by, reason}` under its rongtong property."
    for message, first in (
        ("column 'a' is of level 1, and is made of dwd.t.b, of level 3.", 'classification: "3", '),
        (
            "column 'a' is made of dwd.t.b, which is personal, and does not say that it is.",
            "add personal: true with its mask, ",
        ),
    ):
        problem = Problem("a.yaml", 3, "grade", message, first + hint)
        assert is_chinese(in_language(problem).message)
    bound = "check 'c': Binder Error: Referenced column \"d\" not found in FROM clause!"
    problem = Problem("a.yaml", None, "row-check", bound, "columns and functions are those of docs/standards.md.")
    assert told(problem).startswith("a.yaml: [row-check] 检查“c”：Binder Error：")


def test_a_contracts_own_words_stay_as_they_are() -> None:
    problem = Problem("a.yaml", 3, "known-type", "column 'text': 'nothing' is not a logicalType.", "use 'text'.")
    assert told(problem) == "a.yaml:3: [known-type] 列“text”：“nothing”不是 logicalType。提示：改为“text”。"


def test_what_has_no_chinese_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("a.yaml", None, "policy", "weights sum to 0.9.", "make them 1.")
    assert told(ContractError([problem])) == str(problem)
    monkeypatch.setenv("RONGTONG_LANG", "en")
    known = Problem("a.yaml", 1, "semver", "version 'one' is not major.minor.patch.", "write e.g. 1.0.0.")
    assert told(known) == str(known)
