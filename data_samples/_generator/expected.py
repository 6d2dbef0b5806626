"""deliveries.yaml: what must come of each delivery, from what its maker knows (not from reading it back)."""

from pathlib import Path
from typing import Any

import yaml

from _generator.deliveries import MODES, Delivery
from _generator.tally import Tally

_HEAD = """\
# What the sample city's departments deliver, in order of arrival, and what must come of it. Written by generate.py.
# wave: deliveries of one wave may arrive together. reasons: rows by the rule they break; warnings: valid rows by the rule that warns of them.
# declared: what the total row says; counted: what is true. table_rows: rows of the dwd table after this delivery (and, if any, its retraction).
"""


class Standing:
    """Rows of each dataset's table as deliveries come in: the pure function of their modes."""

    def __init__(self) -> None:
        self._periods: dict[str, dict[str, int]] = {}
        self._keys: dict[str, set[tuple[str, ...]]] = {}

    def take(self, delivery: Delivery, tally: Tally) -> int:
        """Rows of the table after the delivery."""
        periods = self._periods.setdefault(delivery.dataset, {})
        keys = self._keys.setdefault(delivery.dataset, set())
        mode = MODES[delivery.dataset]
        if not delivery.refused and not delivery.retracted:
            if mode == "replace":
                periods.clear()
            periods[delivery.period] = tally.valid
            keys |= tally.keys
            keys -= tally.withdrawn
        return len(keys) if mode == "upsert" else sum(periods.values())


def _entry(delivery: Delivery, tally: Tally, table_rows: int) -> dict[str, Any]:
    """What deliveries.yaml says of one delivery."""
    entry: dict[str, Any] = {
        "file": delivery.file,
        "dataset": delivery.dataset,
        "period": delivery.period,
        "wave": delivery.wave,
        "shows": delivery.shows,
        "verdict": "refused" if delivery.refused else "published",
        "delivered": tally.delivered,
        "valid": tally.valid,
        "quarantined": tally.quarantined,
        "reasons": tally.reasons,
        "table_rows": table_rows,
    }
    if tally.warned:
        entry["warnings"] = tally.warned
    if delivery.refused:
        entry["refused_by"] = delivery.refused
    if tally.declared:
        entry["declared"], entry["counted"] = tally.declared, tally.counted
    if delivery.retracted:
        entry["retract"] = delivery.retracted
    return entry


def write_expected(path: Path, made: list[tuple[Delivery, Tally]]) -> None:
    """Write deliveries.yaml: `deliveries` in order of arrival, `extra` for files that only a script delivers."""
    standing = Standing()
    entries = [(delivery, _entry(delivery, tally, standing.take(delivery, tally))) for delivery, tally in made]
    body = {
        "deliveries": [entry for delivery, entry in entries if delivery.in_demo],
        "extra": [entry for delivery, entry in entries if not delivery.in_demo],
    }
    text = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(_HEAD + text, encoding="utf-8", newline="")
