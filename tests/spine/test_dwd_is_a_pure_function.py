"""After any sequence of deliveries, corrections, retractions, replays, concessions and kills, `dwd` is what it must be.

Held twice: against plain Python over the rows of `ods` and the ledger (`truth`), and against a model that knows only
what was done to the lake and never looks into it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from pipelines.contracts.model import Contract
from pipelines.errors import UsageError
from pipelines.steps import replay as replay_step
from pipelines.steps import retract as retract_step
from tests.spine import jobs
from tests.spine.city import column, write_code_list
from tests.spine.lake import Lake
from tests.spine.truth import assert_dwd_is_right
from tests.spine.zygote import Killed, Zygote

Row = tuple[str, str, str]
HEAD = "id,n,mark\n"
PERIODS = ("2026-01", "2026-02")
KNOWN = ("x,甲,,", "gone,销,,", "y,乙,,")
EXAMPLES = 7
_datasets = count(1)

row = st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", "3", "", "?"]), st.sampled_from(["x", "y", "gone"]))
content = st.lists(row, min_size=1, max_size=3)
deliver = st.tuples(st.just("deliver"), content, st.sampled_from(PERIODS))
concede = st.tuples(st.just("concede"), content, st.sampled_from(PERIODS))
again = st.tuples(st.just("again"), st.integers(0, 5))
take_back = st.tuples(st.just("take back"), st.integers(0, 5))
read_again = st.tuples(st.just("read again"), st.integers(0, 5))
mend = st.tuples(st.just("mend the code list"))
killed = st.tuples(st.just("killed"), content, st.sampled_from(PERIODS), st.integers(2, 45))
step = st.one_of(deliver, deliver, concede, again, take_back, read_again, mend, killed)
history = st.lists(step, min_size=3, max_size=7)


@dataclass
class Delivered:
    """One delivery as the model knows it: its rows, the marks that were known when it was read, and whether it is published."""

    name: str
    period: str
    rows: list[Row]
    marks: frozenset[str]
    batch: str
    conceded: bool
    live: bool = True


@dataclass
class Told:
    """The lake's dataset beside the model of it; `marks` are the codes of its list now."""

    lake: Lake
    contract: Contract
    marks: frozenset[str]
    deliveries: list[Delivered] = field(default_factory=list)
    names: Any = field(default_factory=lambda: count(1))

    def standing(self) -> list[Delivered]:
        """What the mode lets stand, in the order of arrival."""
        live = [delivery for delivery in self.deliveries if delivery.live]
        mode = self.contract.ingest.mode
        if mode == "replace":
            return live[-1:]
        if mode == "replace_period":
            return list({delivery.period: delivery for delivery in live}.values())
        return live

    def expected(self) -> Counter[tuple[Any, ...]]:
        """The rows that analysts must see."""
        sound = [
            (key, int(n) if n else None, mark)
            for delivery in self.standing()
            for key, n, mark in delivery.rows
            if n != "?" and mark in delivery.marks
        ]
        if self.contract.ingest.mode != "upsert":
            return Counter(sound)
        latest: dict[str, tuple[Any, ...]] = {}
        for row in sorted(sound, key=lambda row: -1 if row[1] is None else row[1]):  # stable: later arrivals win ties
            latest[row[0]] = row
        return Counter(row for row in latest.values() if row[2] != "gone")

    def fails(self, rows: list[Row]) -> bool:
        """Whether more than half of the rows would be unsound now."""
        return 2 * sum(n == "?" or mark not in self.marks for _, n, mark in rows) > len(rows)

    def check(self) -> None:
        """Hold the lake against both."""
        assert_dwd_is_right(self.lake, self.contract, lambda row: row["mark"] == "gone")
        if self.deliveries:
            assert Counter(self.lake.dwd(self.contract)) == self.expected()


@pytest.mark.parametrize("mode", ["append", "upsert", "replace", "replace_period"])
def test_dwd_is_a_pure_function_of_what_was_delivered(shared: Lake, zygote: Zygote, mode: str) -> None:
    upsert = {"orderBy": "n", "deleteWhen": "mark = 'gone'"} if mode == "upsert" else {}
    period = {"from": "parameter", "unit": "month"}
    with pytest.MonkeyPatch.context() as patch:
        for module in (retract_step, replay_step):  # one connection serves all steps; it is opened once
            patch.setattr(module, "writer", lambda where: _Lent(shared.con))

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(history)
        def hold(steps: list[tuple[Any, ...]]) -> None:
            name = f"{mode}_{next(_datasets)}"
            write_code_list(shared.city, name, *KNOWN)
            columns = [
                column("id", key=mode == "upsert", required=True), column("n", "integer"), column("mark", codeList=name),
            ]  # fmt: skip
            described = shared.contract(columns, dataset=f"test.{name}", mode=mode, period=period, **upsert)
            told = Told(shared, described, frozenset({"x", "y", "gone"}))
            for number, (kind, *values) in enumerate(steps):
                note(f"{number}: {kind} {values}")
                STEPS[kind](told, zygote, *values)
                told.check()

        hold()


class _Lent:
    """The lake's connection, which the step that borrows it cannot close."""

    def __init__(self, con: Any) -> None:
        self._con = con

    def close(self) -> None:
        """Leave it open."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def _written(rows: list[Row], mark: int) -> str:
    """A file of these rows; a column that the contract does not know makes its bytes unlike any other's."""
    return "id,n,mark,z\n" + "".join(",".join([*row, str(mark)]) + "\n" for row in rows)


def _deliver(told: Told, zygote: Zygote, rows: list[Row], period: str, **request: Any) -> None:
    name = f"{told.contract.table}-{next(told.names)}.csv"
    outcome = told.lake.deliver(told.contract, name, _written(rows, len(told.deliveries)), period=period, **request)
    _arrived(told, name, period, rows, outcome, conceding=bool(request))


def _arrived(told: Told, name: str, period: str, rows: list[Row], outcome: Any, *, conceding: bool) -> None:
    if told.fails(rows) and not conceding:
        assert outcome.verdict == "refused"
        return
    assert outcome.verdict == ("conceded" if told.fails(rows) else "published")
    assert outcome.delivered == len(rows)
    told.deliveries.append(Delivered(name, period, rows, told.marks, outcome.batch, outcome.verdict == "conceded"))


def _concede(told: Told, zygote: Zygote, rows: list[Row], period: str) -> None:
    _deliver(told, zygote, rows, period, accept="needed", by="Wang")


def _again(told: Told, zygote: Zygote, number: int) -> None:
    if not told.deliveries:
        return
    known = told.deliveries[number % len(told.deliveries)]
    outcome = told.lake.ingest(told.contract, told.lake.folder / known.name, period=known.period)
    if not known.live or known.marks == told.marks:
        assert outcome.verdict == "already_published"
    elif told.fails(known.rows):
        assert outcome.verdict == "refused"
    else:
        assert outcome.verdict == "published"
        known.batch, known.marks, known.conceded = outcome.batch, told.marks, False


def _mend(told: Told, zygote: Zygote) -> None:
    """The code list loses the mark y, or gets it back."""
    told.marks ^= {"y"}
    write_code_list(told.lake.city, told.contract.table, *(KNOWN if "y" in told.marks else KNOWN[:2]))


def _take_back(told: Told, zygote: Zygote, number: int) -> None:
    if not told.deliveries:
        return
    known = told.deliveries[number % len(told.deliveries)]
    try:
        retract_step.retract(told.lake.where, told.contract, known.batch, reason="for a test")
        assert known.live
        known.live = False
    except UsageError:
        assert not known.live


def _read_again(told: Told, zygote: Zygote, number: int) -> None:
    if not told.deliveries:
        return
    known = told.deliveries[number % len(told.deliveries)]
    (outcome,) = replay_step.replay(told.lake.where, told.contract, known.batch)
    if told.fails(known.rows) and not known.conceded:
        assert outcome.verdict == "refused"
        return
    assert outcome.verdict == ("conceded" if told.fails(known.rows) else "published")
    known.batch, known.marks, known.live = outcome.batch, told.marks, True
    known.conceded = outcome.verdict == "conceded"


def _killed(told: Told, zygote: Zygote, rows: list[Row], period: str, statement: int) -> None:
    """A publisher dies before its n-th statement; then the same is delivered again."""
    name = f"{told.contract.table}-{next(told.names)}.csv"
    path = told.lake.file(name, _written(rows, len(told.deliveries)))
    arguments = (told.lake.where, told.contract, path, jobs.die, {"number": statement})
    try:
        zygote.run(jobs.publish_watched, *arguments, period=period)
        ended = True
    except Killed:
        ended = False
        assert_dwd_is_right(told.lake, told.contract, lambda row: row["mark"] == "gone")
    before = told.lake.verdicts(told.contract)
    outcome = told.lake.ingest(told.contract, path, period=period)
    if outcome.verdict == "already_published":
        assert before[-1] == (outcome.batch, "published"), "it was not the killed publisher that published it"
        told.deliveries.append(Delivered(name, period, rows, told.marks, outcome.batch, conceded=False))
    else:
        assert not ended or outcome.verdict == "refused"
        _arrived(told, name, period, rows, outcome, conceding=False)


STEPS: dict[str, Callable[..., None]] = {
    "deliver": _deliver,
    "concede": _concede,
    "again": _again,
    "take back": _take_back,
    "read again": _read_again,
    "mend the code list": _mend,
    "killed": _killed,
}
