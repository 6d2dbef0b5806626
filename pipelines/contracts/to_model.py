"""What a model's contract says of how its table is made."""

from pathlib import PurePosixPath
from typing import Any

from pipelines.contracts.model import Incremental, Model, Unfold


def to_model(raw: dict[str, Any], file: str) -> Model:
    """Return the model in a contract's `rongtong.model`; its layer is the folder of the contract's file."""
    incremental, unfold = raw.get("incremental"), raw.get("unfold")
    return Model(
        layer=PurePosixPath(file).parent.name,  # type: ignore[arg-type] # a folder of another name holds no models
        policies=tuple(raw.get("policies", ())),
        incremental=Incremental(incremental["source"], incremental["column"], incremental["by"])
        if incremental
        else None,
        unfold=Unfold(unfold["source"], unfold["rows"]) if unfold else None,
    )
