"""Small tables made in the open transaction, as the models after them read them: copies whose size the planner knows.

Of rows that the open transaction wrote DuckLake tells the planner nothing: it takes a table of twenty months for one of two
thousand rows, and sorts millions of orders to join them with it.
"""

from dataclasses import dataclass

from pipelines.contracts.model_order import Made
from pipelines.derive.model_tables import model_table
from pipelines.lake.connection import Connection
from pipelines.names import quoted

_SMALL = 100_000


@dataclass
class Copies:
    """What the models of one transaction read in place of which `layer.table`, as SQL; only what one of them reads is copied."""

    read: frozenset[str]
    relations: dict[str, str]

    def add(self, con: Connection, one: Made, rows: int) -> None:
        """Copy a table that was just made, if it is small and read."""
        if one.name not in self.read or rows > _SMALL:
            return
        name = f"temp.{quoted('_made_' + one.name)}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name.removeprefix('temp.')} AS FROM {model_table(one.contract)}")
        self.relations[one.name] = f"(FROM {name})"
