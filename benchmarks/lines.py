"""The lines of the benchmark: what is measured on which form of the file, once."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.deliveries import Delivery
from benchmarks.measuring import Measured, apart
from benchmarks.peers.running import run_peer
from benchmarks.settled import settle

Measure = Callable[[Delivery, Path], Measured]
SETTLED_BYTES = 64 << 20  # what less writes is not worth the seconds of settling


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to measure: `beside` names the line it is compared with, '' for the floor."""

    name: str
    title: str
    form: str
    measure: Measure
    beside: str = ""

    def once(self, delivery: Delivery, work: Path) -> Measured:
        """Return one measurement, done in a folder of its own that is gone afterwards; of a large file, on a settled machine."""
        folder = work / "run"
        folder.mkdir()
        try:
            if delivery.size >= SETTLED_BYTES:
                settle(work, delivery.file)
            return self.measure(delivery, folder / "home")
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _floor(delivery: Delivery, home: Path) -> Measured:
    return apart("benchmarks.floor.scan_and_write", delivery.file, delivery.warm, home)


def _ours(form: str, *masked: str) -> Measure:
    return lambda delivery, home: apart(
        "benchmarks.ours.publish", delivery.file, delivery.warm, home, form, masked, forked=True
    )


def _peer(script: str) -> Measure:
    return lambda delivery, home: run_peer(script, delivery.file, delivery.warm, home)


FLOOR = Line("floor", "DuckDB's own scan and write into DuckLake: the floor", "plain", _floor)
OURS = Line("ours", "ours, end to end", "plain", _ours("plain"))
FURTHER = (
    Line("gb18030", "the same file in GB18030", "gb18030", _ours("gb18030"), "ours"),
    Line("clear", "with three personal columns, kept as they are", "personal", _ours("personal"), "ours"),
    Line("caller_name", "… `caller_name` as HMAC", "personal", _ours("personal", "caller_name"), "clear"),
    Line("caller_phone", "… `caller_phone` as HMAC", "personal", _ours("personal", "caller_phone"), "clear"),
    Line("content", "… `content` scrubbed", "personal", _ours("personal", "content"), "clear"),
)
PEERS = (
    Line("dlt", "dlt, DuckDB reader to DuckDB", "plain", _peer("dlt_reader")),
    Line("pandas", "pandas + Great Expectations to Parquet", "plain", _peer("pandas_gx")),
)
