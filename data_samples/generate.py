"""Write the sample city's deliveries, or one month of hotline orders of any size. The same bytes every time.

    python data_samples/generate.py                                   # the committed samples, in place
    python data_samples/generate.py --scale 100 --out DIR             # a hundred times the orders and trips
    python data_samples/generate.py --rows 10000000 --encoding utf-8 --no-personal --out DIR   # one file to measure with

Prints a line of JSON per file: file, rows delivered, valid, quarantined, bytes, seconds.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from _generator.deliveries import MODES, all_deliveries  # noqa: E402
from _generator.edits import bad_rows, mixed_dates  # noqa: E402
from _generator.expected import write_expected  # noqa: E402
from _generator.hotline import HotlineFile, write_hotline  # noqa: E402
from _generator.orders import Month  # noqa: E402
from _generator.planted import write_planted  # noqa: E402
from _generator.tally import Tally  # noqa: E402


def _report(path: Path, tally: Tally, started: float) -> None:
    told = {
        "file": str(path),
        "delivered": tally.delivered,
        "valid": tally.valid,
        "quarantined": tally.quarantined,
        "bytes": path.stat().st_size,
        "seconds": round(time.monotonic() - started, 2),
    }
    print(json.dumps(told, ensure_ascii=False), flush=True)


def write_samples(out: Path, scale: int = 1, dataset: str = "") -> None:
    """Write every delivery (of one dataset) below `out`, deliveries.yaml with what must come of them, and planted.yaml."""
    made = []
    for delivery in all_deliveries(scale):
        if dataset in ("", delivery.dataset):
            path, started = out / delivery.file, time.monotonic()
            path.parent.mkdir(parents=True, exist_ok=True)
            made.append((delivery, delivery.write(path)))
            _report(path, made[-1][1], started)
    write_expected(out / "deliveries.yaml", made)
    if scale == 1:  # what is planted among more rows is not counted
        write_planted(out / "planted.yaml")


def write_month(
    path: Path, rows: int, *, period: str = "2026-01", bad_share: float = 0.005, encoding: str = "gb18030",
    personal: bool = True, total_row: bool = True, mix_dates: bool = False,
) -> Tally:  # fmt: skip
    """Write one month of orders with a stated share of bad rows and return what it holds."""
    year, month = (int(part) for part in period.split("-"))
    changes = (*bad_rows(bad_share, personal), *(mixed_dates() if mix_dates else ()))
    path.parent.mkdir(parents=True, exist_ok=True)
    file = HotlineFile(Month(year, month, rows, personal), changes, encoding=encoding, total_row=total_row)
    return write_hotline(path, file)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this file)")
    parser.add_argument("--dataset", choices=sorted(MODES), default="", help="only this dataset")
    parser.add_argument("--scale", type=int, default=1, help="multiply orders and card trips of every sample")
    one = parser.add_argument_group("one month of orders instead of the samples")
    one.add_argument("--rows", type=int, help="rows of that month")
    one.add_argument("--period", default="2026-01", help="which month (default 2026-01)")
    one.add_argument("--bad-share", type=float, default=0.005, help="share of rows that break a rule (default 0.005)")
    one.add_argument("--encoding", choices=["utf-8", "gb18030"], default="gb18030")
    one.add_argument("--no-personal", action="store_true", help="leave out content, caller's name and number")
    one.add_argument("--no-total", action="store_true", help="no total row at the end")
    one.add_argument("--mixed-dates", action="store_true", help="three rows in ten with another form of date (slower)")
    args = parser.parse_args()
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", args.period):
        parser.error(f"--period {args.period}: a month like 2026-01 is expected")
    if args.scale < 1 or (args.rows is not None and args.rows < 1):
        parser.error("--scale and --rows are whole numbers of at least 1")
    if not 0 <= args.bad_share <= 0.25:
        parser.error(f"--bad-share {args.bad_share}: 0 to 0.25 is expected")
    return args


def main() -> None:
    """Write what the command line asks for."""
    args = _arguments()
    if args.rows is None:
        write_samples(args.out, args.scale, args.dataset)
        return
    path, started = args.out / f"hotline_{args.period.replace('-', '')}.csv", time.monotonic()
    tally = write_month(
        path, args.rows, period=args.period, bad_share=args.bad_share, encoding=args.encoding,
        personal=not args.no_personal, total_row=not args.no_total, mix_dates=args.mixed_dates,
    )  # fmt: skip
    _report(path, tally, started)


if __name__ == "__main__":
    main()
