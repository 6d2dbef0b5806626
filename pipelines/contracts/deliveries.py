"""The sample city's list of deliveries (`data_samples/deliveries.yaml`): what arrives, in which order, and what must come of it."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from pipelines.errors import UsageError


@dataclass(frozen=True, slots=True)
class Expected:
    """One delivery of the sample city; `wave` says what may arrive together, `retract` why it is taken back afterwards."""

    file: str
    dataset: str
    period: str
    wave: int
    shows: str
    verdict: str
    delivered: int
    valid: int
    quarantined: int
    retract: str = ""


def load_deliveries(path: Path) -> list[Expected]:
    """Return the deliveries in the order of the file; UsageError when there is no such list."""
    if not path.is_file():
        raise UsageError(
            f"[samples] there is no sample city here ({path}): it comes with a clone of Rongtong, not with the package. "
            "Hint: `make demo` in a clone."
        )
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))["deliveries"]
    names = Expected.__slots__
    return [Expected(**{name: entry[name] for name in names if name in entry}) for entry in listed]
