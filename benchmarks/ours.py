"""Ours, end to end, in a warm process: what a task does for one delivery, with the parts it consists of."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.deliveries import ROOT
from benchmarks.floor import THREADS
from benchmarks.measuring import Measured, clocked, peak_mb
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model import Column, Contract
from pipelines.settings import settings
from pipelines.sources.landing import land
from pipelines.steps import ingest as taking_in
from pipelines.steps.outcome import Outcome
from pipelines.steps.record import Request

STREETS = ROOT / "data_samples" / "base" / "subdistricts" / "subdistricts_2026.geojson"
PARTS = ("land", "write", "keys", "count", "gx", "report", "rest")


def publish(file: Path, warm: Path, home: Path, form: str, masked: tuple[str, ...] = ()) -> Measured:
    """Measure one delivery of hotline orders, published into a lake that has the streets and a small month already."""
    os.environ |= {"RONGTONG_HOME": str(home), "RONGTONG_CITY": str(ROOT), "RONGTONG_THREADS": str(THREADS)}
    here = settings()
    contract = contract_for(find_contract(here, "hotline_orders"), form, masked)
    con = taking_in.writer(here)
    taking_in.ingest_file(con, here, find_contract(here, "subdistricts"), STREETS, Request())
    taking_in.ingest_file(con, here, contract, warm, Request())
    before = peak_mb()
    with landing_clocked() as landing, clocked() as found:
        outcome = taking_in.ingest_file(con, here, contract, file, Request())
    con.close()
    found.parts = parts_of(outcome, found.seconds, landing[0])
    found.notes = [f"{before:.0f} MB of the peak are libraries and the warm-up", _told(outcome)]
    return found


def contract_for(contract: Contract, form: str, masked: tuple[str, ...]) -> Contract:
    """Return the contract as it fits a form of the file: only `masked` personal columns are pseudonymised or scrubbed."""
    columns = [_unmasked(c, masked) for c in contract.columns if form == "personal" or not c.personal]
    encoding = "gb18030" if form == "gb18030" else "utf-8"
    return replace(contract, columns=tuple(columns), ingest=replace(contract.ingest, encoding=encoding))


def _unmasked(column: Column, masked: tuple[str, ...]) -> Column:
    return column if column.name in masked else replace(column, mask="")


@contextmanager
def landing_clocked() -> Iterator[list[float]]:
    """Give the seconds of each landing done inside the block."""
    seconds: list[float] = []

    def clocked_land(*arguments: Any) -> Any:
        started = time.perf_counter()
        landed = land(*arguments)
        seconds.append(time.perf_counter() - started)
        return landed

    with patch.object(taking_in, "land", clocked_land):
        yield seconds


def parts_of(outcome: Outcome, total: float, landing: float) -> dict[str, float]:
    """Return the seconds of each part; what no part claims is the rest: ledger, commit, locks."""
    parts = {"land": landing, **outcome.seconds}
    parts["rest"] = total - sum(parts.values())
    return parts


def _told(outcome: Outcome) -> str:
    told = f"{outcome.verdict}: {outcome.delivered:,} delivered, {outcome.valid:,} valid, {outcome.quarantined:,} quarantined"
    return "; ".join([told, *outcome.notes])
