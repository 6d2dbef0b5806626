"""A whole run of the benchmark: files, rounds in alternating order, the city in which nothing happens."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import idle, machine
from benchmarks.deliveries import FORMS, Delivery, generate
from benchmarks.lines import FLOOR, FURTHER, OURS, PEERS, Line
from benchmarks.measuring import Measured, apart
from benchmarks.peers.running import PeerUnavailable, install
from pipelines.preload import preload

FEW_ROWS, TIMES = 10_000_000, 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured; `peers`, `flat` and `standing` are extra: other tools, five times the rows, and some
    minutes of an Airflow with nothing to do."""

    rows: int
    peers: bool = True
    flat: bool = False
    standing: bool = False
    times: int = 0

    @property
    def rounds(self) -> int:
        """How often each line is measured: as asked, else three times below ten million rows, else once."""
        return self.times or (TIMES if self.rows < FEW_ROWS else 1)


@dataclass
class Run:
    """Everything a run found; `absent` says why a line is missing, `load` how busy the machine was before and after."""

    asked: Asked
    machine: list[str]
    sizes: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[Measured]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    idle: dict[str, Measured] = field(default_factory=dict)
    five_times: Measured | None = None
    load: list[float] = field(default_factory=list)


def run(asked: Asked, work: Path) -> Run:
    """Return what was measured; files and lakes live below `work` meanwhile."""
    found = Run(asked, machine.described(), load=[machine.load()])
    preload()  # so that each forked process need not import Great Expectations
    say(f"generating {asked.rows:,} rows in {len(FORMS)} forms")
    files = {form: generate(work, asked.rows, form) for form in FORMS}
    found.sizes = {form: delivery.size for form, delivery in files.items()}
    lines = [FLOOR, OURS, *FURTHER, *(_installed_peers(found) if asked.peers else ())]
    for number in range(asked.rounds):
        _round(found, lines if number % 2 == 0 else lines[::-1], files, work)
    if asked.flat:
        _flatness(found, work)
    _idleness(found, work)
    found.load.append(machine.load())
    return found


def _round(found: Run, lines: Sequence[Line], files: dict[str, Delivery], work: Path) -> None:
    for line in lines:
        if line.name in found.absent:
            continue
        try:
            measured = line.once(files[line.form], work)
        except PeerUnavailable as error:
            found.absent[line.name] = str(error)
            continue
        found.lines.setdefault(line.name, []).append(measured)
        say(f"{line.title}: {measured.seconds:.2f} s, {measured.cpu:.2f} CPU s, {measured.peak_mb:,.0f} MB")


def _installed_peers(found: Run) -> Sequence[Line]:
    say("installing the peers, if they are not there")
    try:
        install()
    except PeerUnavailable as error:
        found.absent |= {line.name: str(error) for line in PEERS}
    return PEERS


def _flatness(found: Run, work: Path) -> None:
    delivery = generate(work, 5 * found.asked.rows, OURS.form)
    found.five_times = OURS.once(delivery, work)
    say(f"five times the rows: {found.five_times.seconds:.2f} s, {found.five_times.peak_mb:,.0f} MB")


def _idleness(found: Run, work: Path) -> None:
    say("a city in which nothing happens")
    planned = idle.make_city(work / "planned", idle.PLANNED)
    found.idle["plans, cold"] = apart("benchmarks.idle.load_plans", planned)
    found.idle["plans, warm"] = apart("benchmarks.idle.load_plans", planned)
    found.idle["parsed"] = apart("benchmarks.idle.parse_dags", planned)
    watched = idle.make_city(work / "watched", idle.WATCHED)
    apart("benchmarks.idle.fill_inboxes", watched)
    found.idle["watch"] = apart("benchmarks.idle.watch", watched)
    if found.asked.standing:
        few = idle.make_city(work / "few", 0)
        found.idle["standing"] = apart("benchmarks.standing.stand", watched)
        found.idle["standing, few"] = apart("benchmarks.standing.stand", few)


def say(text: str) -> None:
    """Tell on the terminal how far the run is."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
