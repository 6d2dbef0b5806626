"""Changes to single rows of the smaller datasets: which row, what is done to it, and which rule it then breaks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Record = list[Any]
Change = Callable[[Record], Record]


@dataclass(frozen=True, slots=True)
class Wart:
    """A change to row `row` (from 0); `rule` is the one it breaks ('' : the row stays valid), `also` what breaks with it."""

    row: int
    change: Change
    rule: str = ""
    also: str = ""


def put(column: int, value: Any) -> Change:
    """The row with another value in a column."""
    return lambda record: [*record[:column], value, *record[column + 1 :]]


def wart_of(warts: Sequence[Wart], row: int) -> Wart | None:
    """The wart of a row, if it has one."""
    return next((wart for wart in warts if wart.row == row), None)
