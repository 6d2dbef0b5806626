"""The contracts of the sample city are valid ODCS and speak one language."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import open_data_contract_standard
import pytest
from open_data_contract_standard.model import OpenDataContractStandard

from tests.samples.recount import CITY, DATASETS, contract, own

IDS = sorted(f"{path.parent.name}.{path.name.partition('.')[0]}" for path in (CITY / "schemas").glob("*/*.odcs.yaml"))


@pytest.fixture(scope="session")
def schema() -> Any:
    (folder,) = open_data_contract_standard.__path__
    return jsonschema_rs.validator_for(json.loads((Path(folder) / "schema.json").read_text()))


def test_every_contract_has_deliveries() -> None:
    assert IDS == DATASETS


@pytest.mark.parametrize("dataset", IDS)
def test_contract_is_valid_odcs(dataset: str, schema: Any) -> None:
    document = contract(dataset)
    assert [f"{error.instance_path}: {error.message}" for error in schema.iter_errors(document)] == []
    assert OpenDataContractStandard.model_validate(document).id == dataset == document["id"]


@pytest.mark.parametrize("dataset", IDS)
def test_contract_says_that_its_records_are_invented(dataset: str) -> None:
    assert "虚构" in contract(dataset)["description"]["limitations"]


@pytest.mark.parametrize("dataset", IDS)
def test_contract_says_where_in_a_citys_life_its_data_arise(dataset: str) -> None:
    assert own(dataset)["stage"] in ("规划", "建设", "管理", "服务", "运行")


def test_same_column_name_means_same_type_and_unit_everywhere() -> None:
    meanings: dict[str, set[tuple[str, str]]] = {}
    for dataset in IDS:
        for column in contract(dataset)["schema"][0]["properties"]:
            unit = column.get("customProperties", [{"value": {}}])[0]["value"].get("unit", "")
            meanings.setdefault(column["name"], set()).add((column["logicalType"], unit))
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}
