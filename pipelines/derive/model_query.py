"""A model's SELECT with other relations in place of those it names. The rest of its text stays as it was written."""

from collections.abc import Mapping

from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import parsed, relations
from pipelines.names import quoted

# The city pack is in the session's own catalogue, everything else in the lake.
_CATALOGUES = {"pack": "memory"}


def qualified(name: str) -> str:
    """Return a relation's name with the catalogue it is in.

    >>> qualified("dwd.trips"), qualified("pack.policies")
    ('city."dwd"."trips"', 'memory."pack"."policies"')
    """
    schema, _, table = name.partition(".")
    return f"{_CATALOGUES.get(schema, 'city')}.{quoted(schema)}.{quoted(table)}"


def bound(sql: str, instead: Mapping[str, str] | None = None) -> str:
    """Return a SELECT that reads, for each relation, what `instead` has for it (SQL of a relation), else the lake's own.

    >>> bound("SELECT t.a FROM dwd.t")
    'SELECT t.a FROM city."dwd"."t"'
    >>> bound("SELECT t.a FROM dwd.t WHERE t.b", {"dwd.t": "(SELECT 1 AS a, true AS b)"})
    'SELECT t.a FROM (SELECT 1 AS a, true AS b) AS "t" WHERE t.b'
    """
    query, faults = parsed(sql)
    if query is None:
        raise ValueError(faults[0].message)
    given = instead or {}
    text = sql
    places = []
    for name, table in relations(query):
        first, last = table.args["db"].meta, table.this.meta
        relation = given.get(name, qualified(name))
        alias = "" if table.alias or not relation.startswith("(") else f" AS {quoted(table.name)}"
        places.append((int(first["start"]), int(last["end"]) + 1, relation + alias))
    for start, end, relation in sorted(set(places), reverse=True):
        text = text[:start] + relation + text[end:]
    return text.strip().removesuffix(";")


def unfolded(one: Made, made: Mapping[str, Made], instead: Mapping[str, str]) -> str:
    """Return a model's SELECT with every model that it reads written out, down to what `instead` names or the lake delivers.

    Models that read nothing of `instead` stay tables.
    """
    wanted = dict(instead)
    for read in one.reads:
        if read in made and read not in wanted and touches(made[read], made, instead):
            wanted[read] = f"({unfolded(made[read], made, instead)}\n)"
    return bound(one.model.sql, wanted)


def touches(one: Made, made: Mapping[str, Made], names: Mapping[str, str]) -> bool:
    """Whether a model reads any of these relations, directly or through others."""
    return any(read in names or (read in made and touches(made[read], made, names)) for read in one.reads)
