"""Opens a landed delivery in the format its contract names. A new format is one file in `formats/` and one line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipelines.contracts.model import Contract
from pipelines.sources.faults import refusal
from pipelines.sources.formats.delimited import open_delimited
from pipelines.sources.formats.geojson import open_geojson
from pipelines.sources.formats.parquet import open_parquet
from pipelines.sources.landed import Landed
from pipelines.sources.relation import Reading, Reject

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

__all__ = ["FORMATS", "Reading", "Reject", "open_reading"]

FORMATS: dict[str, Callable[["Connection", Contract, Landed], Reading]] = {
    "csv": open_delimited,
    "parquet": open_parquet,
    "geojson": open_geojson,
}


def open_reading(con: "Connection", contract: Contract, landed: Landed) -> Reading:
    """Return the reading of a landed delivery on that connection. SourceError: it is not what the contract says."""
    opener = FORMATS.get(contract.ingest.format)
    if opener is None:
        known = ", ".join(sorted(FORMATS))
        raise refusal(landed.file_name, "format", f"'{contract.ingest.format}' is no format (of {known}).")
    return opener(con, contract, landed)
