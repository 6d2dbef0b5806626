"""Something that people must know: which matter, what happened to it, and in which words."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipelines.contracts.model import Contract
from pipelines.lake.incidents import Incident, Message

Kind = Literal["refused", "quarantined", "overdue", "fault", "measures", "calendar", "test"]
Happened = Literal["opened", "repeated", "escalated", "closed"]
_TONES = {"quarantined": "warning", "overdue": "warning", "calendar": "warning", "test": "info"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one matter. `seed` is what makes it the same news as another; `contract` names whom it concerns.

    `also` are the last events of further incidents that it closes. `ours`: nobody but the city's own channels is told.
    """

    kind: Kind
    happened: Happened
    subject: str
    body: str
    contract: Contract | None = None
    period: str = ""
    batch: str | None = None
    due_at: datetime | None = None
    seed: tuple[str, ...] = ()
    also: tuple[Incident, ...] = ()
    ours: bool = False

    @property
    def dataset(self) -> str:
        """The dataset's id, '' for the platform's own matters."""
        return self.contract.id if self.contract else ""

    @property
    def incident(self) -> str:
        """The matter's name in the ledger."""
        return incident_of(self.dataset, self.period, self.kind)

    @property
    def digest(self) -> str:
        """The same for the same news, whatever its batch is called and whenever it comes."""
        text = "\0".join((self.incident, self.happened, *self.seed))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def said(self, now: datetime) -> Message:
        """Return the event in the words in which it goes out."""
        return Message(self.incident, self.dataset, self.happened, self.subject, self.body, self.tone, self.digest, now)

    @property
    def tone(self) -> str:
        """How apprise marks it: info, success, warning or failure."""
        return "success" if self.happened == "closed" else _TONES.get(self.kind, "failure")


def incident_of(dataset: str, period: str, kind: str) -> str:
    """Return the name of a matter.

    >>> incident_of("governance.light_faults", "2026-09", "overdue")
    'governance.light_faults/2026-09/overdue'
    """
    return f"{dataset or 'platform'}/{period or '-'}/{kind}"
