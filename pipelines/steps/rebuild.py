"""Rebuilding a dataset after a breaking change: new tables, every published delivery read again from landing, one transaction."""

from dataclasses import replace

from pipelines.contracts.diff import version_problems
from pipelines.contracts.model import Contract
from pipelines.derive.periods import NO_PERIOD
from pipelines.errors import BatchRefused, ContractError, ReaderStumbled, SourceError
from pipelines.lake import ledger
from pipelines.lake.connection import Connection
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings
from pipelines.steps.chinese import fit_names
from pipelines.steps.ingest import writer
from pipelines.steps.outcome import Outcome
from pipelines.steps.plan import Plan, plan_of
from pipelines.steps.publish import Refusal, attempt_of, write_batch
from pipelines.steps.record import record_contract
from pipelines.steps.replay import landed_of, request_again
from pipelines.steps.standing import restand
from pipelines.steps.tables import recreate_tables
from pipelines.steps.versions import published_contract


def rebuild(settings: Settings, contract: Contract, *, run: str = "") -> list[Outcome]:
    """Return one outcome per delivery that was published and not taken back; BatchRefused (nothing changed) when one fails now.

    Concessions are carried over. ContractError when the change is breaking and the major version was not raised.
    """
    con = writer(settings)
    try:
        published = published_contract(con, contract.id)
        if published and (problems := version_problems(published, contract)):
            raise ContractError(problems)
        plan = plan_of(settings, contract)
        try:
            return _rebuilt(con, settings, plan, run, exact=False)
        except ReaderStumbled:
            return _rebuilt(con, settings, plan, run, exact=True)
    finally:
        con.close()


def _rebuilt(con: Connection, settings: Settings, plan: Plan, run: str, *, exact: bool) -> list[Outcome]:
    contract = plan.contract
    with write_transaction(con, settings, dataset=None, who=f"rebuild {contract.id}"):
        wanted = _deliveries(con, contract)
        recreate_tables(con, contract)
        fit_names(con, contract, anew=True)
        outcomes = [_read_again(con, settings, plan, batch, run, exact=exact) for batch in wanted]
        restand(con, contract, frozenset())
        record_contract(con, contract)
        con.execute(
            "CALL city.set_commit_message('rongtong', ?)", [f"{contract.id} rebuilt: {len(outcomes)} deliveries"]
        )
    return outcomes


def _deliveries(con: Connection, contract: Contract) -> list[ledger.KnownBatch]:
    """The newest published batch of every delivery that was not taken back, in the order of the deliveries."""
    live = [
        batch for batch in ledger.batches(con, contract.id) if batch.verdict != "refused" and not batch.is_retracted
    ]
    newest = {batch.delivery: batch for batch in live}
    return [newest[delivery] for delivery in sorted(newest)]


def _read_again(
    con: Connection, settings: Settings, plan: Plan, batch: ledger.KnownBatch, run: str, *, exact: bool
) -> Outcome:
    contract = plan.contract
    try:
        landed = landed_of(con, settings, contract, batch)
        period = batch.period if contract.ingest.period.source != "none" else NO_PERIOD
        request = replace(request_again(con, contract, batch, run or f"rebuild {contract.id}"), exact=exact)
        return write_batch(
            con, settings, attempt_of(plan, landed, period, request, ledger.batches(con, contract.id)), update_dwd=False
        )
    except Refusal as refused:
        raise BatchRefused(
            f"[rebuild] {contract.id}: delivery {refused.outcome.file} ({batch.period}) does not meet the new contract; nothing was changed.\n"
            f"{refused.outcome.message}\nHint: mend the contract, or `rongtong retract {batch.batch_id} --reason …` first."
        ) from None
    except SourceError as error:
        raise SourceError(f"[rebuild] {contract.id}: {error} Nothing was changed.") from error
