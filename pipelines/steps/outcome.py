"""What became of a delivery, as one value: printed, returned as JSON, handed to Airflow."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.errors import BatchRefused

# Begins the note that the two measures of a batch differ: our fault.
TWO_MEASURES = "[two-measures] "


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were quarantined or a batch refused: a rule, how many rows, and a sentence."""

    rule: str
    rows: int
    pct: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one delivery and its numbers: delivered = valid + quarantined."""

    dataset: str
    file: str
    period: str
    sha256: str
    batch: str
    verdict: str
    delivered: int
    valid: int
    quarantined: int
    snapshot: int | None = None
    report: str = ""
    message: str = ""
    reasons: tuple[Reason, ...] = ()
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values for JSON."""
        return asdict(self)


class RefusedOutcome(BatchRefused):
    """A refused batch with its outcome, for callers that print or record it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.message)
