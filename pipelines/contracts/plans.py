"""Compiled plans: all that a DAG needs to know of its contract, as JSON kept under a digest of what decides it.

Parsing DAGs calls this every few seconds in several processes: nothing heavy is imported unless something changed.
"""

import dataclasses
import re
from typing import Any

from pipelines.contracts.cache import forget_others, read_cached, write_cached
from pipelines.contracts.sources import digest_of, keyed_files
from pipelines.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a DAG is made of. A broken contract has a plan too: its `problems` are told, and nothing else is trusted."""

    id: str
    table: str
    dag_id: str
    title: str
    doc_md: str
    schedule: str | None
    owner: str
    tags: tuple[str, ...]
    asset_uri: str
    status: str
    digest: str
    problems: tuple[str, ...] = ()


def plans(settings: Settings) -> list[Plan]:
    """Return the plan of every contract file of a city, in order of path; one that is broken harms no other."""
    files = keyed_files(settings.schemas)
    folder = settings.cache / "plans"
    said = digest_of(files)
    key = f"{said}-{settings.lang}"  # broken contracts' problems are told in it
    kept = _from_json(read_cached(folder, key))
    if kept is not None:
        return kept
    # YAML, schemas and models are imported after a change only
    from pipelines.contracts.compile import compile_plans

    compiled = compile_plans(settings)
    if digest_of(keyed_files(settings.schemas)) == said:
        write_cached(folder, key, [dataclasses.asdict(plan) for plan in compiled])
        forget_others(folder, [key])
    return compiled


def safe_dag_id(text: str) -> str:
    """Return a text as a DAG may be called: letters, digits, `_`, `-` and `.` only.

    >>> safe_dag_id("ingest__trips"), safe_dag_id("ingest__工单")
    ('ingest__trips', 'ingest__u5de5u5355')
    """
    return re.sub(r"[^A-Za-z0-9_.-]", lambda match: f"u{ord(match.group()):x}", text)


def asset_uri(table: str, layer: str = "dwd") -> str:
    """Return the URI of a table as an asset.

    >>> asset_uri("trips")
    'rongtong://dwd/trips'
    """
    return f"rongtong://{layer}/{safe_dag_id(table)}"


def _from_json(entries: Any) -> list[Plan] | None:
    try:
        return [
            Plan(**{**entry, "tags": tuple(entry["tags"]), "problems": tuple(entry["problems"])}) for entry in entries
        ]
    except (TypeError, KeyError):
        return None
