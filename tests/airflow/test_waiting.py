"""Waiting for runs of an Airflow: as long as something goes on, however slow the machine is."""

from collections.abc import Iterator
from typing import cast

import pytest

from pipelines import airflow_runs
from pipelines.airflow_api import AirflowApi, Run
from pipelines.airflow_runs import AirflowRuns
from pipelines.errors import EnvironmentFault

IDS = ("a", "b", "c")


class Clock:
    """A time that passes while one sleeps: eight seconds each time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, _: float) -> None:
        self.now += 8


class OneAtATime:
    """An Airflow that finishes one more run each time it is asked, until it stands still."""

    def __init__(self, stands_still_after: int) -> None:
        self._answers = self._asked(stands_still_after)

    def _asked(self, most: int) -> Iterator[list[Run]]:
        done = 0
        while True:
            yield [Run(name, "r", "success" if place < done else "running") for place, name in enumerate(IDS)]
            done = min(done + 1, most)

    def runs(self) -> list[Run]:
        return next(self._answers)


def _wait(monkeypatch: pytest.MonkeyPatch, stands_still_after: int) -> list[Run]:
    monkeypatch.setattr(airflow_runs, "time", Clock())
    airflow = AirflowRuns(cast("AirflowApi", OneAtATime(stands_still_after)), "the scheduler's log")
    return airflow.wait([Run(name, "r") for name in IDS], seconds=10)


def test_runs_are_waited_for_as_long_as_one_after_the_other_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _wait(monkeypatch, 3) == [Run(name, "r", "success") for name in IDS]


def test_an_airflow_that_stands_still_is_told_with_what_is_not_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        EnvironmentFault, match=r"nothing changed for 10 s, not finished: c r \(running\).*the scheduler's log"
    ):
        _wait(monkeypatch, 2)
