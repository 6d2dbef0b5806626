"""What the standards cost: a million rows through each function against a bare scan of the same columns.

python -m benchmarks.standards [ROWS]
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.lake.connection import Connection, bare_connection
from pipelines.settings import settings

_TABLE = """
CREATE TABLE given AS SELECT '91' || lpad(CAST(hash(r) % 1000000 AS VARCHAR), 6, '3') || upper(left(md5(CAST(r AS VARCHAR)), 10)) AS code,
  '350203' || strftime(DATE '1950-01-01' + CAST(r % 20000 AS INTEGER), '%Y%m%d') || lpad(CAST(r % 10000 AS VARCHAR), 4, '0') AS number,
  '350203' || lpad(CAST(r % 1000000 AS VARCHAR), 6, '0') AS place, 117.8 + r % 700 / 1000 AS lon, 24.4 + r % 500 / 1000 AS lat,
  hash(r) % 6000 / 10 AS value, ['pm25_24h', 'pm10_24h', 'co_24h', 'o3_8h'][r % 4 + 1] AS item,
  DATE '2026-01-01' + CAST(r % 120 AS INTEGER) AS day FROM range(?) AS t(r)
"""
_DAY = "pm25_24h := value, pm10_24h := value, so2_24h := 8, no2_24h := 20, co_24h := 0.6, o3_8h := 90, o3_1h := 90"
ASKED = (
    "hash(code, number, place, lon, lat, value, item, day)", "is_uscc(code)", "is_citizen_id(number)", "division_level(place)",
    "wgs84_to_gcj02(lon, lat)", "gcj02_to_wgs84(lon, lat)", "bd09_to_wgs84(lon, lat)", "iaqi(item, value, day)",
    f"aqi(day, {_DAY})", "add_working_days(day, 10)", "working_days_between(day, DATE '2026-06-30')",
)  # fmt: skip


def seconds(con: Connection, expression: str) -> float:
    """The better of two processor times of one pass."""
    times = []
    for _ in range(2):
        start = time.process_time()
        con.execute(f"SELECT max(hash({expression})) FROM given").fetchall()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print one line for each function."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory(prefix="rongtong-bench-") as home:
        con = bare_connection(replace(settings(), home=Path(home)))
        con.execute(_TABLE, [rows])
        for expression in ASKED:
            print(f"{seconds(con, expression):7.2f} s  {expression.partition(' pm25')[0]}")
        con.close()


if __name__ == "__main__":
    main()
