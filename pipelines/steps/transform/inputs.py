"""The tables that models read: a dataset that was never delivered stands there empty, so that no model waits for it."""

from collections.abc import Iterable

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.model_order import Made
from pipelines.lake.connection import Connection
from pipelines.lake.transaction import write_transaction
from pipelines.settings import Settings
from pipelines.steps.tables import fit_tables, present_columns


def lay_inputs(con: Connection, settings: Settings, models: Iterable[Made]) -> None:
    """Make the tables of datasets that these models read and the lake does not have yet, in a transaction of its own."""
    wanted = {read for one in models for read in one.reads}
    read = [contract for contract in all_contracts(settings)[0] if f"dwd.{contract.table}" in wanted]
    if not any(not present_columns(con, contract) for contract in read):
        return
    with write_transaction(con, settings, dataset=None, who="transform: tables of datasets not delivered yet"):
        for contract in read:
            if not present_columns(con, contract):  # another process may have made it meanwhile
                fit_tables(con, contract)
