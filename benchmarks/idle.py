"""What a city costs in which nothing happens: the watcher's pass over idle inboxes, and loading the plans of all DAGs."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.deliveries import ROOT
from benchmarks.measuring import Measured, clocked

WATCHED, PLANNED = 200, 1_000
SEEN_FILES = 12  # a year of monthly deliveries, all published long ago
_SAMPLE = "hotline_orders"


@dataclass(frozen=True, slots=True)
class City:
    """A city with many contracts, and its lake."""

    root: Path
    home: Path

    def enter(self) -> None:
        """Make this process work in it."""
        os.environ |= {"RONGTONG_CITY": str(self.root), "RONGTONG_HOME": str(self.home)}
        os.environ |= {"AIRFLOW_HOME": str(self.home / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}


def make_city(folder: Path, contracts: int) -> City:
    """Return a copy of the sample city, its hotline contract copied under other names until there are so many contracts."""
    city = City(folder / "city", folder / "lake")
    shutil.copytree(ROOT / "schemas", city.root / "schemas")
    schemas = city.root / "schemas"
    sample = schemas / "governance" / f"{_SAMPLE}.odcs.yaml"
    for number in range(contracts - len(list(schemas.glob("*/*.odcs.yaml")))):
        name = f"{_SAMPLE}_{number:03d}"
        copied = sample.read_text(encoding="utf-8").replace(_SAMPLE, name)
        sample.with_name(f"{name}.odcs.yaml").write_text(copied, encoding="utf-8")
    return city


def load_plans(city: City) -> Measured:
    """Measure `plans`, with its imports; a process that comes after another finds them compiled."""
    city.enter()
    with clocked() as found:
        from pipelines.contracts.plans import plans
        from pipelines.settings import settings

        loaded = plans(settings())
    broken = [problem for plan in loaded for problem in plan.problems]
    found.notes = [f"{len(loaded)} plans", *broken[:3]]
    return found


def parse_dags(city: City) -> Measured:
    """Measure what the file of DAGs does when Airflow parses it: read the plans, make a DAG of each. Airflow is imported before."""
    city.enter()
    import airflow.sdk  # noqa: F401

    from pipelines.orchestrate.ingest import ingest_dags

    with clocked() as found:
        dags = list(ingest_dags())
    found.notes = [f"{len(dags)} DAGs"]
    return found


def watch(city: City) -> Measured:
    """Measure one pass of the watcher as a task does it, imports of the pass included (Airflow's own are not)."""
    city.enter()
    from pipelines.orchestrate.lake import runs_for_broken, runs_for_deliveries
    from pipelines.settings import settings

    here = settings()
    with clocked() as found:
        wanted = [*runs_for_deliveries(here), *runs_for_broken(here)]
    with clocked() as again:
        runs_for_deliveries(here), runs_for_broken(here)
    found.parts = {"again": again.seconds, "again_cpu": again.cpu}
    found.notes = [f"{len(wanted)} runs wanted"] if wanted else []
    return found


def fill_inboxes(city: City) -> Measured:
    """Put files into all inboxes that were published long ago, as far as the lake knows."""
    city.enter()
    from pipelines.contracts.catalog import all_contracts
    from pipelines.settings import settings
    from pipelines.sources.inbox import remember
    from pipelines.steps.ingest import seen_file

    here, old = settings(), time.time() - 3600
    with clocked() as found:
        for contract in all_contracts(here)[0]:
            folder = here.inbox / contract.domain / contract.table
            folder.mkdir(parents=True)
            for month in range(1, SEEN_FILES + 1):
                file = folder / f"2025{month:02d}.csv"
                file.touch()
                os.utime(file, (old, old))
                remember(seen_file(here, contract), file)
    return found
