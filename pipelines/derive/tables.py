"""The tables and views of a dataset: `ods` with every delivered row, `dwd` with what stands, the quarantine."""

from pipelines.contracts.model import Column, Contract
from pipelines.derive.reading import VIOLATIONS, stored_columns
from pipelines.derive.types import duckdb_type
from pipelines.names import literal, quoted

_SYSTEM = {
    "_batch": "VARCHAR",
    "_record": "BIGINT",
    "_line": "BIGINT",
    "_violations": VIOLATIONS,
    "_warnings": "VARCHAR[]",
}


def ods_table(contract: Contract) -> str:
    """Qualified name of the table that keeps every delivered row."""
    return f"city.ods.{quoted(contract.table)}"


def dwd_table(contract: Contract) -> str:
    """Qualified name of what analysts read: the valid rows of the standing batches."""
    return f"city.dwd.{quoted(contract.table)}"


def create_ods(contract: Contract) -> str:
    """Return the DDL of the `ods` table."""
    columns = [f"{quoted(c.name)} {duckdb_type(c)}" for c in stored_columns(contract)]
    columns += [f"{name} {kind}" for name, kind in _SYSTEM.items()]
    return f"CREATE TABLE {ods_table(contract)} (\n    " + ",\n    ".join(columns) + "\n)"


def alter_ods(contract: Contract, present: dict[str, str]) -> tuple[list[str], list[str]]:
    """Return (statements, obstacles): what brings the present columns (name → type) to the contract, and what only a rebuild can."""
    statements, obstacles = [], []
    for column in stored_columns(contract):
        wanted = duckdb_type(column)
        have = present.get(column.name)
        if have is None:
            statements.append(f"ALTER TABLE {ods_table(contract)} ADD COLUMN {quoted(column.name)} {wanted}")
        elif have.replace(" ", "") != wanted.replace(" ", ""):
            obstacles.append(f"column '{column.name}' is {have} in the lake and {wanted} in the contract")
    kept = {column.name for column in stored_columns(contract)} | set(_SYSTEM)
    obstacles += [f"column '{name}' is in the lake and not in the contract" for name in present if name not in kept]
    return statements, obstacles


def comments(contract: Contract) -> list[str]:
    """Return the statements that put the contract's Chinese names on tables and columns."""
    kind = "TABLE" if contract.ingest.mode == "upsert" else "VIEW"
    text = f"{contract.title}。{contract.purpose}".strip("。")
    statements = [f"COMMENT ON TABLE {ods_table(contract)} IS {literal(text + '（贴源：每一行）')}"]
    statements.append(f"COMMENT ON {kind} {dwd_table(contract)} IS {literal(text)}")
    tables = [ods_table(contract)] + ([dwd_table(contract)] if kind == "TABLE" else [])  # a view's columns take none
    statements += [
        f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {literal(_column_text(contract, column))}"
        for table in tables
        for column in stored_columns(contract)
    ]
    return statements


def _column_text(contract: Contract, column: Column) -> str:
    parts = [column.title or column.name]
    if column.unit:
        parts.append(f"（{column.unit}）")
    if column.type == "object":
        parts.append(f"（{contract.ingest.crs}）")
    if column.description:
        parts.append(f"：{column.description}")
    return "".join(parts)


def column_list(contract: Contract) -> str:
    """Return the contract's stored columns, named one by one (a new column of `ods` never slips into `dwd`)."""
    return ", ".join(quoted(column.name) for column in stored_columns(contract))


def create_dwd(contract: Contract) -> str:
    """Return the DDL of `dwd`: a view where that is as fast as a table, a table for upsert."""
    if contract.ingest.mode == "upsert":
        columns = ",\n    ".join(f"{quoted(c.name)} {duckdb_type(c)}" for c in stored_columns(contract))
        return f"CREATE TABLE {dwd_table(contract)} (\n    {columns}\n)"
    standing = f"SELECT batch_id FROM quality.standing WHERE dataset = {literal(contract.id)}"
    return f"CREATE OR REPLACE VIEW {dwd_table(contract)} AS\n{valid_rows(contract, standing, catalogue='')}"


def valid_rows(contract: Contract, batches: str, *, catalogue: str = "city.") -> str:
    """Return the SELECT of the valid rows of these batches (a SELECT of their ids, or the ids): `dwd`, where that is a view."""
    return f"""SELECT {column_list(contract)}
FROM {catalogue}ods.{quoted(contract.table)}
WHERE _violations IS NULL
  AND _batch IN ({batches})"""


def create_quarantine(contract: Contract) -> str:
    """Return the DDL of the dataset's quarantine view: every row that broke a rule, with its state."""
    return f"""CREATE OR REPLACE VIEW city.quality.{quoted("quarantine__" + contract.table)} AS
WITH waived AS (
    SELECT batch_id, bool_or(rule IS NULL) AS all_rules, list(DISTINCT rule) FILTER (rule IS NOT NULL) AS rules,
        arg_max(reason, waived_at) AS reason, arg_max(waived_by, waived_at) AS waived_by
    FROM quality.waivers WHERE dataset = {literal(contract.id)} GROUP BY batch_id
), later AS (
    SELECT b.batch_id, min_by(s.batch_id, s.delivery) AS corrected_by
    FROM quality.batch_state b JOIN quality.standing s ON s.dataset = b.dataset AND s.delivery > b.delivery
    WHERE b.dataset = {literal(contract.id)} AND NOT b.is_retracted AND ({_correcting(contract)})
    GROUP BY ALL
), marked AS (
    SELECT o.rowid AS _lake_row, o.*, list_transform(o._violations, lambda _v: _v."rule") AS _rules
    FROM ods.{quoted(contract.table)} o WHERE o._violations IS NOT NULL
)
SELECT m._batch, b.period AS _period, m._lake_row, m._line, m._violations, m._rules,
    CASE WHEN b.is_retracted THEN 'retracted'
         WHEN later.corrected_by IS NOT NULL{_corrected_row(contract)} THEN 'corrected'
         WHEN w.reason IS NOT NULL THEN 'waived'
         WHEN NOT b.stands THEN 'superseded'
         ELSE 'open' END AS _state,
    coalesce(later.corrected_by{_corrected_by(contract)}) AS _corrected_by, w.reason AS _waived_reason, w.waived_by AS _waived_by,
    b.verdict AS _verdict, b.accepted_by AS _accepted_by, b.accepted_reason AS _accepted_reason,
    {", ".join(f"m.{quoted(c.name)}" for c in stored_columns(contract))}
FROM marked m
JOIN quality.batch_state b ON b.batch_id = m._batch AND b.dataset = {literal(contract.id)}
LEFT JOIN later ON later.batch_id = m._batch
LEFT JOIN waived w ON w.batch_id = m._batch AND (w.all_rules OR list_has_all(coalesce(w.rules, []), m._rules)){_fix_join(contract)}"""


def _correcting(contract: Contract) -> str:
    return {"replace": "true", "replace_period": "s.period = b.period"}.get(contract.ingest.mode, "false")


def _by_key(contract: Contract) -> bool:
    return bool(contract.key) and contract.ingest.mode in ("append", "upsert")


def _corrected_row(contract: Contract) -> str:
    return " OR fix._fixed_by IS NOT NULL" if _by_key(contract) else ""


def _corrected_by(contract: Contract) -> str:
    return ", fix._fixed_by" if _by_key(contract) else ", NULL"


def _fix_join(contract: Contract) -> str:
    if not _by_key(contract):
        return ""
    keys = ", ".join(f"g.{quoted(name)}" for name in contract.key)
    same = " AND ".join(f"fix.{quoted(name)} = m.{quoted(name)}" for name in contract.key)
    return f"""
LEFT JOIN (
    SELECT {keys}, max_by(_batch, s.delivery) AS _fixed_by, max(s.delivery) AS _fixed_in
    FROM ods.{quoted(contract.table)} g JOIN quality.standing s ON s.batch_id = g._batch AND s.dataset = {literal(contract.id)}
    WHERE g._violations IS NULL GROUP BY {keys}
) fix ON {same} AND fix._fixed_in > b.delivery"""
