"""Headings of a query's result in Chinese: what the contracts call the columns of the tables it reads, at its snapshot."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.lake.connection import Connection
from pipelines.names import quoted

LANGUAGES = ("zh", "en")
# What a spreadsheet takes for a formula when it opens a text file.
_FORMULA = r"^[=+\-@\t\r]"


def headed(con: Connection, body: str, *, guarded: bool = False) -> str:
    """Return the query with its columns named in Chinese; those that no contract names, and doubtful ones, stay.

    `guarded`: texts that a spreadsheet would take for a formula get an apostrophe before them (numbers as text do not).
    """
    relation = con.sql(body)
    if relation is None or not relation.columns:
        return body
    named = _apart(relation.columns, titles(con, body))
    inner = ", ".join(quoted(f"c{place}") for place in range(len(named)))
    shown = ",\n    ".join(
        f"{_guarded(f'c{place}', str(kind)) if guarded else quoted(f'c{place}')} AS {quoted(name)}"
        for place, (name, kind) in enumerate(zip(named, relation.types, strict=True))
    )
    return f"SELECT {shown}\nFROM (\n{body}\n) AS rongtong_result({inner})"


def titles(con: Connection, body: str) -> dict[str, str]:
    """Return column name → Chinese name over the tables that a query reads; names that mean two things there are left out."""
    read = set(_tables(con, body))
    rows = con.execute(
        "SELECT dataset, arg_max(contract, recorded_at) FROM city.quality.contract_versions GROUP BY dataset"
    ).fetchall()
    meant: dict[str, set[str]] = defaultdict(set)
    for dataset, contract in rows:
        if str(dataset).rpartition(".")[2] in read:
            for column in json.loads(contract)["columns"]:
                meant[column["name"]].add(column["title"] or column["name"])
    return {name: next(iter(found)) for name, found in meant.items() if len(found) == 1}


def _tables(con: Connection, body: str) -> Iterator[str]:
    """The tables and views a query names; DuckDB's own list of them (`get_table_names`) fails on views that join with USING."""
    row = con.execute("SELECT json_serialize_sql(?)", [body]).fetchone()
    todo: list[Any] = [json.loads(row[0])] if row else []
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE":
                yield str(node.get("table_name"))
            todo += node.values()
        elif isinstance(node, list):
            todo += node


def _apart(columns: Sequence[str], known: dict[str, str]) -> list[str]:
    """The heading of each column; those of one Chinese name keep their own beside it, and a number where that is one, too."""
    wanted = [known.get(name, name) for name in columns]
    often = Counter(wanted)
    beside = [
        title if often[title] == 1 or title == name else f"{title}（{name}）"
        for name, title in zip(columns, wanted, strict=True)
    ]
    nth = [beside[: place + 1].count(heading) for place, heading in enumerate(beside)]
    return [heading if number == 1 else f"{heading} {number}" for heading, number in zip(beside, nth, strict=True)]


def _guarded(column: str, kind: str) -> str:
    name = quoted(column)
    if kind != "VARCHAR":
        return name
    return f"CASE WHEN regexp_matches({name}, '{_FORMULA}') AND try_cast({name} AS DOUBLE) IS NULL THEN '''' || {name} ELSE {name} END"
