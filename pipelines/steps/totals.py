"""Control totals: what the delivery says about itself, compared with its rows, then left out."""

import json
import re
from decimal import Decimal, InvalidOperation

from pipelines.contracts.model import Contract
from pipelines.derive.tables import ods_table
from pipelines.lake.connection import Connection
from pipelines.names import literal
from pipelines.steps.checks import Counts, Result
from pipelines.wording import say


def take_total_rows(con: Connection, contract: Contract, batch: str) -> list[dict[str, str | None]]:
    """Remove the total rows from the written batch and return what they declare, by column name."""
    if not contract.ingest.control.total_column:
        return []
    batches = f"{ods_table(contract)} WHERE _batch = {literal(batch)}"
    found = con.execute(
        f"SELECT rowid, _violations[1].raw FROM {batches} AND _violations IS NOT NULL "
        "AND _violations[1].\"rule\" = 'row.total' ORDER BY _record, rowid"
    ).fetchall()
    if found:
        con.execute(f"DELETE FROM {batches} AND rowid IN ({', '.join(str(row[0]) for row in found)})")
    return [json.loads(row[1]) for row in found]


def summed(contract: Contract, manifest: dict[str, str]) -> list[str]:
    """Return the columns whose sums the delivery may declare."""
    return sorted({*contract.ingest.control.sums, *manifest} - {"rows"})


def total_results(
    contract: Contract, counts: Counts, declared: list[dict[str, str | None]], manifest: dict[str, str]
) -> list[Result]:
    """Return one result per declared total; a difference is an error that tells both numbers.

    `declared`: total rows of the file; `manifest`: numbers from the manifest beside it (`rows` or a column's sum).
    """
    control = contract.ingest.control
    wanted: list[tuple[str, str, str]] = []
    for row in declared:
        wanted += [(f"batch.total.{name}", name, row.get(name) or "") for name in control.sums]
        if control.count_column and row.get(control.count_column):
            wanted.append(("batch.total.rows", "", str(row[control.count_column])))
    wanted += [(f"batch.manifest.{name}", "" if name == "rows" else name, value) for name, value in manifest.items()]
    return [_compare(counts, rule, column, text) for rule, column, text in wanted]


def _compare(counts: Counts, rule: str, column: str, text: str) -> Result:
    told = _number(text)
    counted = counts.sums[column] if column else Decimal(counts.delivered)
    subject = column or "rows"
    if told is None:
        sentence = say("total_unreadable", column=subject, declared=text)
    else:
        sentence = say("total_differs", column=subject, declared=_plain(told), counted=_plain(counted))
    wrong = told is None or told != counted
    columns = (column,) if column else ()
    return Result(
        rule, "total", columns, "0301", "error", None, counts.delivered, int(wrong), "fail" if wrong else "pass",
        sentence, observed=str(_plain(counted)),
    )  # fmt: skip


def _number(text: str) -> Decimal | None:
    found = re.search(r"[-+]?\d[\d,，]*(?:\.\d+)?", text)
    try:
        return Decimal(re.sub("[,，]", "", found[0])) if found else None
    except InvalidOperation:
        return None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
