"""When and of what the tables that models make were made last, and the snapshots that show them as they were then."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.lake.connection import Connection

# Which snapshot shows what each transform made. A transform is one transaction; its commit names it. A snapshot that has expired is not among these.
SHOWN = (
    "SELECT commit_extra_info->>'transform' AS transform_id, max(snapshot_id) AS snapshot_id"
    " FROM city.snapshots() WHERE commit_extra_info->>'transform' IS NOT NULL GROUP BY ALL"
)
# The snapshots at which the tables that stand now were made: a published number can be explained as long as it stands.
SNAPSHOTS_OF_STANDING_TABLES = f"SELECT snapshot_id FROM ({SHOWN}) SEMI JOIN city.quality.models USING (transform_id)"


@dataclass(frozen=True, slots=True)
class Making:
    """The last published making of a model: its transform, the snapshot that shows it (None: expired), and what it read."""

    transform: str
    snapshot: int | None
    made: str
    rows: int
    started_at: datetime
    finished_at: datetime
    digest: str
    inputs: dict[str, Any]


def last_making(con: Connection, name: str) -> Making | None:
    """Return the last published making of a model, None when it was never made."""
    row = con.execute(
        f"""SELECT m.transform_id, s.snapshot_id, m.made, m."rows", m.started_at, m.finished_at, m.digest, m.inputs
FROM city.quality.models m LEFT JOIN ({SHOWN}) s USING (transform_id) WHERE m.model = ?""",
        [name],
    ).fetchone()
    if row is None:
        return None
    transform, snapshot, made, rows, started_at, finished_at, digest, inputs = row
    return Making(transform, snapshot, made, rows, started_at, finished_at, digest, json.loads(inputs))
