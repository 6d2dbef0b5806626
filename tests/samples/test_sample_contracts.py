"""The three contracts of the sample city are valid ODCS and speak one language."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import open_data_contract_standard
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

CITY = Path(__file__).parents[2]
IDS = ["base.subdistricts", "environment.air_quality_hourly", "governance.hotline_orders"]


def contract(dataset: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CITY / "schemas" / f"{dataset.replace('.', '/')}.odcs.yaml").read_text())
    return loaded


@pytest.fixture(scope="session")
def schema() -> Any:
    (folder,) = open_data_contract_standard.__path__
    return jsonschema_rs.validator_for(json.loads((Path(folder) / "schema.json").read_text()))


@pytest.mark.parametrize("dataset", IDS)
def test_contract_is_valid_odcs(dataset: str, schema: Any) -> None:
    document = contract(dataset)
    assert [f"{error.instance_path}: {error.message}" for error in schema.iter_errors(document)] == []
    assert OpenDataContractStandard.model_validate(document).id == dataset == document["id"]


@pytest.mark.parametrize("dataset", IDS)
def test_contract_says_that_its_records_are_invented(dataset: str) -> None:
    assert "虚构" in contract(dataset)["description"]["limitations"]


def test_same_column_name_means_same_type_and_unit_everywhere() -> None:
    meanings: dict[str, set[tuple[str, str]]] = {}
    for dataset in IDS:
        for column in contract(dataset)["schema"][0]["properties"]:
            unit = column.get("customProperties", [{"value": {}}])[0]["value"].get("unit", "")
            meanings.setdefault(column["name"], set()).add((column["logicalType"], unit))
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}
