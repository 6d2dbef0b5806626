"""The city pack as tables of a session: `pack.*` in the connection's own memory, never in the lake.

Models read them as `pack.<table>`. They are made before a transaction begins, which may write one attached database only.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.city import load_city
from pipelines.contracts.codelists import code_list_names, load_code_list
from pipelines.contracts.divisions import load_successors
from pipelines.contracts.model import Contract
from pipelines.contracts.models import all_models, city_models
from pipelines.derive.pack import PackTable, all_tables, reads_table
from pipelines.lake.calendar import calendar_of
from pipelines.lake.connection import Connection
from pipelines.names import quoted
from pipelines.settings import Settings

PACK = "memory.pack"


def create_pack(
    con: Connection, settings: Settings, contracts: Sequence[Contract] | None = None, *, today: date | None = None
) -> dict[str, str]:
    """Make the tables `pack.*` anew from the city's files; return a digest of the rows of each, by `pack.<table>`.

    `contracts`: those of `pack.datasets` and `pack.columns`, all the city's datasets and models unless given. `today`: the day
    in the city's zone unless given. ContractError, with every problem of the file, when one of the city's files is not sound.
    """
    city = load_city(settings.city)
    told = [*all_contracts(settings)[0], *all_models(settings)] if contracts is None else contracts
    lists = [load_code_list(settings.schemas, name) for name in code_list_names(settings.schemas)]
    day = today or datetime.now(ZoneInfo(city.timezone)).date()
    tables = list(all_tables(city, calendar_of(settings), lists, load_successors(settings.schemas), told, day))
    tables.append(reads_table({one.name: one.reads for one in city_models(settings).made}))
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {PACK}")
    for table in tables:
        _create(con, table)
    return {f"pack.{table.name}": hashlib.sha256(repr(table).encode()).hexdigest() for table in tables}


def _create(con: Connection, table: PackTable) -> None:
    name = f"{PACK}.{quoted(table.name)}"
    declared = ", ".join(f"{quoted(column)} {kind}" for column, kind in table.columns)
    con.execute(f"CREATE OR REPLACE TABLE {name} ({declared})")
    if not table.rows:
        return
    # One list a column: a statement a row takes a hundred times as long.
    lists = [list(values) for values in zip(*table.rows, strict=True)]
    unnested = ", ".join(f"unnest(CAST(${place} AS {kind}[]))" for place, (_, kind) in enumerate(table.columns, 1))
    con.execute(f"INSERT INTO {name} SELECT {unnested}", lists)
