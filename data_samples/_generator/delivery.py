"""What one delivery of the sample city is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from _generator.tally import Tally


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, how it is written, and what it shows. `wave`: deliveries of one wave may arrive together.

    `refused` tells why ('' : published); `retracted` the reason for which its batch is taken back afterwards.
    `in_demo` is false for a file that nobody delivers unless a script does.
    """

    dataset: str
    name: str
    period: str
    wave: int
    shows: str
    write: Callable[[Path], Tally]
    refused: str = ""
    retracted: str = ""
    in_demo: bool = True

    @property
    def file(self) -> str:
        """Path below data_samples."""
        return f"{self.dataset.replace('.', '/')}/{self.name}"
