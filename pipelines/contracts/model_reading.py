"""One model read from its two files: the contract and the SELECT beside it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipelines.contracts.inspection import inspect_contract
from pipelines.contracts.model import City, Contract
from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import SqlFault, columns_of, parsed, reads, sql_faults
from pipelines.contracts.places import line_at
from pipelines.contracts.policies import missing_policies
from pipelines.contracts.sources import SUFFIX
from pipelines.errors import Problem


def made_of(path: Path, city: City) -> tuple[Made | None, list[Problem]]:
    """Return the model whose contract is in a file, or everything that is wrong with its contract and its SELECT."""
    inspection = inspect_contract(path, city)
    contract = inspection.contract
    if contract is None:
        return None, list(inspection.problems)
    if contract.model is None:
        hint = "say `model: {}` under its rongtong property, or move it to schemas/."
        return None, [
            Problem(inspection.file, None, "model", "a contract in a folder of models describes no model.", hint)
        ]
    file = path.with_name(path.name.removesuffix(SUFFIX) + ".sql")
    told = inspection.file.replace(SUFFIX, ".sql")
    if not file.is_file():
        return None, [Problem(inspection.file, None, "model-sql", "there is no SELECT beside it.", f"write {told}.")]
    sql = file.read_text(encoding="utf-8")
    query, faults = parsed(sql)
    if query is not None:
        faults += [*sql_faults(query), *_column_faults(contract, columns_of(query))]
    problems = [Problem(told, fault.line, fault.rule, f"{fault.message}.", fault.hint) for fault in faults]
    if query is None or problems:
        return None, problems
    model = replace(contract.model, sql=sql, path=told)
    return Made(replace(contract, model=model), reads(query)), problems


def without_policies(one: Made, path: Path, city: City) -> list[Problem]:
    """Return a problem for each policy that a model needs and the city pack lacks."""
    lacking = missing_policies(city, one.model.policies)
    lines = inspect_contract(path, city).lines if lacking else {}
    return [
        Problem(
            one.contract.path,
            line_at(lines, ("rongtong", "model", "policies", str(one.model.policies.index(name)))),
            "model-policy",
            f"{one.name} needs the policy '{name}', which the city pack lacks.",
            hint,
        )
        for name, hint in lacking.items()
    ]


def classification_told(lines: Mapping[str, int], column: str) -> tuple[bool, int | None]:
    """Return whether a contract, by the lines of its places, states a column's classification, and the line to name in problems."""
    place = ("columns", column, "classification")
    return "/".join(place) in lines, line_at(lines, place)


def _column_faults(contract: Contract, given: list[str]) -> list[SqlFault]:
    promised = [column.name for column in contract.columns]
    lacking = [name for name in promised if name not in given]
    beyond = [name for name in given if name not in promised]
    found = []
    if lacking:
        found.append(
            SqlFault("model-columns", None, f"it does not give {', '.join(lacking)}, which its contract promises")
        )
    if beyond:
        found.append(
            SqlFault("model-columns", None, f"it gives {', '.join(beyond)}, of which its contract knows nothing")
        )
    return found
