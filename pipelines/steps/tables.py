"""Making the tables of a dataset fit its contract, inside the open transaction."""

from pipelines.contracts.model import Contract
from pipelines.derive.tables import alter_ods, comments, create_dwd, create_ods, create_quarantine, dwd_table, ods_table
from pipelines.errors import ContractError, Problem
from pipelines.lake.columns import of_table
from pipelines.lake.connection import Connection


def present_columns(con: Connection, contract: Contract) -> dict[str, str]:
    """Return the columns (name → type) the dataset's `ods` table has now; empty when there is no table."""
    return of_table(con, ods_table(contract))


def tables_fit(con: Connection, contract: Contract) -> bool:
    """Whether the contract needs no DDL: then the dataset's own lock suffices."""
    present = present_columns(con, contract)
    if not present:
        return False
    statements, obstacles = alter_ods(contract, present)
    return not statements and not obstacles and _mode_fits(con, contract)


def fit_tables(con: Connection, contract: Contract) -> None:
    """Create or alter the dataset's tables and views; ContractError when only `rebuild` can bring them to the contract."""
    present = present_columns(con, contract)
    if not present:
        _create(con, contract)
        return
    statements, obstacles = alter_ods(contract, present)
    if not _mode_fits(con, contract):
        obstacles.append(f"mode '{contract.ingest.mode}' needs another kind of dwd table")
    if obstacles:
        hint = f"raise the major version and run `rongtong rebuild {contract.id}`."
        raise ContractError([Problem(contract.path, None, "breaking-change", text, hint) for text in obstacles])
    if statements:
        for statement in statements:
            con.execute(statement)
        _alter_dwd(con, contract)
        con.execute(create_quarantine(contract))
        comment(con, contract)


def _alter_dwd(con: Connection, contract: Contract) -> None:
    if contract.ingest.mode != "upsert":
        con.execute(create_dwd(contract))
        return
    have = con.execute(f"SELECT * FROM {dwd_table(contract)} LIMIT 0").description
    for column in alter_ods(contract, {str(entry[0]): "" for entry in have})[0]:
        con.execute(column.replace(ods_table(contract), dwd_table(contract)))


def _create(con: Connection, contract: Contract) -> None:
    con.execute(create_ods(contract))
    con.execute(create_dwd(contract))
    con.execute(create_quarantine(contract))
    comment(con, contract)


def recreate_tables(con: Connection, contract: Contract) -> None:
    """Drop and create the dataset's tables for a rebuild; snapshots still show the old ones."""
    kind = _dwd_kind(con, contract)
    con.execute(f'DROP VIEW IF EXISTS city.quality."quarantine__{contract.table}"')
    if kind:
        con.execute(f"DROP {kind} {dwd_table(contract)}")
    con.execute(f"DROP TABLE IF EXISTS {ods_table(contract)}")
    _create(con, contract)


def comment(con: Connection, contract: Contract) -> None:
    """Put the contract's names on tables and columns."""
    for statement in comments(contract):
        con.execute(statement)


def _dwd_kind(con: Connection, contract: Contract) -> str:
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'city' AND schema_name = 'dwd' AND view_name = ?",
        [contract.table],
    ).fetchone()
    if found and found[0]:
        return "VIEW"
    return "TABLE" if of_table(con, dwd_table(contract)) else ""


def _mode_fits(con: Connection, contract: Contract) -> bool:
    return _dwd_kind(con, contract) == ("TABLE" if contract.ingest.mode == "upsert" else "VIEW")
