"""Ours against DuckDB's own scan-and-write and against other tools, in one run on the same generated files.

make bench · ROWS=10000000 make bench · FLAT=1 PEERS=0 make bench · MIRROR=1 make bench · MARTS=1 make bench
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import marts, mirror
from benchmarks.deliveries import ROOT
from benchmarks.formats import compare
from benchmarks.machine import described, load
from benchmarks.report import write, write_formats, write_marts, write_mirror
from benchmarks.running import TIMES, Asked, run, say


def main() -> None:
    """Measure, write the report, print the ratio as the last line."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    env = os.environ
    parser.add_argument("--rows", type=int, default=int(env.get("ROWS", "1000000")), help="rows of the month (ROWS)")
    parser.add_argument("--times", type=int, default=0, help="rounds (default: 3 below ten million rows, else 1)")
    parser.add_argument("--no-peers", action="store_true", default=env.get("PEERS") == "0", help="ours only (PEERS=0)")
    parser.add_argument(
        "--flat", action="store_true", default=env.get("FLAT") == "1", help="also 5 × the rows (FLAT=1)"
    )
    parser.add_argument(
        "--standing", action="store_true", default=env.get("STANDING") == "1", help="also an idle Airflow (STANDING=1)"
    )
    parser.add_argument("--formats", action="store_true", default=env.get("FORMATS") == "1", help="the formats alone")
    parser.add_argument(
        "--mirror", action="store_true", default=env.get("MIRROR") == "1", help="the mirror for BI alone (MIRROR=1)"
    )
    parser.add_argument(
        "--marts", action="store_true", default=env.get("MARTS") == "1", help="the marts alone (MARTS=1)"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md", help="where the report goes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rongtong-bench-") as work:
        before = load()
        if args.mirror:
            mirrored = mirror.compare(args.rows, args.times or TIMES, Path(work), say)
            write_mirror(mirror.section(mirrored, args.rows, described(), [before, load()]), args.out)
            return
        if args.marts:
            made = marts.compare(args.rows, Path(work), say)
            write_marts(marts.section(made, args.rows, described(), [before, load()]), args.out)
            return
        formats = compare(args.rows, args.times or TIMES, Path(work), say)
        write_formats(formats, [before, load()], args.out)
        if args.formats:
            return
        found = run(Asked(args.rows, not args.no_peers, args.flat, args.standing, args.times), Path(work))
    print(write(found, args.out))


if __name__ == "__main__":
    main()
