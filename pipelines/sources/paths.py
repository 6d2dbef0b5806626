"""Paths as DuckDB must be told them."""

from pathlib import Path


def literal_path(path: Path) -> str:
    """Return the path so that DuckDB takes `*`, `?` and `[` in it for themselves, not for a glob.

    >>> literal_path(Path("/landing/路灯[1].csv"))
    '/landing/路灯[[]1].csv'
    """
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))
