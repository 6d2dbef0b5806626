"""Rules as data: policies in versions, with basis and dates, read strictly; every fault at once, with its line."""

import pytest

from pipelines.contracts.city import load_city
from pipelines.contracts.policies import missing_policies
from pipelines.errors import ContractError
from tests.contracts.conftest import CITY_PACK

RATES = """\
policies:
  rates:
    - effective: 2025-01-01
      until: 2025-06-01
      basis: {kind: example, ref: a district}
      values: {solved: 0.6, satisfied: 0.4, base: 有效回访}
      sumsToOne: [solved, satisfied]
    - effective: 2025-07-01
      basis: {kind: local practice, ref: No. 7, effective: 2025-05-01}
      unit: d
      values:
        solved: 0.5
        satisfied: {value: 0.5, unit: '%', basis: {kind: law, ref: art. 9}}
    - effective: 2026-01-01
      basis: {kind: standard, ref: GB 1}
      values: {solved: 1}
"""


def write(city, policies: str) -> None:
    (city.schemas / "_city.yaml").write_text(CITY_PACK + policies, encoding="utf-8")


def test_policy_is_read_in_its_versions(city) -> None:
    write(city, RATES)
    (policy,) = load_city(city.root).policies
    assert [(version.effective, version.until) for version in policy.versions] == [
        ("2025-01-01", "2025-06-01"),
        ("2025-07-01", "2026-01-01"),
        ("2026-01-01", ""),
    ]
    base = policy.versions[0].items[2]
    assert (base.name, base.value, base.text, base.basis.kind) == ("base", None, "有效回访", "example")
    solved, satisfied = policy.versions[1].items
    assert (solved.value, solved.unit, solved.basis.ref, solved.basis.effective) == (0.5, "d", "No. 7", "2025-05-01")
    assert (satisfied.unit, satisfied.basis.kind, satisfied.basis.ref) == ("%", "law", "art. 9")


def test_every_fault_of_the_policies_is_told_at_once_with_its_line(city) -> None:
    write(
        city,
        """\
policies:
  weights:
    - effective: 2026-01-01
      basis: {kind: example, ref: tests}
      values: {a: 0.5, b: 0.4}
      sumsToOne: [a, b]
  ordered:
    - effective: 2026-01-01
      until: 2026-06-01
      basis: {kind: example, ref: tests}
      values: {a: 1}
    - effective: 2026-03-01
      basis: {kind: example, ref: tests}
      values: {a: 1}
    - effective: 2025-12-31
      basis: {kind: example, ref: tests}
      values: {a: 1}
  baseless:
    - effective: 2026-01-01
      values: {a: 1}
  rumour:
    - effective: 2026-02-30
      basis: {kind: hearsay, reference: x}
      value: {a: 1}
""",
    )
    with pytest.raises(ContractError) as error:
        load_city(city.root)
    file = "schemas/_city.yaml"
    first = len(CITY_PACK.splitlines())
    assert [(p.file, (p.line or 0) - first, p.rule, p.message) for p in error.value.problems] == [
        (file, 6, "policy", "policy 'weights': the weights sum to 0.9, not to 1 (a 0.5 + b 0.4)."),
        (file, 12, "policy", "policy 'ordered': the version of 2026-01-01 holds until 2026-06-01 and overlaps that of 2026-03-01."),
        (file, 15, "policy", "policy 'ordered': the version of 2025-12-31 stands behind that of 2026-03-01."),
        (file, 19, "policy", "policy 'baseless': 'basis' is missing."),
        (file, 22, "policy", "policy 'rumour': effective '2026-02-30' is not a date."),
        (file, 22, "policy", "policy 'rumour': has no mapping 'values' of items to numbers or texts."),
        (file, 23, "policy", "policy 'rumour': basis kind 'hearsay' is not known."),
        (file, 23, "policy", "policy 'rumour': the basis lacks its ref."),
        (file, 23, "policy", "policy 'rumour': unknown key 'reference'."),
        (file, 24, "policy", "policy 'rumour': unknown key 'value'."),
    ]  # fmt: skip


VERSION = "policies:\n  a:\n    - effective: 2026-01-01\n      basis: {kind: example, ref: tests}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("policies: [a]\n", "policies must be a mapping of names to lists of versions"),
        ("policies:\n  Big: []\n", "the name is not in small letters"),
        ("policies:\n  a: {effective: 2026-01-01}\n", "has no list of versions"),
        ("policies:\n  a: [x]\n", "a version must be a mapping"),
        ("policies:\n  a:\n    - basis: {kind: law, ref: x}\n      values: {a: 1}\n", "'effective' is missing"),
        (VERSION + "      values: {}\n", "has no mapping 'values'"),
        (VERSION + "      values: {a: true}\n", "'a' is True, not a number or a text"),
        (VERSION + "      values: {a: {unit: d}}\n", "'a' is None, not a number or a text"),
        (VERSION + "      values: {a: {value: 1, weight: 2}}\n", "unknown key 'weight'"),
        (VERSION + "      values: {a: {value: 1, basis: {ref: x}}}\n", "the basis lacks its kind. Hint: one of law, standard"),
        (VERSION + "      values: {a: 1}\n      unit: 3\n", "unit must be text, not 3"),
        (VERSION + "      values: {a: 1}\n      sumsToOne: a\n", "sumsToOne must be a list of items"),
        (VERSION + "      values: {weight: 1}\n      sumsToOne: [wieght]\n", "values has no such item. Hint: use 'weight'."),
        (VERSION + "      values: {a: 1.5, b: -0.5}\n      sumsToOne: [a, b]\n", "'b' is no weight: -0.5"),
        (VERSION + "      values: {a: 1}\n      until: 2026-01-01\n", "ends on 2026-01-01, not after it begins on 2026-01-01"),
        ("polices: {}\n", "unknown key 'polices'. Hint: use 'policies'."),
        ("codeLists: {divisions: {title: ''}}\n", "code list 'divisions': title must be text"),
        ("codeLists: {division: {title: 区划}}\n", "there is no code list 'division'. Hint: use 'divisions'."),
        ("basis: {crs: {kind: rumour, ref: x}}\n", "crs: basis kind 'rumour' is not known"),
        ("feedback: {workingDays: 5, basis: {ref: x}}\n", "feedback: the basis lacks its kind"),
    ],
)  # fmt: skip
def test_fault_in_the_policies_is_told(city, text: str, says: str) -> None:
    write(city, text)
    with pytest.raises(ContractError) as error:
        load_city(city.root)
    assert says in str(error.value)


def test_what_a_model_needs_and_the_pack_lacks_is_named_with_a_hint(city) -> None:
    write(city, RATES)
    pack = load_city(city.root)
    assert missing_policies(pack, ["rates", "rates.solved"]) == {}
    assert missing_policies(pack, ["rate", "idle_days", "rates.base"]) == {
        "rate": "use 'rates'.",
        "idle_days": "add 'idle_days' under policies in schemas/_city.yaml, with its basis.",
        "rates.base": "give 'base' a value in every version of rates in schemas/_city.yaml.",
    }
