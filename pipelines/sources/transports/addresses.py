"""Addresses as contracts write them: placeholders for the period, and the name of the file that comes from one."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from pipelines.contracts.model import Ingest
from pipelines.contracts.pulling import PLACEHOLDER, SECRET_PLACE
from pipelines.derive.periods import bounds


def is_by_period(ingest: Ingest) -> bool:
    """Whether a source is asked for one period at a time: its address has a placeholder, its query a parameter."""
    return bool(ingest.sql.parameters) if ingest.sql else bool(PLACEHOLDER.search(ingest.source))


def with_period(address: str, period: str) -> str:
    """Return an address with its placeholders filled.

    >>> with_period("https://h/{year}/{month}_{period}.csv?k=${KEY}", "2026-06")
    'https://h/2026/06_2026-06.csv?k=${KEY}'
    """
    if not period:
        return address
    first = bounds(period)[0]
    values = {
        "period": period,
        "year": f"{first.year:04d}",
        "quarter": str((first.month + 2) // 3),
        "month": f"{first.month:02d}",
        "day": f"{first.day:02d}",
        "hour": f"{first.hour:02d}",
    }
    return PLACEHOLDER.sub(lambda found: values[found[1]], address)


def file_name_of(address: str, otherwise: str) -> str:
    """Return the last part of an address's path if it looks like a file's name, else the other name.

    >>> file_name_of("https://h/a/%E5%B7%A5%E5%8D%95_202606.csv?x=1", "t.csv"), file_name_of("https://h/export", "t.csv")
    ('工单_202606.csv', 't.csv')
    """
    name = unquote(PurePosixPath(urlsplit(address).path).name)
    plain = "/" not in name and "\0" not in name and not name.startswith(".") and not SECRET_PLACE.search(name)
    return name if "." in name and plain and len(name.encode()) <= 200 else otherwise
