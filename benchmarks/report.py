"""The report: one Markdown section per number of rows, so that a later run replaces its own section and no other."""

import re
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks import idle
from benchmarks.deliveries import BAD_SHARE
from benchmarks.floor import THREADS
from benchmarks.formats import Compared, section
from benchmarks.lines import FLOOR, FURTHER, OURS, PEERS, Line
from benchmarks.machine import described
from benchmarks.measuring import Measured
from benchmarks.running import Run

HEAD = """# Benchmarks

Written by `make bench` (a million rows, some minutes) and `make bench ROWS=10000000`; `FLAT=1` adds five times the rows,
`STANDING=1` an Airflow that stands idle, `PEERS=0` leaves the other tools out. `FORMATS=1` measures the formats alone, `MIRROR=1` the
mirror for BI alone, `MARTS=1` the marts alone. Each run replaces the section of its size and that of the formats, or the one that it was asked for.

The file is a generated month of hotline orders (CSV with 14 columns and a 合计 row). *Ours* is what a task does for a
delivery: land it (copy, sha256, counts), read, type, check every rule, keys, control totals, Great Expectations, its
page, ledger, commit. *The floor* is `CREATE TABLE … AS FROM read_csv(…)` into a DuckLake table with a SQLite catalogue:
types guessed, nothing checked. Every measurement has a new process, warmed up with a small delivery; all run with the
same two threads and the same memory limit (the peers with their own defaults) and find the file in the page cache.
Free memory is filled with cached files before each, as on a machine that has run for a day: to a virtual machine the first
use of a free page costs so much more that landing 1.5 GB took 3 seconds longer in one run and not in the next. The lines
of a delivery are measured so; formats, marts and mirror are not.
The order of the lines turns around from round to round. Seconds are medians; (a–b) are the extremes.
"""
PARTS = {
    "land": "copy, hash and counts",
    "write": "read, type, check, write",
    "keys": "keys and references",
    "count": "counts and control totals",
    "gx": "Great Expectations",
    "report": "its page",
    "rest": "ledger, commit and rest",
}
# The sections that are not of a number of rows come first.
_FORMATS, _MIRROR, _MARTS = -3, -2, -1
_KEYS = {"## Formats": _FORMATS, "## The mirror for BI": _MIRROR, "## Marts": _MARTS}
_FORMS = {"plain": "UTF-8", "gb18030": "GB18030", "personal": "UTF-8 with personal columns"}
_BESIDE = {"ours": "ours", "clear": "kept as they are"}
_TOLD = (OURS.name, *(line.name for line in PEERS))


def write(run: Run, path: Path) -> str:
    """Write the run's section into the report and return the ratio as the last line tells it."""
    _put(path, run.asked.rows, _section(run))
    return _ratio(run)


def write_formats(found: list[Compared], load: list[float], path: Path) -> None:
    """Write the section of the formats into the report."""
    _put(path, _FORMATS, section(found, described(), load))


def write_mirror(text: str, path: Path) -> None:
    """Write the section of the mirror into the report."""
    _put(path, _MIRROR, text)


def write_marts(text: str, path: Path) -> None:
    """Write the section of the marts into the report."""
    _put(path, _MARTS, text)


def _put(path: Path, key: int, text: str) -> None:
    sections = _sections(path) | {key: text}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEAD, *(sections[rows] for rows in sorted(sections))]), encoding="utf-8")


def _sections(path: Path) -> dict[int, str]:
    if not path.exists():
        return {}
    texts = re.split(r"^(?=## )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {_key(text.splitlines()[0]): text.rstrip("\n") + "\n" for text in texts}


def _key(heading: str) -> int:
    return _KEYS[heading] if heading in _KEYS else int(re.sub(r"\D", "", heading))


def _section(run: Run) -> str:
    blocks = [
        f"## {run.asked.rows:,} rows",
        "\n".join(f"- {line}" for line in run.machine),
        _conditions(run),
        _table(run),
        "What else costs, beside the line it adds to:",
        _further(run),
        _notes(run),
        _idle(run),
        f"`{_ratio(run)}`",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _conditions(run: Run) -> str:
    rounds = f"{run.asked.rounds} rounds" if run.asked.rounds > 1 else "One round"
    sizes = ", ".join(f"{_FORMS[form]} {size / 1e6:,.0f} MB" for form, size in run.sizes.items())
    return (
        f"{rounds}, {THREADS} threads, {100 * BAD_SHARE:g} % bad rows. {sizes}. "
        f"Load average of the machine {run.load[0]:.1f} before, {run.load[-1]:.1f} after."
    )


def _ratio(run: Run) -> str:
    return f"ours / floor: {_seconds(run, OURS) / _seconds(run, FLOOR):.2f}"


def _seconds(run: Run, line: Line) -> float:
    return median(one.seconds for one in run.lines[line.name])


def _table(run: Run) -> str:
    rows = ["| | seconds | CPU s | rows/s | × floor | peak MB |", "|---|---:|---:|---:|---:|---:|", _row(run, FLOOR)]
    rows += [_row(run, OURS), *(_part(run, part, title) for part, title in PARTS.items())]
    rows += [_row(run, line) if line.name in run.lines else _absent(run, line) for line in PEERS if run.asked.peers]
    return "\n".join(rows)


def _row(run: Run, line: Line) -> str:
    found = run.lines[line.name]
    seconds = _seconds(run, line)
    cells = [
        line.title,
        _spread(found, lambda one: one.seconds),
        f"{median(one.cpu for one in found):.2f}",
        f"{run.asked.rows / seconds:,.0f}",
        f"{seconds / _seconds(run, FLOOR):.2f}",
        f"{max(one.peak_mb for one in found):,.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _part(run: Run, part: str, title: str) -> str:
    found = [one for one in run.lines[OURS.name] if part in one.parts]
    share = median(one.parts[part] for one in found) / _seconds(run, FLOOR)
    return f"| &emsp;{title} | {_spread(found, lambda one: one.parts[part])} | | | {share:.2f} | |"


def _compared(run: Run) -> str:
    """Sentence about ratios: by CPU seconds too, which other load on the machine disturbs less."""
    cpu = [median(one.cpu for one in run.lines[line.name]) for line in (OURS, FLOOR)]
    peers = [
        f"{line.name} takes {_seconds(run, line) / _seconds(run, OURS):.2f} × as long as ours"
        for line in PEERS
        if line.name in run.lines
    ]
    return f"- {'; '.join([f'By CPU seconds ours / floor is {cpu[0] / cpu[1]:.2f}', *peers])}."


def _absent(run: Run, line: Line) -> str:
    return f"| {line.title} | not measured: {run.absent[line.name]} | | | | |"


def _spread(found: list[Measured], of: Callable[[Measured], float]) -> str:
    values = sorted(of(one) for one in found)
    middle = f"{median(values):.2f}"
    return f"{middle} ({values[0]:.2f}–{values[-1]:.2f})" if len(values) > 1 else middle


def _further(run: Run) -> str:
    rows = [
        "| | seconds | beside | seconds more | CPU s more | × floor | peak MB |",
        "|---|---:|---|---:|---:|---:|---:|",
    ]
    for line in FURTHER:
        found, other = run.lines[line.name], run.lines[line.beside]
        more = median(one.seconds for one in found) - median(one.seconds for one in other)
        cpu = median(one.cpu for one in found) - median(one.cpu for one in other)
        cells = [
            line.title,
            _spread(found, lambda one: one.seconds),
            _BESIDE[line.beside],
            f"{more:+.2f}",
            f"{cpu:+.2f}",
            f"{more / _seconds(run, FLOOR):+.2f}",
            f"{max(one.peak_mb for one in found):,.0f}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _notes(run: Run) -> str:
    notes = [_compared(run)]
    notes += [f"- {name}: {note}." for name in run.lines for note in run.lines[name][-1].notes if name in _TOLD]
    if run.five_times:
        found = run.five_times
        notes.append(
            f"- Five times the rows: {found.seconds:.1f} s, peak {found.peak_mb:,.0f} MB (at {run.asked.rows:,} rows "
            f"{max(one.peak_mb for one in run.lines[OURS.name]):,.0f} MB)."
        )
    return "\n".join(notes)


def _idle(run: Run) -> str:
    cold, warm, parsed, watch = (run.idle[name] for name in ("plans, cold", "plans, warm", "parsed", "watch"))
    told = (
        f"Idle: one pass of the watcher over {idle.WATCHED} contracts, each inbox with {idle.SEEN_FILES} files published "
        f"before, {watch.seconds:.2f} s and {1000 * watch.cpu:,.0f} CPU ms in a new process (imports of the pass "
        f"included; {1000 * watch.parts['again_cpu']:,.0f} CPU ms without). Plans of {idle.PLANNED:,} contracts with their "
        f"imports: {cold.seconds:.2f} s cold, {warm.seconds:.3f} s warm; their DAGs, as Airflow parses them: "
        f"{parsed.seconds:.2f} s, {parsed.cpu:.2f} CPU s."
    )
    if "standing" not in run.idle:
        return told
    many, few = run.idle["standing"], run.idle["standing, few"]
    return told + (
        f"\n\n`rongtong up` with nothing to do, all its processes: {100 * many.cpu / many.seconds:.1f} % of one core with "
        f"{idle.WATCHED} contracts, {100 * few.cpu / few.seconds:.1f} % with the sample city's own, over {many.seconds:.0f} s, "
        f"and in it their share of what parsing all DAGs costs once an hour: {many.parts['parse']:.1f} and {few.parts['parse']:.1f} CPU s."
    )
