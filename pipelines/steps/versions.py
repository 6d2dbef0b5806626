"""A published dataset's contract may grow by itself; a breaking change demands a major version and a rebuild."""

from pipelines.contracts.diff import diff, version_problems
from pipelines.contracts.model import Contract
from pipelines.contracts.serial import from_json
from pipelines.errors import ContractError, Problem
from pipelines.lake import ledger
from pipelines.lake.connection import Connection, lake_exists, open_for_reading
from pipelines.settings import Settings


def published_contract(con: Connection, dataset: str) -> Contract | None:
    """Return the contract a dataset was last published with, or None."""
    known = ledger.latest_contract(con, dataset)
    return from_json(known[2]) if known else None


def must_not_break(con: Connection, contract: Contract) -> None:
    """Raise ContractError when the contract breaks with the published one: first the version is owed, then the rebuild."""
    published = published_contract(con, contract.id)
    if published is None or published.digest == contract.digest:
        return
    problems = version_problems(published, contract)
    if problems:
        raise ContractError(problems)
    breaking = [change.text for change in diff(published, contract) if change.breaking]
    if breaking:
        hint = f"`rongtong rebuild {contract.id}` reads every delivery again from landing."
        raise ContractError(
            [Problem(contract.path, None, "rebuild-needed", f"{text.rstrip('.')}.", hint) for text in breaking]
        )


def published_contracts(settings: Settings) -> dict[str, Contract]:
    """Return, by dataset id, the contracts last published with; empty when there is no lake."""
    if not lake_exists(settings):
        return {}
    con = open_for_reading(settings)
    try:
        rows = con.execute(
            "SELECT dataset, arg_max(contract, recorded_at) FROM city.quality.contract_versions GROUP BY dataset"
        ).fetchall()
    finally:
        con.close()
    return {str(dataset): from_json(str(text)) for dataset, text in rows}
