"""What a generated file holds, as its maker knows it: the counts that publishing must arrive at."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts of one delivery. `broken` counts rows by the one rule each breaks; `keys` are the keys of its valid rows.

    `declared` and `declared_sum` are what its total row says (None: no total row); `half_days` is the true sum of handling
    times in half days.
    """

    delivered: int = 0
    broken: dict[str, int] = field(default_factory=dict)
    keys: set[tuple[str, ...]] = field(default_factory=set)
    half_days: int = 0
    declared: int | None = None
    declared_sum: float | None = None

    @property
    def quarantined(self) -> int:
        """Rows that break a rule; every generated row breaks at most one."""
        return sum(self.broken.values())

    @property
    def valid(self) -> int:
        """Rows that break none."""
        return self.delivered - self.quarantined

    def count_broken(self, rule: str, rows: int = 1) -> None:
        """Note rows that break a rule."""
        self.broken[rule] = self.broken.get(rule, 0) + rows
