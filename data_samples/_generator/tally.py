"""What a generated file holds, as its maker knows it: the counts that publishing must arrive at."""

from dataclasses import dataclass, field

Key = tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """Counts of one delivery. `broken` counts rows by the one rule each breaks, `beside` those that
    break a second rule with it; `warned` counts valid rows by the rule that only warns of them; `keys` are the keys of its
    valid rows.

    `withdrawn` are keys that its valid rows take away. `declared` is what its total row says of rows and sums (empty: it
    has none), `counted` what is true; `half_days` is the true sum of handling times of hotline orders in half days.
    """

    delivered: int = 0
    broken: dict[str, int] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)
    warned: dict[str, int] = field(default_factory=dict)
    keys: set[Key] = field(default_factory=set)
    withdrawn: set[Key] = field(default_factory=set)
    half_days: int = 0
    declared: dict[str, float] = field(default_factory=dict)
    counted: dict[str, float] = field(default_factory=dict)

    @property
    def quarantined(self) -> int:
        """Rows that break a rule; each is counted under one."""
        return sum(self.broken.values())

    @property
    def valid(self) -> int:
        """Rows that break none."""
        return self.delivered - self.quarantined

    @property
    def reasons(self) -> dict[str, int]:
        """Rows by every rule they break."""
        rules = sorted({*self.broken, *self.beside})
        return {rule: self.broken.get(rule, 0) + self.beside.get(rule, 0) for rule in rules}

    def count_broken(self, rule: str, rows: int = 1, *, also: str = "") -> None:
        """Note rows that break a rule, and perhaps another with it."""
        self.broken[rule] = self.broken.get(rule, 0) + rows
        if also:
            self.beside[also] = self.beside.get(also, 0) + rows
