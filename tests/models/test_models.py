"""Every model on its test cases: `tests/models/<table>/<case>/{<layer>.<input>.csv, expect.csv}`. A new case needs no Python.

An input that a case does not give is empty; `pack.*` is the sample city's own. A column that a file leaves out is NULL in an
input, and not compared in the expectation.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.model import Contract
from pipelines.contracts.model_order import Made
from pipelines.contracts.models import city_models
from pipelines.derive.model_query import bound, qualified
from pipelines.derive.types import duckdb_type
from pipelines.lake.connection import Connection, bare_connection
from pipelines.lake.create import ledger_statements
from pipelines.lake.extensions import load_extensions
from pipelines.lake.pack import create_pack
from pipelines.names import literal, quoted
from pipelines.settings import Settings, settings

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/expect.csv"))


@cache
def _here() -> Settings:
    return settings()


@cache
def _made() -> dict[str, Made]:
    models = city_models(_here())
    assert not models.problems, "\n".join(str(problem) for problem in models.problems)
    return {one.contract.table: one for one in models.made}


@cache
def _contracts() -> dict[str, Contract]:
    known = [*all_contracts(_here())[0], *(one.contract for one in _made().values())]
    return {f"{contract.layer}.{contract.table}": contract for contract in known}


@pytest.fixture(scope="module")
def con() -> Connection:
    """A city without a lake: the ledger's tables, the city pack, and nothing in them."""
    con = bare_connection(_here())
    load_extensions(con, "spatial")
    con.execute("ATTACH ':memory:' AS city")
    for schema in ("ods", "dwd", "dim", "dws", "ads", "quality"):
        con.execute(f"CREATE SCHEMA city.{schema}")
    con.execute("SET search_path = 'city.main,standards.main'")
    for statement in ledger_statements():
        con.execute(statement)
    create_pack(con, _here())
    return con


def test_every_model_of_the_package_applies_to_the_sample_city() -> None:
    assert city_models(_here()).left_out == ()


@pytest.mark.parametrize("table", sorted(_made()))
def test_every_model_has_a_case(table: str) -> None:
    assert any(case.parent.name == table for case in CASES), f"write tests/models/{table}/<case>/expect.csv"


def _named(case: Path) -> str:
    return f"{case.parent.name}-{case.name}"


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_model_gives_what_its_case_expects(con: Connection, case: Path) -> None:
    one = _made()[case.parent.name]
    with _laid(con, one, case) as instead:
        wanted = _heading(case / "expect.csv")
        types = {column.name: duckdb_type(column) for column in one.contract.columns}
        expected = f"SELECT {_typed(wanted, types)} FROM {_csv(case / 'expect.csv')}"
        got = f"SELECT {_typed(wanted, types)} FROM (\n{bound(one.model.sql, instead)}\n)"
        assert _differing(con, expected, got) == ([], []), f"columns {wanted}"


def _cases_of(kind: str) -> list[Path]:
    return [case for case in CASES if (one := _made().get(case.parent.name)) and getattr(one.model, kind)]


@pytest.mark.parametrize("case", _cases_of("incremental"), ids=_named)
def test_a_part_made_alone_is_that_part_of_the_whole(con: Connection, case: Path) -> None:
    one = _made()[case.parent.name]
    by = one.model.incremental
    assert by is not None
    with _laid(con, one, case) as instead:
        whole, source = _made_table(one, bound(one.model.sql, instead)), qualified(by.source)
        parts = con.execute(f"SELECT DISTINCT CAST({by.expression} AS VARCHAR) FROM {source} ORDER BY 1").fetchall()
        for (part,) in parts:
            rows = f"(SELECT * FROM {source} WHERE CAST({by.expression} AS VARCHAR) = {literal(part)})"
            alone = _made_table(one, bound(one.model.sql, {**instead, by.source: rows}))
            wanted = f"SELECT * FROM ({whole}) WHERE CAST({quoted(by.column)} AS VARCHAR) = {literal(part)}"
            assert _differing(con, wanted, alone) == ([], []), part


@pytest.mark.parametrize("case", _cases_of("unfold"), ids=_named)
def test_a_row_made_of_the_rows_it_unfolds_to_is_the_same_row(con: Connection, case: Path) -> None:
    """Of models that read the delivered rows themselves; where others stand between, a case has no rows to unfold to."""
    one = _made()[case.parent.name]
    unfold = one.model.unfold
    assert unfold is not None
    if unfold.source not in one.reads:
        return
    types = {column.name: duckdb_type(column) for column in one.contract.columns}
    with _laid(con, one, case) as instead:
        whole = _made_table(one, bound(one.model.sql, instead))
        records, found = _records(con, whole), 0
        for values in records:
            rows = f"(SELECT * FROM {qualified(unfold.source)} WHERE {_filled(unfold.rows, values, types)})"
            if not con.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchall():
                continue  # a month or a device of which nobody told: nothing to make it of
            found += 1
            behind = _made_table(one, bound(one.model.sql, {**instead, unfold.source: rows}))
            key = _filled(" AND ".join(f"{quoted(name)} = ${name}" for name in one.contract.key), values, types)
            wanted, got = (f"SELECT * FROM ({select}) WHERE {key}" for select in (whole, behind))
            assert _differing(con, wanted, got) == ([], [])
        assert found or not records


@contextmanager
def _laid(con: Connection, one: Made, case: Path) -> Iterator[dict[str, str]]:
    """The inputs of a case in place, in a transaction that is rolled back; gives what stands in the SELECT itself.

    The pack is in another database than the lake: one transaction cannot fill both.
    """
    con.execute("BEGIN")
    try:
        given = {read: case / f"{read}.csv" for read in one.reads}
        instead = {
            read: _rows(con, read, file) for read, file in given.items() if read.startswith("pack.") and file.is_file()
        }
        for read in given.keys() - instead.keys():
            _lay(con, read, given[read])
        yield instead
    finally:
        con.execute("ROLLBACK")


def _differing(con: Connection, wanted: str, got: str) -> tuple[list[Any], list[Any]]:
    """The rows that only one of two queries gives."""
    lacking = con.execute(f"({wanted}) EXCEPT ALL ({got})").fetchall()
    return lacking, con.execute(f"({got}) EXCEPT ALL ({wanted})").fetchall()


def _made_table(one: Made, select: str) -> str:
    """A model's SELECT with the types of its table."""
    types = {column.name: duckdb_type(column) for column in one.contract.columns}
    return f"SELECT {_typed(list(types), types)} FROM (\n{select}\n)"


def _records(con: Connection, query: str) -> list[dict[str, str | None]]:
    """The first rows of a query, their values as text."""
    found = con.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({query}) ORDER BY ALL LIMIT 10").fetchall()
    names = [str(column[0]) for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found]


def _filled(condition: str, values: dict[str, str | None], types: dict[str, str]) -> str:
    """A condition with the row's own values in the place of `$name`."""

    def of(name: re.Match[str]) -> str:
        value = values[name[1]]
        return f"CAST({'NULL' if value is None else literal(value)} AS {types[name[1]]})"

    return re.sub(r"\$(\w+)", of, condition)


def _lay(con: Connection, relation: str, file: Path) -> None:
    """Put a case's rows in the place of a relation."""
    schema, _, table = relation.partition(".")
    if not file.is_file() and schema in ("pack", "quality"):
        return
    types = _types(con, relation)
    if schema not in ("pack", "quality"):
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
        con.execute(f"CREATE TABLE {qualified(relation)} ({columns})")
    elif _is_view(con, table):
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in types.items())
        con.execute(f"DROP VIEW {qualified(relation)}")
        con.execute(f"CREATE TABLE {qualified(relation)} ({columns})")
    else:
        con.execute(f"DELETE FROM {qualified(relation)}")
    if file.is_file():
        names = _heading(file)
        _must_know(relation, names, types, file)
        listed = ", ".join(quoted(name) for name in names)
        con.execute(f"INSERT INTO {qualified(relation)} ({listed}) SELECT {_typed(names, types)} FROM {_csv(file)}")


def _rows(con: Connection, relation: str, file: Path) -> str:
    """A case's rows as SQL of a relation; a column that the file leaves out is NULL."""
    types, names = _types(con, relation), _heading(file)
    _must_know(relation, names, types, file)
    lacking = "".join(f", CAST(NULL AS {types[name]}) AS {quoted(name)}" for name in types if name not in names)
    return f"(SELECT {_typed(names, types)}{lacking} FROM {_csv(file)})"


def _must_know(relation: str, names: list[str], types: dict[str, str], file: Path) -> None:
    unknown = set(names) - set(types)
    assert not unknown, f"{file}: {relation} has no {', '.join(sorted(unknown))}"


def _types(con: Connection, relation: str) -> dict[str, str]:
    if relation in _contracts():
        return {column.name: duckdb_type(column) for column in _contracts()[relation].columns}
    return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE {qualified(relation)}").fetchall()}


def _is_view(con: Connection, table: str) -> bool:
    query = "SELECT count(*) FROM duckdb_views() WHERE database_name = 'city' AND view_name = ?"
    return bool((con.execute(query, [table]).fetchone() or (0,))[0])


def _typed(names: list[str], types: dict[str, str]) -> str:
    return ", ".join(f"CAST({quoted(name)} AS {types[name]}) AS {quoted(name)}" for name in names)


def _csv(file: Path) -> str:
    return f"read_csv({literal(str(file))}, header = true, all_varchar = true, delim = ',', quote = '\"')"


def _heading(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines))
