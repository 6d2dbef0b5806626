"""The basis of a local value, `{kind, ref, effective}`: read strictly wherever a city pack gives one."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pipelines.contracts.document import Place
from pipelines.contracts.hints import closest, listed, use
from pipelines.contracts.policy import BASIS_KINDS, Basis

_KEYS = ("kind", "ref", "effective")
Told = tuple[Place, str, str]


def basis_faults(raw: Any) -> Iterator[Told]:
    """Yield place, message and hint of whatever is wrong in a basis."""
    if not isinstance(raw, dict):
        yield (), "basis must be a mapping", "write {kind: example, ref: the document, effective: 2026-01-01}."
        return
    yield from unknown_keys(raw, _KEYS)
    kind, ref = raw.get("kind"), raw.get("ref")
    if "kind" not in raw:
        yield (), "the basis lacks its kind", listed(BASIS_KINDS)
    elif kind not in BASIS_KINDS:
        yield ("kind",), f"basis kind {kind!r} is not known", listed(BASIS_KINDS)
    if not isinstance(ref, str) or not ref.strip():
        yield ("ref",), "the basis lacks its ref", "name the document, or say why it is an example."
    if "effective" in raw and not is_date(raw["effective"]):
        yield ("effective",), f"effective {raw['effective']!r} is not a date", "write YYYY-MM-DD."


def to_basis(raw: dict[str, Any]) -> Basis:
    """Return a sound basis."""
    return Basis(raw["kind"], raw["ref"], raw.get("effective", ""))


def is_date(value: Any) -> bool:
    """Whether a value is a day as ISO text.

    >>> is_date("2026-03-01"), is_date("2026-3-1"), is_date("2026-02-30"), is_date(20260301)
    (True, False, False, False)
    """
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def unknown_keys(raw: dict[str, Any], known: tuple[str, ...]) -> Iterator[Told]:
    """Yield a fault for every key of a mapping that is not known."""
    for key in raw:
        if key not in known:
            yield (key,), f"unknown key '{key}'", use(closest(key, known))
