"""A lake to test with: deliver text, look at tables and ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.lake.connection import Connection
from pipelines.settings import Settings, settings
from pipelines.steps.ingest import ingest_file, writer
from pipelines.steps.outcome import Outcome, RefusedOutcome
from pipelines.steps.record import Request
from tests.spine.city import contract, orders


@dataclass
class Lake:
    """One lake of one city; its writing connection opens when first used."""

    where: Settings
    folder: Path
    _con: Connection | None = field(default=None, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    @property
    def con(self) -> Connection:
        """The writing connection."""
        if self._con is None:
            self._con = writer(self.where)
        return self._con

    @property
    def city(self) -> Path:
        """The city's folder."""
        return self.where.city

    def new_id(self) -> str:
        """Return the id of a dataset nobody used before."""
        return f"test.orders_{next(self._numbers)}"

    def contract(self, columns: Sequence[dict[str, Any]], **said: Any) -> Contract:
        """Return the contract of a new dataset of the city (of `dataset`, where given)."""
        return contract(self.city, columns, dataset=said.pop("dataset", "") or self.new_id(), **said)

    def orders(self, **said: Any) -> Contract:
        """Return the usual contract of these tests for a new dataset (for `dataset`, where given)."""
        return orders(self.city, dataset=said.pop("dataset", "") or self.new_id(), **said)

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file to deliver."""
        path = self.folder / name  # the same name may be delivered with other content
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def deliver(self, contract: Contract, name: str, content: str | bytes, **request: Any) -> Outcome:
        """Deliver content under a name; a refusal is an outcome like any other."""
        return self.ingest(contract, self.file(name, content), **request)

    def ingest(self, contract: Contract, path: Path, **request: Any) -> Outcome:
        """Ingest a file; a refusal is an outcome like any other."""
        try:
            return ingest_file(self.con, self.where, contract, path, Request(**request))
        except RefusedOutcome as refused:
            return refused.outcome

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.con.execute(query, list(values)).fetchall()

    def dwd(self, contract: Contract, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return what analysts see of the dataset, in order."""
        return self.rows(f"SELECT {columns} FROM dwd.{contract.table} ORDER BY ALL")

    def verdicts(self, contract: Contract) -> list[tuple[str, str]]:
        """Return (batch, verdict) of every batch of the dataset, oldest first."""
        found = self.rows("SELECT batch_id, verdict FROM quality.batches WHERE dataset = ? ORDER BY seq", [contract.id])
        return [(str(batch), str(verdict)) for batch, verdict in found]

    def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        if self._con is not None:
            self._con.close()
            self._con = None


def lake_settings(folder: Path, city: Path, catalogue: str) -> Settings:
    """Return settings for a lake in a folder of its own."""
    return replace(
        settings(),
        home=folder / "home",
        city=city,
        inbox=folder / "home" / "inbox",
        data_docs=folder / "home" / "docs",
        catalogue=catalogue,
        lang="en",
        lock_seconds=60.0,
    )


def broken(outcome: Outcome) -> dict[str, int]:
    """Return how many rows break each row rule."""
    return {reason.rule: reason.rows for reason in outcome.reasons if not reason.rule.startswith("batch.")}
