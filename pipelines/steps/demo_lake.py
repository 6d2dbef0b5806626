"""The demo's lake and its key: both are for invented persons alone."""

import os
from collections.abc import Iterator
from pathlib import Path

from pipelines.contracts.catalog import all_contracts
from pipelines.contracts.deliveries import load_deliveries
from pipelines.errors import UsageError
from pipelines.lake.pseudonym import DEMO_KEY, DEMO_MARK, PseudonymKey, key_of
from pipelines.settings import Settings
from pipelines.steps.listing import batch_rows


def is_demo(settings: Settings) -> bool:
    """Whether the demo made this lake."""
    return (settings.home / DEMO_MARK).exists()


def foreign_deliveries(settings: Settings) -> list[tuple[str, str]]:
    """Return the deliveries of a lake (dataset, file) that are not the sample city's, sorted; all of them where there is none."""
    try:
        expected = load_deliveries(settings.city / "data_samples" / "deliveries.yaml")
    except UsageError:
        expected = []
    listed = {(delivery.dataset, Path(delivery.file).name) for delivery in expected}
    known = {(str(row["dataset"]), str(row["file"])) for row in batch_rows(settings, None)}
    return sorted(known - listed)


def known_key(settings: Settings) -> PseudonymKey | None:
    """Return the lake's key as `key_of`, None where none was made yet."""
    given = os.environ.get("RONGTONG_HMAC_KEY") or (settings.home / "hmac.json").is_file()
    return key_of(settings) if given else None


def misuses(settings: Settings) -> Iterator[str]:
    """Yield how the demo's key is used for others than the demo's persons: in another lake, or on other personal deliveries."""
    key = known_key(settings)
    if key is None:
        return
    if key.id == DEMO_KEY and not is_demo(settings):
        yield f"the demo's key (id '{DEMO_KEY}') is used in a lake that the demo did not make"
    if is_demo(settings):
        personal = {contract.id for contract in all_contracts(settings)[0] if contract.is_personal}
        count = sum(dataset in personal for dataset, _ in foreign_deliveries(settings))
        if count:
            yield f"the demo's lake holds deliveries of personal datasets that are not the demo's: {count}"
