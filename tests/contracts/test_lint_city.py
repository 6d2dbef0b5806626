"""Rules between contracts: tables, references, the glossary and versions; what lint returns, for whom, in what order."""

import pytest

from pipelines.contracts.catalog import all_contracts, find_contract
from pipelines.contracts.lint import lint
from pipelines.errors import UsageError

TRIPS = "mobility.trips"


def told(problems) -> list[tuple[str, str]]:
    return [(problem.file.rpartition("/")[2], problem.rule) for problem in problems]


def test_sound_city_has_no_problem(here) -> None:
    assert lint(here()) == []


def test_table_of_two_contracts_is_told_in_both(city, here) -> None:
    city.write("tourism.trips", city.text(TRIPS).replace("mobility", "tourism"))
    found = [problem for problem in lint(here()) if problem.rule == "table-unique"]
    assert [problem.file for problem in found] == [
        "schemas/mobility/trips.odcs.yaml",
        "schemas/tourism/trips.odcs.yaml",
    ]
    assert "also the table of tourism.trips" in found[0].message
    assert found[0].line == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "to: places.place_code",
            "to: place.place_code",
            "there is no contract for table 'place'. Hint: use 'places'.",
        ),
        ("to: places.place_code", "to: places.code", "table 'places' has no column 'code'"),
        ("to: places.place_code", "to: places.opened_on", "is of type string, but places.opened_on is of type date"),
        ("to: places.place_code", "to: places.keeper", "is pseudonymised on one side only"),
    ],
)
def test_reference_that_leads_nowhere_is_told(city, here, old: str, new: str, says: str) -> None:
    more = (
        "      - {name: opened_on, businessName: 启用日期, logicalType: date}\n"
        "      - name: keeper\n        businessName: 看管人\n        logicalType: string\n        classification: '3'\n"
        "        customProperties: [{property: rongtong, value: {personal: true, mask: hmac}}]\n"
    )
    end = "customProperties:\n  - property: rongtong\n    value:\n      provider"
    city.edit("base.places", end, more + end)
    city.edit(TRIPS, old, new)
    (found,) = lint(here())
    assert (found.rule, found.line) == ("reference-resolves", 49)
    assert says in str(found)


def test_reference_to_a_broken_contract_is_not_told_again(city, here) -> None:
    city.edit("base.places", "logicalType: string", "logicalType: text")
    assert told(lint(here())) == [("places.odcs.yaml", "known-type")]


def like_trips(city, dataset: str) -> None:
    """Write a contract that says of another table what trips says."""
    domain, _, table = dataset.partition(".")
    text = city.text(TRIPS).replace("mobility.trips", dataset).replace("domain: mobility", f"domain: {domain}")
    text = text.replace("name: 骑行记录", f"name: {table}", 1)
    city.write(dataset, text.replace("name: trips", f"name: {table}").replace("trips.started_at", "started_at"))


def test_glossary_tells_the_few_and_not_the_many(city, here) -> None:
    like_trips(city, "mobility.rides")
    like_trips(city, "mobility.tours")
    city.edit("mobility.tours", "logicalType: integer", "logicalType: number")
    (found,) = lint(here())
    assert (found.file, found.rule) == ("schemas/mobility/tours.odcs.yaml", "glossary")
    assert "'minutes' is number without a unit here, integer without a unit in schemas/mobility/rides" in found.message


def test_glossary_sides_with_the_contract_that_publishes_when_it_is_one_against_one(city, here) -> None:
    like_trips(city, "a.early")
    city.edit("a.early", "status: active", "status: draft")
    city.edit("a.early", "unit: km", "unit: 公里")
    assert told(lint(here())) == [("early.odcs.yaml", "glossary")]


def test_breaking_change_without_a_major_version_is_told_on_the_version_line(city, here) -> None:
    published = {TRIPS: city.load(TRIPS)}
    city.edit(TRIPS, "name: is_electric", "name: electric")
    (found,) = lint(here(), published=published)
    assert (found.rule, found.line) == ("version-bump", 5)
    assert "column 'is_electric' is now 'electric'" in found.message
    assert found.hint == "write version: 2.0.0, then rebuild mobility.trips."
    city.edit(TRIPS, "version: 1.2.0", "version: 2.0.0")
    assert lint(here(), published=published) == []


def test_lint_of_named_contracts_leaves_the_others_out(city, here) -> None:
    city.edit(TRIPS, "logicalType: integer", "logicalType: int")
    city.edit("base.places", "version: 1.0.0", "version: one")
    assert told(lint(here(), ["trips"])) == [("trips.odcs.yaml", "known-type")]
    assert told(lint(here(), ["base.places"])) == [("places.odcs.yaml", "semver")]
    assert told(lint(here())) == [("places.odcs.yaml", "semver"), ("trips.odcs.yaml", "known-type")]
    with pytest.raises(UsageError, match=r"mobility\.trips"):
        lint(here(), ["mobility.trip"])


def test_broken_city_pack_is_told_with_the_contracts_own_problems(city, here) -> None:
    (city.schemas / "_city.yaml").write_text("name: x\n", encoding="utf-8")
    city.edit(TRIPS, "logicalType: integer", "logicalType: int")
    assert told(lint(here())) == [("_city.yaml", "city")] * 3 + [("trips.odcs.yaml", "known-type")]
    assert told(lint(here(), ["places"])) == [("_city.yaml", "city")] * 3
    assert all_contracts(here())[0] == []


def test_broken_contract_harms_no_other(city, here) -> None:
    city.write("mobility.broken", "a: [1")
    contracts, problems = all_contracts(here())
    assert [contract.id for contract in contracts] == ["base.places", "mobility.trips"]
    assert told(problems) == [("broken.odcs.yaml", "yaml")]


def test_two_datasets_of_one_name_are_told_and_can_be_published(city, here) -> None:
    city.edit("base.places", "name: ", "name: 骑行记录 # ")
    [found] = [problem for problem in lint(here()) if problem.rule == "title-unique"]
    assert found.file == "schemas/mobility/trips.odcs.yaml"
    assert "'骑行记录' is also the name of base.places" in found.message
    assert find_contract(here(), "mobility.trips").title == "骑行记录"
