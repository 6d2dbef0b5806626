"""What the answers to a trigger form ask for. Imports no Airflow."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from pipelines.errors import UsageError
from pipelines.names import domain_of, table_of
from pipelines.settings import Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to publish; all empty: everything that waits."""

    file: str = ""
    period: str = ""
    replay: str = ""
    accept: str = ""
    by: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """The order a form or a REST call gives; UsageError when its parts contradict each other."""
        order = cls(**{name: str(params.get(name) or "").strip() for name in (field.name for field in fields(cls))})
        if order.replay and (order.file or order.period or order.accept):
            raise UsageError(
                "`replay` stands alone: it reads a file that landed before. Hint: leave file, period and reason empty."
            )
        if order.accept and not order.file:
            raise UsageError("a reason belongs to one file. Hint: fill in `file`.")
        if bool(order.accept) != bool(order.by):
            raise UsageError("a concession needs a reason and a name. Hint: fill in both `accept` and `by`.")
        return order

    def path(self, settings: Settings, dataset: str) -> Path:
        """The file meant: absolute, in the dataset's inbox, in the inbox, or in the city; UsageError when it is in none."""
        inbox = settings.inbox / domain_of(dataset) / table_of(dataset)
        places = [folder / Path(self.file).expanduser() for folder in (inbox, settings.inbox, settings.city)]
        for place in places:
            if place.is_file():
                return place
        looked = ", ".join(dict.fromkeys(str(place) for place in places))
        raise UsageError(f"there is no file '{self.file}'. Looked for: {looked}")
