"""The indicators of data quality of GB/T 36344-2018: twenty, each a share A / B of counted elements.

Two of them count what is bad (0303 duplicates, 0305 dirty data): lower is better there. DB31/T 1523-2024 (Shanghai) turns these
round, so that higher is better everywhere; `gbt36344_up` is that view. An indicator without anything to count is not assessable: None, never 1.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator; `counted` is what A counts, `up` whether more of it is better."""

    code: str
    dimension: str
    name: str
    up: bool
    counted: str


@cache
def indicators() -> Mapping[str, Indicator]:
    """Return the twenty indicators by code.

    >>> indicators()["0305"].name, indicators()["0305"].up
    ('脏数据出现率', False)
    """
    text = files("pipelines.standards").joinpath("gbt36344.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {
        row["code"]: Indicator(row["code"], row["dimension"], row["name"], row["direction"] == "up", row["counted"])
        for row in rows
    }


def gbt36344(code: str | None, a: int | None, b: int | None) -> Fraction | None:
    """Return A / B as the standard has it; None when it is not assessable. ValueError for no indicator and for A outside 0..B.

    >>> gbt36344("0305", 1, 4), gbt36344("0305", 0, 0)
    (Fraction(1, 4), None)
    """
    if code is None or a is None or b is None:
        return None
    if code not in indicators():
        raise ValueError(f"gbt36344: no indicator '{code}'")
    if not 0 <= a <= b:
        raise ValueError("gbt36344: A is not between 0 and B")
    return Fraction(a, b) if b else None


def gbt36344_up(code: str | None, a: int | None, b: int | None) -> Fraction | None:
    """Return the indicator so that higher is better: A / B, or 1 - A / B where A counts what is bad.

    >>> gbt36344_up("0305", 1, 4), gbt36344_up("0201", 1, 4)
    (Fraction(3, 4), Fraction(1, 4))
    """
    share = gbt36344(code, a, b)
    return share if share is None or code is None or indicators()[code].up else 1 - share


_CODES = ", ".join(f"'{code}'" for code in indicators())
_DOWN = ", ".join(f"'{code}'" for code, known in indicators().items() if not known.up)


def _share(counted: str) -> str:
    return (
        f"CASE WHEN code NOT IN ({_CODES}) THEN CAST(error('gbt36344: no indicator ''' || code || '''') AS DOUBLE)"
        " WHEN a < 0 OR a > b THEN CAST(error('gbt36344: A is not between 0 and B') AS DOUBLE)"
        f" WHEN code IS NOT NULL AND b > 0 THEN CAST({counted} AS DOUBLE) / b END"
    )


MACROS = {
    "gbt36344(code, a, b)": _share("a"),
    "gbt36344_up(code, a, b)": _share(f"CASE WHEN code IN ({_DOWN}) THEN b - a ELSE a END"),
}
