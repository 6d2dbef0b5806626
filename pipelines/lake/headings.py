"""Headings of a query's result in Chinese: what the contracts call the columns of the tables it reads, at its snapshot."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence

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
    read = {name.replace('"', "").rpartition(".")[2] for name in con.get_table_names(body, qualified=True)}
    rows = con.execute(
        "SELECT dataset, arg_max(contract, recorded_at) FROM city.quality.contract_versions GROUP BY dataset"
    ).fetchall()
    meant: dict[str, set[str]] = defaultdict(set)
    for dataset, contract in rows:
        if str(dataset).rpartition(".")[2] in read:
            for column in json.loads(contract)["columns"]:
                meant[column["name"]].add(column["title"] or column["name"])
    return {name: next(iter(found)) for name, found in meant.items() if len(found) == 1}


def _apart(columns: Sequence[str], known: dict[str, str]) -> list[str]:
    """Two columns of one Chinese name keep their own beside it."""
    wanted = [known.get(name, name) for name in columns]
    often = Counter(wanted)
    return [
        title if often[title] == 1 or title == name else f"{title}（{name}）"
        for name, title in zip(columns, wanted, strict=True)
    ]


def _guarded(column: str, kind: str) -> str:
    name = quoted(column)
    if kind != "VARCHAR":
        return name
    return f"CASE WHEN regexp_matches({name}, '{_FORMULA}') AND try_cast({name} AS DOUBLE) IS NULL THEN '''' || {name} ELSE {name} END"
