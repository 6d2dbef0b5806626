"""What became of a domain's models."""

from dataclasses import dataclass
from typing import Any

from pipelines.errors import RongtongError
from pipelines.steps.checks import Result


@dataclass(frozen=True, slots=True)
class Audited:
    """The results of a model's rules, the page that shows them, and where the two measures differ."""

    results: tuple[Result, ...]
    page: str = ""
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelOutcome:
    """One model: `made` is full, incremental or unchanged; `reasons` say why it was refused, `alarms` where two counts differ."""

    model: str
    made: str
    rows: int
    written: int
    partitions: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    reasons: tuple[str, ...] = ()
    page: str = ""
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainOutcome:
    """One domain: published, refused (its tables stay as they were) or unchanged; the snapshot that shows it."""

    domain: str
    verdict: str
    transform: str
    models: tuple[ModelOutcome, ...]
    snapshot: int | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The outcome as JSON holds it."""
        models = [{name: getattr(one, name) for name in ModelOutcome.__slots__} for one in self.models]
        return {name: getattr(self, name) for name in self.__slots__} | {"models": models}


class TransformRefused(RongtongError):
    """A domain's models broke their contracts; nothing of it was published."""

    def __init__(self, outcome: DomainOutcome) -> None:
        self.outcome = outcome
        reasons = [f"{one.model}: {reason}" for one in outcome.models for reason in one.reasons]
        super().__init__(
            "\n".join([f"[transform] {outcome.domain}: refused, the published tables stay as they were.", *reasons])
        )
