"""Opens a landed delivery in the format its contract names. A new format is one file in `formats/` and one line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from pipelines.contracts.model import WORKBOOKS, Contract
from pipelines.sources.faults import refusal
from pipelines.sources.formats.delimited import open_delimited
from pipelines.sources.formats.geojson import open_geojson
from pipelines.sources.formats.json_document import open_json
from pipelines.sources.formats.json_lines import open_json_lines
from pipelines.sources.formats.parquet import open_parquet
from pipelines.sources.formats.workbook import open_workbook
from pipelines.sources.landed import Landed
from pipelines.sources.relation import Reading, Reject
from pipelines.sources.workbook import sheet_name

if TYPE_CHECKING:
    from pipelines.lake.connection import Connection

__all__ = ["FORMATS", "Reading", "Reject", "open_reading", "sheet_of"]

FORMATS: dict[str, Callable[["Connection", Contract, Landed], Reading]] = {
    "csv": open_delimited,
    "xlsx": open_workbook,
    "xls": open_workbook,
    "jsonl": open_json_lines,
    "json": open_json,
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


def sheet_of(contract: Contract, landed: Landed) -> str:
    """Return the sheet whose rows a reading's lines are, '' for files without sheets."""
    return sheet_name(contract, landed) if contract.ingest.format in WORKBOOKS else ""
