"""The city pack: what is local, read strictly."""

import pytest

from pipelines.contracts.city import load_city
from pipelines.errors import ContractError


def write(city, text: str) -> None:
    (city.schemas / "_city.yaml").write_text(text, encoding="utf-8")


def test_city_pack_says_what_is_local(city) -> None:
    found = load_city(city.root)
    assert (found.name, found.division_prefix, found.timezone, found.crs) == (
        "样例市",
        "350200",
        "Asia/Shanghai",
        "EPSG:4490",
    )
    assert found.max_invalid_pct == 4.0
    assert found.values == (("calendar", {"year": 2026}),)
    assert found.root == str(city.root)


def test_missing_city_pack_says_what_to_do(tmp_path) -> None:
    with pytest.raises(ContractError, match=r"_city\.yaml: \[city\] there is no city pack\. Hint: set RONGTONG_CITY"):
        load_city(tmp_path)


def test_all_faults_of_a_city_pack_come_at_once(city) -> None:
    write(
        city,
        "name: ''\ndivision_prefix: 350200\ntimezone: Beijing\ncrs: 4490\nquality: {maxInvalidPct: 101, maxInvalid: 3}\n",
    )
    with pytest.raises(ContractError) as error:
        load_city(city.root)
    assert [(problem.line, problem.message) for problem in error.value.problems] == [
        (1, "name must be text, not ''."),
        (2, "division_prefix must be text, not 350200."),
        (3, "timezone 'Beijing' is not known."),
        (4, "crs must be text, not 4490."),
        (5, "maxInvalidPct 101 is not a number from 0 to 100."),
        (5, "unknown key 'maxInvalid'."),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: [a", "not YAML"),
        ("- a", "no mapping"),
        ("name: a\ndivision_prefix: '3502'\ntimezone: Asia/Shanghai\ncrs: wgs84\nquality: 3\n", "'3502' is not a six-digit"),
        ("name: a\ndivision_prefix: '350200'\ntimezone: Asia/Shanghai\ncrs: wgs84\n", "crs 'wgs84' is not an EPSG code"),
        ("name: a\ndivision_prefix: '350200'\ntime_zone: Asia/Shanghai\ncrs: EPSG:4490\n", "'timezone' is missing. Hint: rename 'time_zone'."),
    ],
)  # fmt: skip
def test_fault_in_a_city_pack_is_told(city, text: str, says: str) -> None:
    write(city, text)
    with pytest.raises(ContractError) as error:
        load_city(city.root)
    assert says in str(error.value)
