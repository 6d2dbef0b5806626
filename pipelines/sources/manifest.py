"""The manifest that comes with a delivery: what the department says it sent (rows, sha256, sums)."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.contracts.model import Contract
from pipelines.errors import SourceError
from pipelines.sources.faults import refusal

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Declared:
    """What a manifest declares; None, '' and () where it is silent. `sums` are (column, total) in the file's order."""

    rows: int | None = None
    sha256: str = ""
    sums: tuple[tuple[str, Decimal], ...] = ()


def manifest_path(contract: Contract, path: Path) -> Path | None:
    """Return where the manifest of the delivery at `path` must lie; None when the contract wants none.

    In the template, `{name}` is the delivery's file name and `{stem}` the same without its last ending.
    """
    template = contract.ingest.control.manifest
    if not template:
        return None
    return path.parent / template.replace("{name}", path.name).replace("{stem}", path.stem)


def read_manifest(contract: Contract, path: Path) -> Declared | None:
    """Return what the manifest beside the delivery at `path` declares; None when the contract wants none.

    `path` may be the delivery itself or its bytes in landing. SourceError: absent, or not what a manifest is.
    """
    place = manifest_path(contract, path)
    if place is None:
        return None
    content = _content(place)
    problems = list(_problems(content))
    if problems:
        raise SourceError("\n".join(str(refusal(str(place), "manifest", problem, _HINT)) for problem in problems))
    return Declared(
        rows=content.get("rows"),
        sha256=str(content.get("sha256", "")).lower(),
        sums=tuple((column, Decimal(total)) for column, total in content.get("sums", {}).items()),
    )


_HINT = 'write {"rows": 1000, "sha256": "…", "sums": {"column": 12.5}}'


def _content(place: Path) -> dict[str, Any]:
    try:
        if place.stat().st_size > _LARGEST:
            raise refusal(str(place), "manifest", "a manifest is no larger than 1 MB.", _HINT)
        content = json.loads(place.read_text("utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        raise refusal(str(place), "manifest", "the contract wants a manifest, and there is none.", _HINT) from None
    except OSError as error:
        raise refusal(str(place), "manifest", f"the manifest cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise refusal(str(place), "manifest", f"the manifest is no JSON in UTF-8: {error}.", _HINT) from error
    if not isinstance(content, dict):
        raise refusal(str(place), "manifest", "the manifest is no JSON object.", _HINT)
    return content


def _problems(content: dict[str, Any]) -> list[str]:
    rows, digest, sums = content.get("rows"), content.get("sha256", ""), content.get("sums", {})
    problems = []
    if rows is not None and (not isinstance(rows, int) or isinstance(rows, bool) or rows < 0):
        problems.append(f"'rows' is a whole number, got {rows!r}.")
    if digest and (not isinstance(digest, str) or len(digest) != 64 or set(digest.lower()) - set("0123456789abcdef")):
        problems.append(f"'sha256' is 64 hexadecimal digits, got {digest!r}.")
    if not isinstance(sums, dict):
        problems.append(f"'sums' is an object of column and number, got {type(sums).__name__}.")
    else:
        problems += [
            f"'sums.{column}' is a number, got {total!r}."
            for column, total in sums.items()
            if isinstance(total, bool) or not isinstance(total, int | Decimal)
        ]
    unknown = sorted(set(content) - {"rows", "sha256", "sums"})
    return problems + [f"'{key}' is no key of a manifest (rows, sha256, sums)." for key in unknown]
