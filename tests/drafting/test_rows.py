"""Which rows speak for the columns: all that can be read, read again exactly where lines are missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipelines.contracts.model import Ingest
from pipelines.lake.connection import Connection
from pipelines.sources.reading import Reading
from pipelines.steps.draft.asking import ask
from pipelines.steps.draft.opening import Opened
from tests.drafting.conftest import Given

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Lossy(Given):
    """A reader that leaves rows out and knows it."""

    whole: Reading

    def unaccounted(self, rows: int, newlines_inside: Callable[[], int]) -> int:
        return 2 - rows + newlines_inside()

    def exactly(self) -> Reading:
        return self.whole


def test_a_reader_that_leaves_rows_out_is_not_believed(con: Connection) -> None:
    con.execute("CREATE OR REPLACE TEMP TABLE whole AS SELECT * FROM (VALUES ('1'), ('x')) AS v(n)")
    whole = Given("temp.whole", ("n",), {"n": "VARCHAR"}, 1, exact=False)
    lossy = Lossy("(SELECT * FROM temp.whole LIMIT 1)", ("n",), {"n": "VARCHAR"}, 1, exact=False, whole=whole)
    landed: Any = None
    asked = ask(con, Opened(Ingest(), landed, lossy, "", True, True), {}, ZONE)
    assert (asked.facts.rows, asked.facts.columns["n"].column.type) == (2, "string")
