"""What a contract says of a source that is asked for its data: an address or a database, credentials by name, bounds."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

# A contract names a secret and never holds one; these names belong to the platform and to others' programs.
SECRET_NAME = re.compile(r"^(?!RONGTONG_|AIRFLOW)[A-Z][A-Z0-9_]*$")
SECRET_PLACE = re.compile(r"\$\{([^}]*)\}")
PLACEHOLDER = re.compile(r"(?<!\$)\{([^}]*)\}")
PLACEHOLDERS = ("period", "year", "quarter", "month", "day", "hour")
PERIOD_PARAMETERS = ("period", "period_start", "period_end")
_PARAMETER = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
_OVERLAP = re.compile(r"^(\d+) (min|h|d|week)$")
_MINUTES = {"min": 1, "h": 60, "d": 24 * 60, "week": 7 * 24 * 60}


@dataclass(frozen=True, slots=True)
class Auth:
    """How a request says who asks: `secret` names what is sent as a bearer token, as user:password, or in `header`."""

    scheme: Literal["", "bearer", "basic", "header"] = ""
    secret: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class Sql:
    """A table or a query of a database. `connection` names the secret that is its SQLAlchemy URL.

    With a `watermark` only rows at or above the greatest value read before, less `overlap` (a number, or e.g. `2 d`), are
    read. `order_by` are the source's columns that put its rows in order; empty: those of the contract's key.
    """

    connection: str
    table: str = ""
    query: str = ""
    watermark: str = ""
    overlap: str = ""
    order_by: tuple[str, ...] = ()

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the parameters (`:period_start`) in the query."""
        return frozenset(_PARAMETER.findall(self.query))


@dataclass(frozen=True, slots=True)
class Pull:
    """How much is asked for: the last `periods` ended periods, and bounds beyond which reading stops."""

    periods: int = 2
    max_megabytes: int = 4096
    max_minutes: int = 30
    max_rows: int = 50_000_000


def is_url(source: str) -> bool:
    """Whether a source is asked over HTTP rather than found in the inbox.

    >>> is_url("https://data.example/a.csv"), is_url("mobility/trips/*")
    (True, False)
    """
    return source.lower().startswith(("http://", "https://"))


def overlap_of(text: str) -> timedelta | int:
    """Return the overlap that a contract declares, as a duration or an amount.

    >>> overlap_of("2 d"), overlap_of("1000"), overlap_of("")
    (datetime.timedelta(days=2), 1000, 0)
    """
    found = _OVERLAP.match(text)
    return timedelta(minutes=int(found[1]) * _MINUTES[found[2]]) if found else int(text or 0)
