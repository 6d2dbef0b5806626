"""dbt-duckdb's way to the lake: every connection begins with the lines of `rongtong attach`."""

import subprocess
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Attaches the lake read-only as `city`; its standards' macros are found behind dbt's own database."""

    def configure_connection(self, conn: Any) -> None:
        """Attach, once for the whole run."""
        here = conn.execute("SELECT current_database()").fetchone()[0]
        conn.execute(subprocess.check_output(["rongtong", "attach"], text=True))
        zone = conn.execute("SELECT current_setting('TimeZone')").fetchone()[0]
        self._begin = f"SET search_path = '{here}.main,standards.main'; SET TimeZone = '{zone}'"
        conn.execute(self._begin)

    def configure_cursor(self, cursor: Any) -> None:
        """Give each of dbt's sessions the same path and the city's zone."""
        cursor.execute(self._begin)
