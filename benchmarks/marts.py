"""The marts on a generated lake: made whole, the same SELECTs by hand, and made on after one more delivery.

MARTS=1 make bench ROWS=10000000
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.deliveries import ROOT
from benchmarks.marts_lake import KINDS, deliver, sizes
from benchmarks.measuring import Measured, apart, clocked
from benchmarks.ours import STREETS
from pipelines.contracts.catalog import find_contract
from pipelines.contracts.model_order import Made
from pipelines.contracts.model_sql import parsed
from pipelines.contracts.models import city_models
from pipelines.derive.model_query import bound
from pipelines.lake.create import open_for_writing
from pipelines.lake.pack import create_pack
from pipelines.names import quoted
from pipelines.settings import Settings, settings
from pipelines.steps import ingest as taking_in
from pipelines.steps.record import Request
from pipelines.steps.transform.outcome import ModelOutcome
from pipelines.steps.transform.run import transform

FULL, HAND = "**ours**: every mart made whole", "the same SELECTs by hand"
MORE, DAY = "**ours**: after one more delivery", "**ours**: after one new day"
PARTLY = ("dws.hotline_daily", "dws.card_trips_hourly")


def compare(rows: int, work: Path, say: Callable[[str], None]) -> dict[str, Measured]:
    """Return what each way took; a new process each, on one lake with `rows` orders, as many trips, half as many readings."""
    home = str(work / "marts")
    found = {}
    say(f"the marts: a lake with {rows:,} orders")
    laid = apart("benchmarks.marts.lay", home, rows)
    say(f"laid in {laid.seconds:.1f} s")
    for title, function in ((FULL, "whole"), (HAND, "by_hand"), (MORE, "after_more"), (DAY, "after_a_day")):
        found[title] = apart(f"benchmarks.marts.{function}", home, rows)
        one = found[title]
        say(f"{title.replace('*', '')}: {one.seconds:.2f} s, {one.cpu:.2f} CPU-s, {one.peak_mb:,.0f} MB")
    return found


def lay(home: str, rows: int) -> Measured:
    """Make the lake: all batches of each dataset but the last one of those whose marts are continued."""
    here = _here(home)
    with clocked() as found:
        con = taking_in.writer(here)
        taking_in.ingest_file(con, here, find_contract(here, "subdistricts"), STREETS, Request())
        for name, kind in KINDS.items():
            deliver(con, here, name, range(kind.batches - (name in _continued())), sizes(rows))
        con.close()
    return found


def whole(home: str, rows: int) -> Measured:
    """`transform --full` of every domain."""
    here = _here(home)
    _warm()
    with clocked() as found:
        outcomes = transform(here, full=True)
    return _told(found, (one for domain in outcomes for one in domain.models))


def by_hand(home: str, rows: int) -> Measured:
    """The same SELECTs over the same tables, each written to a table of its own in the same lake and nothing else."""
    here = _here(home)
    made = {}
    with clocked() as found:
        con = open_for_writing(here)
        create_pack(con, here)
        con.execute("CREATE SCHEMA city.hand")
        for one in _marts(here):
            with clocked() as took:
                con.execute(f"CREATE TABLE city.hand.{quoted(one.contract.table)} AS {bound(one.model.sql)}")
            made[one.name] = took.cpu
        con.execute("DROP SCHEMA city.hand CASCADE")
        con.close()
    found.parts = made
    return found


def after_more(home: str, rows: int) -> Measured:
    """What a further delivery costs, a month of orders and a day of trips: two marts go on by the day."""
    return _after(home, rows, {name: KINDS[name].batches - 1 for name in _continued()}, one_day=False)


def after_a_day(home: str, rows: int) -> Measured:
    """What one new day costs: its trips, and its orders as the first file of a new month has them."""
    return _after(home, rows, {name: KINDS[name].batches for name in _continued()}, one_day=True)


def _after(home: str, rows: int, batches: Mapping[str, int], *, one_day: bool) -> Measured:
    here = _here(home)
    con = open_for_writing(here)
    for name, number in batches.items():
        deliver(con, here, name, [number], sizes(rows), one_day=one_day)
    con.close()
    _warm()
    with clocked() as found:
        outcomes = transform(here)
    return _told(found, (one for domain in outcomes for one in domain.models if one.made != "unchanged"))


def _continued() -> tuple[str, ...]:
    return ("hotline_orders", "card_trips")


def _marts(here: Settings) -> Iterable[Made]:
    return city_models(here).made


def _warm() -> None:
    """Importing Great Expectations and the parser of SELECTs is seconds of no mart's."""
    import pipelines.quality.measure
    import pipelines.quality.pages  # noqa: F401

    parsed("SELECT 1 AS one")


def _told(found: Measured, models: Iterable[ModelOutcome]) -> Measured:
    listed = list(models)
    found.parts = {one.model: one.cpu_seconds for one in listed}
    found.notes = [f"{one.model} {one.made}" for one in listed]
    return found


def _here(home: str) -> Settings:
    os.environ |= {"RONGTONG_HOME": home, "RONGTONG_CITY": str(ROOT)}
    return replace(settings(), home=Path(home), catalogue="")


def _share(part: float | None, full: float) -> str:
    return "– | –" if part is None or not full else f"{part:.2f} | {100 * part / full:.0f} %"


def section(found: dict[str, Measured], rows: int, machine: list[str], load: list[float]) -> str:
    """Return the report's section."""
    table = ["| | seconds | × by hand | CPU s | × by hand | peak MB |", "|---|---:|---:|---:|---:|---:|"]
    hand = found[HAND]
    for title, one in found.items():
        ratios = one.seconds / hand.seconds, one.cpu / hand.cpu
        table.append(
            f"| {title} | {one.seconds:.2f} | {ratios[0]:.2f} | {one.cpu:.2f} | {ratios[1]:.2f} | {one.peak_mb:,.0f} |"
        )
    shares = ["| CPU s | whole | one more delivery | share | one new day | share |", "|---|---:|---:|---:|---:|---:|"]
    for name in PARTLY:
        full = found[FULL].parts[name]
        parts = [_share(found[title].parts.get(name), full) for title in (MORE, DAY)]
        shares.append(f"| `{name}` | {full:.2f} | {' | '.join(parts)} |")
    told = (
        f"A lake with {rows:,} hotline orders in 24 months, {rows:,} card trips in 60 days and {sum(sizes(rows).values()) - 2 * rows:,} sensor readings "
        "(heartbeats, air, water levels) and devices. The rows are written straight into `ods` with the ledger's rows of a published batch each, "
        "not ingested; the other datasets, streets apart, stand empty. "
        "Ours is `transform --full`: pack, SELECT, both measures of every rule, page, ledger, commit, "
        "after Great Expectations is imported; by hand is `CREATE TABLE … AS` of the same SELECTs in the same lake, no rule checked. "
        "After one more delivery of orders (a month) and of trips (a day) two marts go on by the day; the others that read them are made whole. "
        "After one new day the same, with a day of trips and the first day of a new month's orders. "
        "One run; where the machine was busy with other work, CPU seconds tell more than seconds. "
        f"Load average {load[0]:.1f} before, {load[1]:.1f} after."
    )
    dear = sorted(found[FULL].parts, key=lambda name: -found[FULL].parts[name])[:8]
    cost = ["| dearest | CPU s | by hand |", "|---|---:|---:|"]
    cost += [f"| `{name}` | {found[FULL].parts[name]:.2f} | {found[HAND].parts[name]:.2f} |" for name in dear]
    parts = [
        "## Marts",
        "\n".join(f"- {line}" for line in machine),
        told,
        "\n".join(table),
        "\n".join(shares),
        "\n".join(cost),
    ]
    return "\n\n".join(parts) + "\n"
