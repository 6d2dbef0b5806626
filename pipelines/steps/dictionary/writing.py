"""数据字典 for signature: a cover page with versions, digests and lines to sign, then one sheet for each dataset."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.contracts.catalog import all_contracts, find_contract
from pipelines.contracts.city import load_city
from pipelines.contracts.model import City, Contract
from pipelines.errors import ContractError, UsageError
from pipelines.settings import Settings
from pipelines.steps.dictionary.describing import WIDTHS, cells_of, heading_of
from pipelines.wording import say
from pipelines.workbook import Cell, Sheet, Workbook, new_workbook


def write_dictionary(settings: Settings, names: Sequence[str], out: Path) -> list[Contract]:
    """Write the data dictionary of datasets (of all, when none is named) and return their contracts.

    UsageError: no such dataset, or none at all. ContractError: a contract is broken.
    """
    city = load_city(settings.city)
    contracts = [find_contract(settings, name) for name in names] if names else _all(settings)
    if not contracts:
        raise UsageError(f"[dataset] {settings.schemas} holds no contract. Hint: rongtong new ID --from FILE.")
    with new_workbook(out) as book:
        _cover(book, city, contracts)
        for contract in contracts:
            _table(book, contract)
    return contracts


def _all(settings: Settings) -> list[Contract]:
    contracts, problems = all_contracts(settings)
    if problems:
        raise ContractError(problems)
    return contracts


def _cover(book: Workbook, city: City, contracts: Sequence[Contract]) -> None:
    sheet = book.sheet(say("cover"))
    sheet.add(Cell(f"{city.name} {say('data_dictionary')}", "title"))
    sheet.add()
    sheet.add(Cell(say("written_on"), "label"), Cell(datetime.now(ZoneInfo(city.timezone)).date().isoformat()))
    sheet.add()
    heads = ("dataset", "called", "provider", "version", "digest", "fields")
    sheet.head([say(head) for head in heads], (32, 28, 24, 12, 20, 8))
    for contract in contracts:
        told = (contract.id, contract.title, contract.provider, contract.version, short_digest(contract))
        sheet.add(*(Cell(text) for text in told), Cell(len(contract.columns)))
    sheet.add()
    sheet.add(Cell(say("sign_advice"), "note"))
    for signer in ("sign_provider", "sign_office"):
        sheet.add()
        sheet.add(
            Cell(say(signer), "label"),
            Cell(""),
            Cell(say("signature"), "label"),
            Cell(""),
            Cell(say("date"), "label"),
            Cell(""),
        )


def _table(book: Workbook, contract: Contract) -> None:
    sheet = book.sheet(contract.title or contract.table)
    sheet.add(Cell(f"{contract.title} {say('data_dictionary')}", "title"))
    _pairs(sheet, dataset=contract.id, provider=contract.provider)
    _pairs(sheet, version=contract.version, digest=short_digest(contract))
    sheet.add()
    sheet.head([heading_of(key) for key in WIDTHS], tuple(WIDTHS.values()))
    for column in contract.columns:
        cells = cells_of(column)
        sheet.add(*(Cell(cells[key]) for key in WIDTHS))


def _pairs(sheet: Sheet, **told: str) -> None:
    sheet.add(*(cell for label, text in told.items() for cell in (Cell(say(label), "label"), Cell(text))))


def short_digest(contract: Contract) -> str:
    """Return enough of a contract's digest to tell one content from another."""
    return contract.digest[:16]
