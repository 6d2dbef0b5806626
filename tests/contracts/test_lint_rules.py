"""Every rule of one contract: a small fault seeded into a sound contract is told once, by its rule, on its line."""

from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from pipelines.contracts.registry import rule_names
from pipelines.contracts.survey import RULES_BETWEEN_CONTRACTS

TRIPS = "mobility.trips"


class Seed(NamedTuple):
    """Replace `old` by `new`; the rule says `says` on the line where `at` (by default `new`) stands."""

    rule: str
    old: str
    new: str
    says: str
    at: str = ""


def seeds(name: str) -> list[Seed]:
    entries = yaml.safe_load((Path(__file__).parent / "faults" / f"{name}.yaml").read_text(encoding="utf-8"))
    return [Seed(entry["rule"], entry["replace"], entry["by"], entry["says"], entry.get("at", "")) for entry in entries]


STRUCTURE, RULES = seeds("structure"), seeds("rules")


def _name(seed: Seed) -> str:
    return f"{seed.rule}: {seed.new or seed.old}"[:70]


@pytest.mark.parametrize("seed", [*STRUCTURE, *RULES], ids=_name)
def test_seeded_fault_is_told_by_its_rule_on_its_line(city, seed: Seed) -> None:
    text = city.edit(TRIPS, seed.old, seed.new)
    line = text[: text.index(seed.at or seed.new.strip())].count("\n") + 1
    found = city.problems(TRIPS)
    assert {problem.rule for problem in found} == {seed.rule}, "\n".join(map(str, found))
    assert any(problem.line == line and seed.says in str(problem) for problem in found), "\n".join(map(str, found))
    assert all(problem.file == "schemas/mobility/trips.odcs.yaml" for problem in found)


def test_sound_contract_has_no_problem(city) -> None:
    assert city.problems(TRIPS) == []
    assert city.problems("base.places") == []


def test_every_rule_has_a_seeded_fault() -> None:
    between = {
        "table-unique",
        "reference-resolves",
        "glossary",
        "title-unique",
        "version-bump",
        "grade",
    }  # seeded in test_lint_city.py, and test_model_grades.py
    assert RULES_BETWEEN_CONTRACTS
    assert set(rule_names()) == {seed.rule for seed in RULES} | between


def test_all_problems_come_at_once_each_on_its_line(city) -> None:
    city.edit(TRIPS, "version: 1.2.0", "version: one")
    city.edit(TRIPS, "logicalType: integer", "logicalType: int")
    city.edit(TRIPS, "minimum: 0, maximum: 200", "minimum: 300, maximum: 200")
    city.edit(TRIPS, "mode: upsert", "mode: upsrt")
    city.edit(TRIPS, "[1, 1000000]", "[10, 1]")
    city.edit(TRIPS, "role: owner}", "role: owner, x: 1}")
    city.edit(TRIPS, "encoding: gb18030", "encoding: gb18030\n        encoding: utf-8")
    found = city.problems(TRIPS)
    assert [(problem.line, problem.rule) for problem in found] == [
        (5, "semver"),
        (15, "known-key"),
        (68, "bounds"),
        (78, "known-type"),
        (98, "batch-check"),
        (120, "duplicate-key"),
        (123, "known-value"),
    ]


def test_broken_column_is_told_once_and_not_again_by_rules_that_lean_on_it(city) -> None:
    city.edit(TRIPS, "logicalType: timestamp", "logicalType: datetime")
    (found,) = city.problems(TRIPS)
    place = "schemas/mobility/trips.odcs.yaml:37"
    assert str(found) == (
        f"{place}: [known-type] column 'started_at': 'datetime' is not a logicalType. Hint: use 'timestamp'."
    )


PHONE = """\
        classification: "3"
        customProperties:
          - property: rongtong
            value: {personal: true, mask: hmac}
"""
DAY = r"unit: day, pattern: '(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)'"
LISTED = "- property: rongtong\n            value: {codeList"
MEAN = "      - name: mean_distance\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: active", "status: draft\ndataProduct: TODO"),
        ("limitations: 记录为虚构。", "limitations: METODOLOGY 方法见附件。"),
        (PHONE, '        classification: "1"\n'),
        ("businessName: 时长", "businessName: 手机用户数"),
        ("['%Y-%m-%d %H:%M:%S', '%Y/%m/%d %H:%M']", "['%Y年%-m月', '%Y%j', '%d/%b/%y %I:%M %p']"),
        (r"'^T\d{8}$'", r"'^[\p{Han}A-Z_]{1,20}(?:甲|乙)?$'"),
        ("schedule: 0 6 * * *", "schedule: '*/15 6-20/2 1,15 JAN-JUN mon'"),
        ("schedule: 0 6 * * *", "schedule: '@monthly'"),
        (LISTED, f"- {{property: steward, value: 甲}}\n          {LISTED}"),
        ("mustBe: 0", "mustBeLessThan: 1.5\n        schedule: 0 1 * * *"),
        (MEAN, f"      - {{type: text, description: 人工抽查}}\n{MEAN}"),
        (DAY, DAY.replace("day, ", "quarter, ").replace(r"(?P<day>\d\d)", "")),
    ],
)
def test_what_is_right_is_left_alone(city, old: str, new: str) -> None:
    city.edit(TRIPS, old, new)
    assert [str(problem) for problem in city.problems(TRIPS)] == []
