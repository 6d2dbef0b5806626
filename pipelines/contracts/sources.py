"""The files that decide what a city's contracts say, and the digests that tell when one of them changed.

Reads bytes only: whoever finds a compiled answer under a digest needs no YAML, no schema and no model.
"""

import hashlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SUFFIX = ".odcs.yaml"


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A contract's file: `dataset` is the id its place stands for, `key` the digest of all that decides its meaning."""

    path: Path
    dataset: str
    key: str


def contract_files(schemas: Path) -> list[Path]:
    """Return the contract files of a city, sorted; folders beginning with `_` or `.` hold none."""
    found = [*schemas.rglob(f"*{SUFFIX}"), *schemas.rglob("*.odcs.yml")]
    return sorted(path for path in found if path.is_file() and not _is_hidden(path.relative_to(schemas)))


def dataset_of(path: Path, schemas: Path) -> str:
    """Return the dataset id that a contract file's place stands for.

    >>> dataset_of(Path("schemas/mobility/trips.odcs.yaml"), Path("schemas"))
    'mobility.trips'
    """
    parts = path.relative_to(schemas).parts
    return ".".join([*parts[:-1], parts[-1].partition(".odcs.")[0]])


def keyed_files(schemas: Path) -> list[ContractFile]:
    """Return the contract files of a city with the digests of their content, the city pack, code lists and this code."""
    ground = _digest([code_digest(), *(_named(path, schemas) for path in _shared(schemas))])
    return [
        ContractFile(path, dataset_of(path, schemas), _digest([ground, _named(path, schemas)]))
        for path in contract_files(schemas)
    ]


def digest_of(files: Iterable[ContractFile]) -> str:
    """Return one digest for many contract files."""
    return _digest([file.key.encode() for file in files])


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)


def _shared(schemas: Path) -> list[Path]:
    return sorted([*schemas.glob("_*.yaml"), *(schemas / "_shared").glob("*.csv")])


def _named(path: Path, schemas: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        content = str(error).encode()
    return str(path.relative_to(schemas)).encode() + b"\0" + content


def _digest(parts: Iterable[bytes | str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


@cache
def code_digest() -> str:
    """Digest of the code and schemas that read contracts: a newer reader never trusts an older one's answer."""
    here = Path(__file__).parent
    own = sorted([*here.rglob("*.py"), *here.glob("*.json"), here.parent / "names.py"])
    standard = importlib.util.find_spec("open_data_contract_standard")
    folders = standard.submodule_search_locations if standard else None
    schema = [Path(folder) / "schema.json" for folder in folders or ()]
    return _digest([path.read_bytes() for path in [*own, *schema] if path.is_file()])
