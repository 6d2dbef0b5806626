"""Deliveries of mobility.card_trips: a Parquet file a day, written in row groups, so memory does not grow with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from _generator.draws import Integers, choice, hashed, spread, uniform
from _generator.facilities import STATIONS, facility_id
from _generator.tally import Tally

CHUNK = 200_000
_HOURS = (0, 0, 0, 0, 0, 1, 7, 16, 18, 9, 6, 6, 7, 6, 6, 7, 9, 17, 16, 9, 7, 6, 4, 2)
_KINDS = ("普通卡", "学生卡", "敬老卡", "爱心卡")
_BAD_EVERY = 500
_SECOND = np.int64(1_000_000)


@dataclass(frozen=True, slots=True)
class TripDay:
    """One day's trips. `utc`: moments are instants in UTC, not local clock time; `bad`: rows that break rules are in it."""

    day: datetime
    rows: int
    utc: bool = False
    bad: bool = False


def _texts(prefix: str, values: Integers, digits: int) -> pa.StringArray:
    return pa.array([f"{prefix}{value:0{digits}d}" for value in values.tolist()], pa.string())


def _boarded(day: TripDay, rows: Integers) -> Integers:
    """Seconds from midnight, rising."""
    steps = np.cumsum([0.0, *_HOURS])
    share = (rows + uniform(f"trip/{day.day:%Y%m%d}", rows)) / day.rows
    return np.interp(share * steps[-1], steps, np.arange(25) * 3600.0).astype(np.int64)


def _moments(day: TripDay, seconds: Integers) -> pa.TimestampArray:
    midnight = np.int64((day.day - datetime(1970, 1, 1)).total_seconds())
    micros = (midnight + seconds - (8 * 3600 if day.utc else 0)) * _SECOND
    return pa.array(micros, pa.timestamp("us", tz="UTC" if day.utc else None))


def _bad(day: TripDay, rows: Integers, at: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows have the wart of kind `at`, one in 500 each."""
    return (rows % _BAD_EVERY == 100 * at + 20) & day.bad


def _table(day: TripDay, rows: Integers, tally: Tally) -> pa.Table:
    stream = f"trip/{day.day:%Y%m%d}"
    pull = spread("station", STATIONS, 0.3, 2.0)
    entry, leave = (choice(uniform(f"{stream}/{n}", rows), pull) for n in ("in", "out"))
    card = (hashed("card", (uniform(f"{stream}/card", rows) * 90_000).astype(np.int64)) % np.uint64(10**10)).astype(
        np.int64
    )
    boarded = _boarded(day, rows)
    taken = 240 + 150 * np.abs(entry - leave) + (uniform(f"{stream}/pace", rows) * 400).astype(np.int64)
    kind = choice(uniform("kind", card), (78, 12, 8, 2))
    fare = np.where(kind == 2, 0, 200 + 50 * (np.abs(entry - leave) // 4)) // np.where(kind == 1, 2, 1)
    reversed_, unknown, short = (_bad(day, rows, at) for at in range(3))
    for mask, rule in (
        (reversed_, "row.alighted_after_boarded"),
        (unknown, "entry_station_id.reference"),
        (short, "card_no.pattern"),
    ):
        if mask.any():
            tally.count_broken(rule, int(mask.sum()))
    stations = pa.array([facility_id(number) for number in range(STATIONS)])
    cards = _texts("3610", card, 12)
    return pa.table({
        "trip_id": _texts(f"{day.day:%Y%m%d}", rows, 9),
        "card_no": pc.if_else(pa.array(short), pc.utf8_slice_codeunits(cards, 0, 11), cards),
        "card_kind": pa.array(_KINDS).take(pa.array(kind)),
        "entry_station_id": pc.if_else(pa.array(unknown), "XMF99999", stations.take(pa.array(entry))),
        "exit_station_id": stations.take(pa.array(leave)),
        "boarded_at": _moments(day, boarded),
        "alighted_at": _moments(day, np.where(reversed_, boarded - 60, boarded + taken)),
        "fare_yuan": pa.array(fare / 100.0),
    })  # fmt: skip


def _tables(day: TripDay, tally: Tally) -> Iterator[pa.Table]:
    for start in range(0, day.rows, CHUNK):
        rows = np.arange(start, min(start + CHUNK, day.rows), dtype=np.int64)
        tally.delivered += len(rows)
        yield _table(day, rows, tally)


def write_trips(path: Path, day: TripDay) -> Tally:
    """Write a day's delivery and return what it holds."""
    tally = Tally()
    tables = _tables(day, tally)
    first = next(tables)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    return tally
