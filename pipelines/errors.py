"""The errors a user may meet, and the one shape in which problems are told.

Every error carries the exit code of the command line: 1 problems or refusal, 2 usage, 3 environment (try again).
Airflow's retry rules name these classes, so this module imports nothing heavy.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: `file:line: [rule] message. Hint: hint`."""

    file: str
    line: int | None
    rule: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        hint = f" Hint: {self.hint}" if self.hint else ""
        return f"{place}: [{self.rule}] {self.message}{hint}"


class RongtongError(Exception):
    """An error written for the user; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(RongtongError):
    """The command was called with something that cannot be: an unknown dataset, a missing reason."""

    exit_code = 2


class ContractError(RongtongError):
    """One or more contracts are broken; `problems` holds all of them, sorted."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line or 0, p.rule, p.message))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SourceError(RongtongError):
    """A delivery cannot be read at all: empty, truncated, undecodable, or not what the contract says."""


class BatchRefused(RongtongError):
    """A batch broke its contract beyond the threshold; the ledger and the report are written, nothing else changed."""


class CalendarEnds(RongtongError):
    """A date lies outside the working-day calendar: whether it is worked is not known, and not guessed."""

    def __init__(self, day: str, first: str, last: str) -> None:
        super().__init__(
            f"[calendar] {day} is outside the working-day calendar, which runs from {first} to {last}. "
            "Hint: add the year to schemas/_shared/calendar.csv when it is announced, or upgrade Rongtong."
        )


class EnvironmentFault(RongtongError):
    """Our side failed: a lock, a disk, a network, a catalogue. Trying again may help."""

    exit_code = 3


class EngineFault(RongtongError):
    """The database met something we did not foresee: our mistake. Its message is told without the values in it."""

    exit_code = 3


class ReaderStumbled(EngineFault):
    """The fast reader met something it cannot read; the exact one has not tried yet."""


class LockHeld(EnvironmentFault):
    """Another process holds the write lock for longer than the allowed wait."""


class CatalogueBusy(EnvironmentFault):
    """The catalogue answered 'locked' or a conflict; the same work can be tried again."""


class SourceChanged(EnvironmentFault):
    """The file changed while it was being read; nothing was published."""


class DiskFull(EnvironmentFault):
    """No space is left where the lake or its temporary files live."""
