"""A refused delivery beside its repaired twin: what was refused and why, and in which cells the two files differ."""

from dataclasses import dataclass
from typing import Any

from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Column, Contract
from pipelines.derive.mapping import map_headings
from pipelines.lake.connection import Connection
from pipelines.lake.pseudonym import scrubbed
from pipelines.names import literal, quoted
from pipelines.settings import Settings
from pipelines.sources.landing import open_landed
from pipelines.sources.reading import open_reading

_FAILED = """
SELECT rule, kind, unexpected, b AS elements, threshold_pct, observed FROM city.quality.check_results
WHERE batch_id = ? AND verdict = 'fail' AND kind <> 'quarantined' ORDER BY unexpected DESC, rule"""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A column in which rows of the same key differ: how many, and examples (key, refused, repaired); none of it personal."""

    column: Column
    rows: int
    examples: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Twins:
    """A refused batch and the later one of its period that stands; `failed` are the rules that refused it."""

    contract: Contract
    refused: dict[str, Any]
    repaired: dict[str, Any]
    failed: tuple[dict[str, Any], ...]
    differences: tuple[Difference, ...]


def twins_of(settings: Settings, con: Connection, batches: list[dict[str, Any]]) -> list[Twins]:
    """Return every refused batch whose period a later one filled, in the order of refusal."""
    found = []
    for refused in (row for row in batches if row["verdict"] == "refused"):
        for repaired in batches:
            same = all(repaired[name] == refused[name] for name in ("dataset", "period"))
            if same and repaired["state"] == "standing":
                found.append(_twins(settings, con, refused, repaired))
    return found


def _twins(settings: Settings, con: Connection, refused: dict[str, Any], repaired: dict[str, Any]) -> Twins:
    contract = find_contract(settings, refused["dataset"])
    cursor = con.execute(_FAILED, [refused["batch"]])
    names = [str(entry[0]) for entry in cursor.description]
    failed = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    telling = {str(result["rule"]).partition(".")[0] for result in failed}
    differences = _differences(settings, con, contract, refused["sha256"], repaired["sha256"])
    ordered = sorted(differences, key=lambda difference: difference.column.name not in telling)
    return Twins(contract, refused, repaired, failed, tuple(ordered))


def _differences(settings: Settings, con: Connection, contract: Contract, old: str, new: str) -> list[Difference]:
    for name, sha256 in (("refused", old), ("repaired", new)):
        _load(con, contract, name, settings, sha256)
    key = " AND ".join(f"o.{quoted(name)} = n.{quoted(name)}" for name in contract.key)
    shown = " || ' · ' || ".join(f"o.{quoted(name)}" for name in contract.key)
    found = []
    for column in contract.columns if key else ():
        if column.personal or column.name in contract.key:
            continue
        differ = f"o.{quoted(column.name)} IS DISTINCT FROM n.{quoted(column.name)}"
        rows = con.execute(
            f"""SELECT {shown}, coalesce(o.{quoted(column.name)}, ''), coalesce(n.{quoted(column.name)}, ''), count(*) OVER ()
FROM temp.refused o JOIN temp.repaired n ON {key} WHERE {differ} ORDER BY ALL LIMIT {_EXAMPLES}"""
        ).fetchall()
        if rows:
            shown_as = scrubbed if contract.is_personal else str  # a phone may have strayed into any column
            examples = tuple((shown_as(a), shown_as(b), shown_as(c)) for a, b, c, _ in rows)
            found.append(Difference(column, int(rows[0][3]), examples))
    con.execute("DROP TABLE temp.refused; DROP TABLE temp.repaired")
    return found


def _load(con: Connection, contract: Contract, name: str, settings: Settings, sha256: str) -> None:
    """Read a landed delivery as text into a temporary table, total rows and personal columns left out."""
    reading = open_reading(con, contract, open_landed(settings.landing, contract.table, sha256, contract))
    try:
        sources = map_headings(contract, reading.headings).sources
        shown = [column.name for column in contract.columns if not column.personal]
        cells = [
            f"CAST({quoted(sources[c])} AS VARCHAR) AS {quoted(c)}" if c in sources else f"NULL AS {quoted(c)}"
            for c in shown
        ]
        control, total = contract.ingest.control, ""
        if control.total_column:
            markers = ", ".join(literal(marker) for marker in control.total_markers)
            total = f"WHERE {quoted(sources[control.total_column])} NOT IN ({markers})"
        con.execute(f"CREATE TEMP TABLE {name} AS SELECT {', '.join(cells)} FROM {reading.relation} {total}")
    finally:
        reading.close()
