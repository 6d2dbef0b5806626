"""What is kept for a while only: landed bytes by the contract's `landingDays`, Data Docs pages, remains of killed landings,
the standards' files of earlier releases.
"""

import shutil
from datetime import UTC, datetime, timedelta

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.model import Contract
from pipelines.lake.connection import Connection
from pipelines.lake.standards import clear_unused
from pipelines.settings import Settings
from pipelines.sources.keeping import clear_incoming

PAGES_KEPT = 50
PAGE_DAYS = 90


def clear_old(con: Connection, settings: Settings, keep_days: int) -> dict[str, int]:
    """Return how many {landings, pages, incoming, standards} were removed; the ledger keeps what it says of them.

    A delivery whose bytes are gone can no longer be replayed or rebuilt, and says so.
    """
    from pipelines.quality.pages import expire_pages  # it imports Great Expectations

    contracts, _ = all_contracts(settings)
    return {
        "landings": sum(_clear_landing(con, settings, contract) for contract in contracts),
        "pages": len(expire_pages(settings.data_docs, PAGES_KEPT, PAGE_DAYS)),
        "incoming": clear_incoming(settings.landing),
        "standards": clear_unused(settings, keep_days),
    }


def _clear_landing(con: Connection, settings: Settings, contract: Contract) -> int:
    if contract.retention_days is None:
        return 0
    oldest = datetime.now(UTC) - timedelta(days=contract.retention_days)
    rows = con.execute(
        "SELECT sha256 FROM city.quality.deliveries WHERE dataset = ? GROUP BY sha256 HAVING max(received_at) < ?",
        [contract.id, oldest],
    ).fetchall()
    folders = [settings.landing / contract.table / str(row[0]) for row in rows]
    present = [folder for folder in folders if folder.is_dir()]
    for folder in present:
        shutil.rmtree(folder)
    return len(present)
