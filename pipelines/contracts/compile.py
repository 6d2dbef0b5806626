"""From a city's contracts to the plans of their DAGs. Heavy: only `plans` calls it, when something changed."""

from collections import Counter
from pathlib import Path

from pipelines.contracts.chinese.telling import told
from pipelines.contracts.inspection import Inspection
from pipelines.contracts.model import Contract
from pipelines.contracts.page import broken_page, contract_page
from pipelines.contracts.plans import Plan, asset_uri, safe_dag_id
from pipelines.contracts.registry import is_advisory
from pipelines.contracts.sources import ContractFile
from pipelines.contracts.survey import survey
from pipelines.errors import Problem
from pipelines.names import dag_id_of, domain_of, table_of
from pipelines.settings import Settings

BROKEN_TAG = "broken contract"


def compile_plans(settings: Settings) -> list[Plan]:
    """Return the plan of every contract file of a city, in order of path."""
    seen = survey(settings)
    between = [problem for problem in seen.problems_between({}) if not is_advisory(problem.rule)]
    tables = Counter(table_of(file.dataset) for file, _ in seen.found)
    result = []
    for file, found in seen.found:
        problems = [*found.problems, *(p for p in between if p.file == found.file), *seen.city_problems]
        dag_id = _dag_id(file.dataset, alone=tables[table_of(file.dataset)] == 1)
        result.append(_plan(file, found, dag_id, problems))
    return result


def _dag_id(dataset: str, alone: bool) -> str:
    """Return the DAG's id: two files of one table need two, so that both can be seen to be wrong."""
    suffix = "" if alone else f"__{domain_of(dataset)}"
    return safe_dag_id(dag_id_of(dataset) + suffix)


def _plan(file: ContractFile, found: Inspection, dag_id: str, problems: list[Problem]) -> Plan:
    if problems or found.contract is None:
        return _broken(file, dag_id, tuple(told(problem) for problem in problems))
    return _sound(found.contract, dag_id, contract_page(found.contract, Path(found.file)))


def _sound(contract: Contract, dag_id: str, page: str) -> Plan:
    return Plan(
        id=contract.id,
        table=contract.table,
        dag_id=dag_id,
        title=contract.title,
        doc_md=page,
        schedule=contract.schedule or None,
        owner=contract.owner,
        tags=tuple(dict.fromkeys((contract.domain, contract.status, *contract.tags))),
        asset_uri=asset_uri(contract.table),
        status=contract.status,
        digest=contract.digest,
    )


def _broken(file: ContractFile, dag_id: str, problems: tuple[str, ...]) -> Plan:
    return Plan(
        id=file.dataset,
        table=table_of(file.dataset),
        dag_id=dag_id,
        title=file.dataset,
        doc_md=broken_page(file.dataset, problems),
        schedule=None,
        owner="",
        tags=(BROKEN_TAG,),
        asset_uri=asset_uri(table_of(file.dataset)),
        status="broken",
        digest=file.key,
        problems=problems,
    )
