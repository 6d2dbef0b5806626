"""Points into subdistricts: DuckDB's spatial join, the same behind a grid of cells decided once, and the way back from GCJ-02.

python -m benchmarks.points [POINTS]
"""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.lake.connection import Connection, bare_connection
from pipelines.settings import settings

BORDERS = Path(__file__).parents[1] / "data_samples/base/subdistricts/subdistricts_2026.geojson"
CELLS = 512

_JOIN = "SELECT count(*) FROM points p JOIN borders b ON ST_Intersects(b.shape, ST_Point(p.lon, p.lat))"
# A cell inside one border needs no test of its points: only those of cells on a border are joined.
_GRID = f"""
CREATE TABLE grid AS
WITH cells AS (
    SELECT x, y, ST_MakeEnvelope(f.x0 + x * f.dx, f.y0 + y * f.dy, f.x0 + (x + 1) * f.dx, f.y0 + (y + 1) * f.dy) AS cell
    FROM frame f, range({CELLS}) AS a(x), range({CELLS}) AS b(y)
)
SELECT x, y, min(b.code) AS code, count(*) = 1 AND bool_and(ST_Contains(b.shape, c.cell)) AS is_whole
FROM cells c JOIN borders b ON ST_Intersects(b.shape, c.cell) GROUP BY x, y
"""
_BEHIND_GRID = f"""
WITH placed AS (
    SELECT lon, lat, least(floor((lon - f.x0) / f.dx), {CELLS - 1})::BIGINT AS x, least(floor((lat - f.y0) / f.dy), {CELLS - 1})::BIGINT AS y
    FROM points, frame f
), celled AS (SELECT p.lon, p.lat, g.is_whole FROM placed p JOIN grid g USING (x, y))
SELECT (SELECT count(*) FROM celled WHERE is_whole)
    + (SELECT count(*) FROM (SELECT lon, lat FROM celled WHERE NOT is_whole) p JOIN borders b ON ST_Intersects(b.shape, ST_Point(p.lon, p.lat)))
"""
ASKED = (
    ("reading the points", "SELECT sum(lon + lat) FROM points"),
    ("spatial join", _JOIN),
    ("the grid, once", _GRID),
    ("spatial join behind the grid", _BEHIND_GRID),
    ("gcj02_to_wgs84", "SELECT sum(q.lon) FROM (SELECT gcj02_to_wgs84(lon, lat) AS q FROM points)"),
)


def prepare(con: Connection, points: int) -> None:
    """Make the borders of the sample city and that many points, even over the rectangle around them."""
    features = json.loads(BORDERS.read_text(encoding="utf-8"))["features"]
    shapes = [json.dumps(feature["geometry"]) for feature in features]
    con.execute(
        "CREATE TABLE borders AS SELECT row_number() OVER () AS code, ST_GeomFromGeoJSON(s) AS shape FROM (SELECT unnest(?) AS s)",
        [shapes],
    )
    con.execute(
        f"CREATE TABLE frame AS SELECT min(ST_XMin(shape)) AS x0, (max(ST_XMax(shape)) - x0) / {CELLS} AS dx,"
        f" min(ST_YMin(shape)) AS y0, (max(ST_YMax(shape)) - y0) / {CELLS} AS dy FROM borders"
    )
    con.execute(
        f"CREATE TABLE points AS SELECT x0 + {CELLS} * dx * (hash(n) % 1000003 / 1000003) AS lon,"
        f" y0 + {CELLS} * dy * (hash(n + 7) % 1000033 / 1000033) AS lat FROM range(?) AS t(n), frame",
        [points],
    )


def main() -> None:
    """Print for each way the seconds, the processor's seconds, and points a second."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with TemporaryDirectory(prefix="rongtong-bench-") as home:
        con = bare_connection(replace(settings(), home=Path(home)))
        prepare(con, points)
        for name, query in ASKED:
            wall, cpu = time.perf_counter(), sum(os.times()[:2])
            con.execute(query).fetchall()
            wall, cpu = time.perf_counter() - wall, sum(os.times()[:2]) - cpu
            print(
                f"{name:30} {wall:7.2f} s {cpu:7.2f} cpu-s {points / wall / 1e6:8.2f} M points/s {points / cpu / 1e6:8.2f} M/cpu-s"
            )
        con.close()


if __name__ == "__main__":
    main()
