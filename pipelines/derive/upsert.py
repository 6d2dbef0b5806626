"""`dwd` of an upsert dataset: for each key the row of the latest standing batch, delete markers honoured."""

from pipelines.contracts.model import Contract
from pipelines.derive.tables import column_list, dwd_table, ods_table
from pipelines.names import literal, quoted


def _keys(contract: Contract) -> str:
    return ", ".join(quoted(name) for name in contract.key)


def touched_keys(contract: Contract, batches: list[str]) -> str:
    """Return SELECT of the distinct keys that valid rows of these batches have."""
    named = ", ".join(literal(batch) for batch in batches)
    return f"SELECT DISTINCT {_keys(contract)} FROM {ods_table(contract)} WHERE _batch IN ({named}) AND _violations IS NULL"


def drop_touched(contract: Contract) -> str:
    """Return the DELETE of every touched key (temp.touched) from `dwd`."""
    keys = _keys(contract)
    wanted = keys if len(contract.key) == 1 else f"({keys})"
    return f"DELETE FROM {dwd_table(contract)} WHERE {wanted} IN (SELECT {wanted} FROM temp.touched)"


def winners(contract: Contract, *, only_touched: bool) -> str:
    """Return SELECT of the row each key has now: newest `orderBy` value, then latest delivery, then later row of the file."""
    deleted = f"WHERE NOT coalesce(TRY({contract.ingest.delete_when}), false)" if contract.ingest.delete_when else ""
    return f"""
SELECT {column_list(contract)} FROM (
    {winning_rows(contract, only_touched=only_touched)}
) {deleted}"""


def winning_rows(contract: Contract, *, only_touched: bool) -> str:
    """Return SELECT of the rows of `ods`, whole, that win their keys; delete markers too."""
    keys = _keys(contract)
    order = f"o.{quoted(contract.ingest.order_by)} DESC NULLS LAST, " if contract.ingest.order_by else ""
    touched = f"SEMI JOIN temp.touched t USING ({keys})" if only_touched else ""
    return f"""SELECT o.* FROM {ods_table(contract)} o
    JOIN city.quality.standing s ON s.batch_id = o._batch AND s.dataset = {literal(contract.id)}
    {touched}
    WHERE o._violations IS NULL
    QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {order}s.delivery DESC, s.seq DESC, o._record DESC) = 1"""


def insert_winners(contract: Contract, *, only_touched: bool) -> str:
    """Return the INSERT of the winners into `dwd`."""
    return f"INSERT INTO {dwd_table(contract)} ({column_list(contract)}) {winners(contract, only_touched=only_touched)}"


def repeated_keys(contract: Contract) -> str:
    """Return SELECT count of touched keys that `dwd` holds more than once: must be 0 before a commit."""
    keys = _keys(contract)
    return f"""
SELECT count(*) FROM (
    SELECT {keys} FROM {dwd_table(contract)} SEMI JOIN temp.touched USING ({keys}) GROUP BY ALL HAVING count(*) > 1)"""
