"""The demo's questions and the contracts' `unfold` can be asked of the tables that the contracts promise."""

from collections.abc import Iterator

import pytest

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import parameters_of
from pipelines.contracts.models import city_models
from pipelines.demo.questions import QUESTIONS, Question, lacking_for
from pipelines.derive.types import duckdb_type
from pipelines.lake.connection import Connection, bare_connection
from pipelines.lake.extensions import load_extensions
from pipelines.names import quoted
from pipelines.settings import settings


@pytest.fixture(scope="module")
def con() -> Iterator[Connection]:
    """An empty lake in memory: the datasets and models of the sample city, as their contracts have them."""
    here = settings()
    con = bare_connection(here)
    load_extensions(con, "spatial")
    con.execute("ATTACH ':memory:' AS city")
    con.execute("USE city")
    for schema in ("dwd", "dim", "dws", "ads"):
        con.execute(f"CREATE SCHEMA city.{schema}")
    for contract in [*all_contracts(here)[0], *(one.contract for one in city_models(here).made)]:
        columns = ", ".join(f"{quoted(column.name)} {duckdb_type(column)}" for column in contract.columns)
        con.execute(f"CREATE TABLE city.{contract.layer}.{quoted(contract.table)} ({columns})")
    yield con
    con.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: next(iter(question.reads)))
def test_a_question_can_be_asked(con: Connection, question: Question) -> None:
    lacking = lacking_for(con, question)
    assert not [name for name in lacking if name.count(".") == 2], "its columns are called otherwise"
    if lacking:
        pytest.skip(f"no model makes {', '.join(lacking)}")
    assert con.execute(question.query).fetchall() is not None


@pytest.mark.parametrize(
    "one", [one for one in city_models(settings()).made if one.model.unfold], ids=lambda one: one.name
)
def test_what_a_row_unfolds_to_is_asked_of_columns_that_are_there(con: Connection, one: Made) -> None:
    unfold = one.model.unfold
    assert unfold
    of_row = {name: duckdb_type(one.contract.column(name)) for name in parameters_of(unfold.rows)}
    given = ", ".join(f"CAST(${name} AS {kind})" for name, kind in of_row.items())
    con.execute(f"SELECT {given or 1} FROM {unfold.source} WHERE {unfold.rows}", dict.fromkeys(of_row))


def test_every_question_is_asked_in_both_languages() -> None:
    for question in QUESTIONS:
        assert question.text.isascii() is False
        assert question.text[0].isascii()
