"""Finding a contract by the names people use."""

import pytest

from pipelines.contracts.catalog import all_contracts, find_contract
from pipelines.errors import ContractError, UsageError

TRIPS = "mobility.trips"


@pytest.mark.parametrize("name", ["mobility.trips", "trips", "dwd.trips", "ods.trips", "ingest__trips"])
def test_dataset_goes_by_many_names(here, name: str) -> None:
    assert find_contract(here(), name).id == TRIPS


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mobility.trip", "did you mean 'mobility.trips'?"),
        ("dwd.tripz", "did you mean 'mobility.trips'?"),
        ("ingest__place", "did you mean 'base.places'?"),
        ("tourism.trips", "did you mean 'mobility.trips'?"),
        ("xyz", "there are base.places, mobility.trips."),
    ],
)
def test_unknown_dataset_names_the_closest(here, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        find_contract(here(), name)
    assert str(error.value) == f"[dataset] there is no dataset '{name}'. Hint: {hint}"
    assert error.value.exit_code == 2


def test_city_without_contracts_says_how_to_make_one(city, here) -> None:
    city.path(TRIPS).unlink()
    city.path("base.places").unlink()
    with pytest.raises(UsageError, match=r"holds no contract\. Hint: rongtong new trips --from FILE"):
        find_contract(here(), "trips")
    assert all_contracts(here()) == ([], [])


def test_table_of_two_contracts_must_be_named_by_id(city, here) -> None:
    city.write("tourism.trips", city.text(TRIPS).replace("mobility", "tourism"))
    with pytest.raises(UsageError, match=r"'trips' could mean mobility\.trips, tourism\.trips"):
        find_contract(here(), "trips")
    assert find_contract(here(), "tourism.trips").id == "tourism.trips"


def test_broken_contract_is_found_and_told(city, here) -> None:
    city.edit(TRIPS, "logicalType: integer", "logicalType: int")
    for _ in range(2):  # inspected, then remembered
        with pytest.raises(ContractError, match="known-type"):
            find_contract(here(), "trips")


def test_broken_city_pack_is_told_instead_of_a_contract(city, here) -> None:
    (city.schemas / "_city.yaml").write_text("name: x", encoding="utf-8")
    with pytest.raises(ContractError, match=r"_city\.yaml"):
        find_contract(here(), "trips")


def test_contract_that_is_remembered_is_the_contract_that_was_read(city, here) -> None:
    first = find_contract(here(), "trips")
    assert find_contract(here(), "trips") == first == city.load(TRIPS)
    city.edit(TRIPS, "name: 骑行记录", "name: 骑行")
    assert find_contract(here(), "trips").title == "骑行"


def test_all_contracts_come_in_order_of_id(here) -> None:
    contracts, problems = all_contracts(here())
    assert [contract.id for contract in contracts] == ["base.places", TRIPS]
    assert problems == []
