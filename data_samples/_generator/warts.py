"""Changes to single rows of the smaller datasets: which row, what is done to it, and which rule it then breaks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from _generator.tally import Tally

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


def worn(records: Iterable[Record], warts: Sequence[Wart], tally: Tally) -> Iterator[Record]:
    """The records with their warts in them, counted into the tally as they pass."""
    for row, record in enumerate(records):
        wart = wart_of(warts, row)
        if wart and wart.rule:
            tally.count_broken(wart.rule, also=wart.also)
        tally.delivered += 1
        yield wart.change(record) if wart else record
