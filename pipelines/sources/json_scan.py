"""JSON Lines through DuckDB's own parallel scan: as fast as it goes, for texts whose every line it takes as we would."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.names import literal, quoted
from pipelines.sources.json_rows import TEXT, tree_of, value_of
from pipelines.sources.landed import Landed
from pipelines.sources.paths import literal_path
from pipelines.sources.quoting import MAX_LINE


def can_be_scanned(landed: Landed) -> bool:
    """Whether nothing that was counted as the text landed makes DuckDB see other lines or other values than we do."""
    counts = landed.counts
    return not (landed.bom or counts.cr or counts.nuls or counts.escaped_nuls or counts.longest > MAX_LINE)


def scan_sql(path: Path, pointers: Mapping[str, str]) -> str:
    """Return the relation of the file's records: one VARCHAR column a heading, values as in `json_rows`.

    What is no JSON object is left out, and so is an object without any of the values: DuckDB cannot tell one from the other;
    and what has within it such an object, since a value in its place would look the same.
    It may misread the line after a broken one, so that the rows are worth something only when there are as many as lines.
    """
    tree = tree_of(pointers.values())
    told = ", ".join(f"{literal(key)}: {literal(_type(held))}" for key, held in tree.items())
    columns = ",\n        ".join(
        f"nullif({value_of(tree, pointer)}, '') AS {quoted(heading)}" for heading, pointer in pointers.items()
    )
    doubtful = "\n        OR ".join(_empty(tree))
    return f"""(
    SELECT
        {columns}
    FROM read_json(
        {literal(literal_path(path))},
        format = 'newline_delimited',
        records = true,
        columns = {{{told}}},
        ignore_errors = true,
        maximum_object_size = {4 * MAX_LINE},
        compression = 'uncompressed',
        hive_partitioning = false
    )
    WHERE NOT (
        {doubtful}
    )
)"""


def _empty(tree: dict[str, Any], outer: str = "") -> Iterator[str]:
    """SQL conditions: the record, or an object in it, has none of its values."""
    inner = {key: f"struct_extract({outer}, {literal(key)})" if outer else quoted(key) for key in tree}
    nothing = " AND ".join(f"{place} IS NULL" for place in inner.values())
    yield f"({outer} IS NOT NULL AND {nothing})" if outer else f"({nothing})"
    for key, place in inner.items():
        if tree[key] != TEXT:
            yield from _empty(tree[key], place)


def _type(held: Any) -> str:
    if held == TEXT:
        return TEXT
    return f"STRUCT({', '.join(f'{quoted(key)} {_type(inner)}' for key, inner in held.items())})"
