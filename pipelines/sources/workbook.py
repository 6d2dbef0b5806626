"""Opens the one sheet of a workbook that a contract means, having made sure that it can be held in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from pipelines.contracts.model import Contract
from pipelines.settings import settings
from pipelines.sources.cells import Cell
from pipelines.sources.faults import refusal
from pipelines.sources.kinds import CFB
from pipelines.sources.landed import Landed
from pipelines.sources.package import Package, ahead
from pipelines.sources.sheet_xml import SheetFacts, survey
from pipelines.wording import say

Merge = tuple[tuple[int, int], tuple[int, int]]
_BYTES_A_CELL = 32


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, held in memory. `facts` is what its XML says, None for XLS; `merges` are ((row, column), (row, column))
    from 0, first and last cell; `others` are the names of further sheets that show."""

    name: str
    held: CalamineSheet
    facts: SheetFacts | None
    others: tuple[str, ...] = ()
    merges: tuple[Merge, ...] = field(default=())

    def rows(self) -> Iterator[list[Cell]]:
        """Yield the rows from the sheet's first on, all equally long."""
        return iter(self.held.iter_rows())


def open_sheet(contract: Contract, landed: Landed) -> Sheet:
    """Return the sheet that the contract means. SourceError: no workbook, too large, protected, no such sheet."""
    limit = settings().max_document_mb
    if landed.readable.stat().st_size > limit << 20:
        hint = "send a part of it, or as CSV, or raise RONGTONG_MAX_DOCUMENT (MB)"
        raise refusal(landed.file_name, "document-size", f"a workbook may have {limit} MB.", hint)
    return _from_xls(contract, landed) if is_xls(landed) else _from_xlsx(contract, landed, limit)


def is_xls(landed: Landed) -> bool:
    """Whether the bytes are those of XLS, whatever the file is called."""
    with landed.readable.open("rb") as file:
        return file.read(len(CFB)) == CFB


def sheet_name(contract: Contract, landed: Landed) -> str:
    """Return the name of the sheet that the contract means, without reading the sheet."""
    if is_xls(landed):
        return _choice(contract, landed, _listed(_loaded(landed)))[0]
    package = Package(landed.readable, landed.file_name, settings().max_document_mb)
    try:
        return _choice(contract, landed, [(sheet.name, sheet.shows) for sheet in package.sheets()])[0]
    finally:
        package.close()


def counted_closely(sheet: Sheet, landed: Landed) -> SheetFacts | None:
    """Return the facts of an XLSX sheet once more, its rows counted with more care; None for XLS."""
    if sheet.facts is None:
        return None
    package = Package(landed.readable, landed.file_name, settings().max_document_mb)
    try:
        part = next(found.part for found in package.sheets() if found.name == sheet.name)
        return survey(package.pieces(part), package.blank_texts(), closely=True)
    finally:
        package.close()


def _from_xlsx(contract: Contract, landed: Landed, limit: int) -> Sheet:
    package = Package(landed.readable, landed.file_name, limit)
    try:
        sheets = package.sheets()
        name, others = _choice(contract, landed, [(sheet.name, sheet.shows) for sheet in sheets])
        part = next(sheet.part for sheet in sheets if sheet.name == name)
        facts = survey(ahead(package.pieces(part)), package.blank_texts())
    finally:
        package.close()
    if facts.cells * _BYTES_A_CELL > limit << 20:
        hint = "delete the blank rows and columns that the sheet drags along, or raise RONGTONG_MAX_DOCUMENT (MB)"
        told = f"the sheet reaches to row {facts.last_row} and column {facts.width}, more than {limit} MB can hold."
        raise refusal(landed.file_name, "document-size", told, hint)
    held = _held(_loaded(landed), name, landed)
    return Sheet(name, held, facts, others, _merges(held))


def _from_xls(contract: Contract, landed: Landed) -> Sheet:
    workbook = _loaded(landed)
    name, others = _choice(contract, landed, _listed(workbook))
    held = _held(workbook, name, landed)
    return Sheet(name, held, None, others, _merges(held))


def _loaded(landed: Landed) -> CalamineWorkbook:
    try:
        with landed.readable.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise refusal(
            landed.file_name, "workbook", "the workbook is protected by a password.", "send it without one"
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        hint = "send the file again, or save it anew as .xlsx"
        raise refusal(landed.file_name, "workbook", "the workbook is cut off or damaged.", hint) from error


def _held(workbook: CalamineWorkbook, name: str, landed: Landed) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except (CalamineError, ValueError) as error:
        hint = "send the file again, or save it anew as .xlsx"
        raise refusal(landed.file_name, "workbook", f"sheet '{name}' cannot be read.", hint) from error


def _listed(workbook: CalamineWorkbook) -> list[tuple[str, bool]]:
    return [(sheet.name, sheet.visible == SheetVisibleEnum.Visible) for sheet in workbook.sheets_metadata]


def _choice(contract: Contract, landed: Landed, sheets: Sequence[tuple[str, bool]]) -> tuple[str, tuple[str, ...]]:
    """The sheet that is meant, and the others that show."""
    wanted = contract.ingest.sheet
    shown = [name for name, shows in sheets if shows] or [name for name, _ in sheets]
    found = [name for name, _ in sheets if name == wanted] or [name for name, _ in sheets if fnmatchcase(name, wanted)]
    if wanted and len(found) != 1:
        told = "there is no sheet" if not found else f"{len(found)} sheets are called"
        names = "" if contract.is_personal else f"; there are: {', '.join(name for name, _ in sheets)}"
        raise refusal(landed.file_name, "sheet", f"{told} '{wanted}'{names}.", "see `sheet` in the contract")
    if not shown:
        raise refusal(landed.file_name, "sheet", "the workbook has no sheet.", "send the file again")
    chosen = found[0] if wanted else shown[0]
    return chosen, tuple(name for name in shown if name != chosen)


def _merges(held: CalamineSheet) -> tuple[Merge, ...]:
    return tuple(held.merged_cell_ranges or ())


def sheet_notes(contract: Contract, sheet: Sheet) -> tuple[str, ...]:
    """Return what whoever publishes the sheet should see: other sheets, hidden rows."""
    notes = []
    if sheet.others and not contract.ingest.sheet:
        notes.append(say("other_sheets", sheet=sheet.name, count=len(sheet.others)))
    if sheet.facts is None:
        notes.append(say("hidden_unknown"))
    elif sheet.facts.hidden_filled:
        key = "hidden_left_out" if contract.ingest.hidden_rows == "leave_out" else "hidden_read"
        notes.append(say(key, rows=sheet.facts.hidden_filled))
    return tuple(notes)
