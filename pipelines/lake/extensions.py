"""DuckDB's extensions as they come from the package index: loaded by path, never downloaded."""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from pipelines.errors import EnvironmentFault


def extension_path(name: str) -> Path:
    """Return the file of an installed extension wheel; EnvironmentFault when it does not fit the running DuckDB."""
    spec = find_spec(f"duckdb_extension_{name}")
    locations = list(spec.submodule_search_locations or ()) if spec else []
    for location in locations:
        path = Path(location) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    package = f"duckdb-extension-{name.replace('_', '-')}"
    raise EnvironmentFault(
        f"[extension] DuckDB {duckdb.__version__} has no extension '{name}' here. "
        f"Hint: install {package}=={duckdb.__version__} (it is in requirements.lock; `make setup`)."
    )


def load_extensions(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Load the named extensions into a connection.

    On a connection that allows unsigned ones DuckDB does not hash the files, which takes 0.6 CPU seconds for ours each time;
    the lock file's hashes vouch for the wheels they came in. Whoever allows it forbids it again at once: DuckDB lets nobody
    allow it later.
    """
    for name in names:
        con.execute(f"LOAD '{extension_path(name)}'")
