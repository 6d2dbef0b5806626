"""Where a quarantined row stands in the delivered file: computed when somebody asks, never on the hot path.

The landed bytes are read once more through the exact record reader, which knows lines, by the very SQL that read them;
rows are found again by their stored values and what is wrong with them (identical rows share their lines in order).
"""

from dataclasses import dataclass

from pipelines.contracts.model import Contract
from pipelines.derive.mapping import Mapping, map_headings
from pipelines.derive.reading import read_sql, stored_columns
from pipelines.derive.rules import Rule, Surroundings, row_rules
from pipelines.derive.tables import ods_table
from pipelines.derive.types import is_geometry
from pipelines.lake.connection import Connection
from pipelines.names import literal, quoted
from pipelines.sources.landed import Landed
from pipelines.sources.reading import open_reading, sheet_of
from pipelines.wording import kind_text, told

EXAMPLES_PER_RULE = 3
_EXAMPLE_LIMIT = 12
LINES_TO_SEARCH = 3_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """One broken rule of one row: `line` is the physical line in the delivered file, or the row of its `sheet` as a
    person sees it there; None where it has none."""

    lake_row: int
    line: int | None
    column: str
    rule: str
    raw: str | None
    sheet: str = ""


def places(
    con: Connection,
    contract: Contract,
    around: Surroundings | None,
    landed: Landed | None,
    batch: str,
    *,
    limit: int | None = None,
) -> list[Place]:
    """Return every broken rule of the batch's quarantined rows, in the order of the file, with its line.

    `contract` and `around` are those the batch was read under. Without the landed bytes there are no lines.
    """
    rules = row_rules(contract, around) if around else ()
    identity = identity_of(contract, rules)
    _collect_bad_rows(con, contract, identity, batch, limit)
    missing = con.execute("SELECT count(*) FROM temp.bad_rows WHERE line IS NULL").fetchone()
    if missing and missing[0] and around and landed:
        read_lines(con, contract, around, landed, wanted="temp.bad_rows")
        con.execute(
            "UPDATE temp.bad_rows AS b SET line = f.line FROM temp.found_lines f WHERE b.line IS NULL AND f.identity = b.identity AND f.nth = b.nth"
        )
        con.execute("DROP TABLE temp.found_lines")
    found = con.execute(
        'SELECT lake_row, line, v."column", v."rule", v.raw FROM (SELECT lake_row, line, unnest(violations) AS v FROM temp.bad_rows) '
        "ORDER BY line NULLS LAST, lake_row"
    ).fetchall()
    con.execute("DROP TABLE temp.bad_rows")
    sheet = sheet_of(contract, landed) if found and landed else ""
    return [Place(lake_row, line, column, rule, raw, sheet) for lake_row, line, column, rule, raw in found]


def identity_of(contract: Contract, rules: tuple[Rule, ...]) -> str:
    """SQL: what a row is found again by: its stored values and the rules its own values break (others depend on more than it)."""
    stored = [quoted(column.name) for column in stored_columns(contract) if not is_geometry(column)]
    own = ", ".join(literal(rule.id) for rule in rules if rule.breach and rule.kind != "reference")
    broken = f"""list_transform(list_filter(_violations, lambda _v: _v."rule" IN ({own or "''"})), lambda _v: _v."rule" || coalesce(_v.raw, ''))"""
    return f"hash({', '.join(stored)}, coalesce({broken}, []))"


def _collect_bad_rows(con: Connection, contract: Contract, identity: str, batch: str, limit: int | None) -> None:
    capped = ""
    if limit is not None:  # the first rows of every rule, so that each reason has its examples
        capped = (
            f'QUALIFY row_number() OVER (PARTITION BY _violations[1]."rule" ORDER BY _line, _record, rowid) <= {limit}'
        )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE bad_rows AS
SELECT rowid AS lake_row, _line AS line, _violations AS violations, {identity} AS identity,
    row_number() OVER (PARTITION BY {identity} ORDER BY rowid) AS nth
FROM {ods_table(contract)} WHERE _batch = {literal(batch)} AND _violations IS NOT NULL {capped}"""
    )


def read_lines(
    con: Connection,
    contract: Contract,
    around: Surroundings,
    landed: Landed,
    *,
    wanted: str,
    numbered: bool = False,
) -> None:
    """Read a delivery once more into temp.found_lines (identity, nth, line, record): its rows whose identity is in `wanted`.

    `numbered`: with each row's place in the order of the file, for which a format without lines is read too.
    """
    rules = row_rules(contract, around)
    identity = identity_of(contract, rules)
    reading = open_reading(con, contract, landed).exactly()
    con.execute("CREATE OR REPLACE TEMP TABLE found_lines (identity UBIGINT, line BIGINT, record BIGINT, nth BIGINT)")
    if not reading.exact and not numbered:  # a format without lines (Parquet)
        return
    mapping: Mapping = map_headings(contract, reading.headings)
    select = read_sql(
        contract,
        mapping,
        rules,
        around,
        relation=reading.relation,
        types=reading.types,
        batch="",
        exact=reading.exact,
        numbered=numbered,
    )
    con.execute(
        f"""INSERT INTO temp.found_lines
SELECT identity, line, record, row_number() OVER (PARTITION BY identity ORDER BY line, record) AS nth FROM (
    SELECT {identity} AS identity, _line AS line, _record AS record FROM ({select})
) WHERE identity IN (SELECT identity FROM {wanted})"""
    )
    reading.close()


def examples_of(
    con: Connection, contract: Contract, around: Surroundings, landed: Landed, batch: str
) -> tuple[str, ...]:
    """Return a few sentences that name line, column and reason of broken rows (no value of a personal column)."""
    if landed.counts.lines > LINES_TO_SEARCH:
        return ()
    found = places(con, contract, around, landed, batch, limit=EXAMPLES_PER_RULE)
    return tuple(_sentence(contract, place) for place in found[:_EXAMPLE_LIMIT])


def _sentence(contract: Contract, place: Place) -> str:
    line = f"{place.line}" if place.line is not None else "?"
    line = f"{place.sheet}!{line}" if place.sheet and not contract.is_personal else line
    kind = place.rule.rpartition(".")[2]
    name = place.rule
    if place.column:
        name = contract.column(place.column).title or place.column
    try:
        broken = kind_text(kind)
    except KeyError:
        broken = kind_text("row")
    value = repr(place.raw) if place.raw is not None and place.column else ""
    return told(f"{line}: {name} {broken}", value)
