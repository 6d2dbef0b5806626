"""dlt: its DuckDB CSV reader (Arrow) into its DuckDB destination. Types are guessed; nothing is checked.

python dlt_reader.py FILE WARM_FILE FOLDER
"""

import os
import sys
from pathlib import Path

FILE, WARM, FOLDER = map(Path, sys.argv[1:])
# The stock naming turns every Chinese heading into 'x', and they collide.
os.environ |= {"SCHEMA__NAMING": "direct", "RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": str(FOLDER)}

import dlt  # noqa: E402
from dlt.sources.filesystem import filesystem, read_csv_duckdb  # noqa: E402
from measured import measured  # noqa: E402

CHUNK = 100_000  # the stock 5000 is a tenth slower


def load(path: Path) -> None:
    """Load one file into a table of its own database."""
    target = dlt.destinations.duckdb(str(FOLDER / f"{path.stem}.duckdb"))
    pipeline = dlt.pipeline(path.stem, destination=target, dataset_name="city", pipelines_dir=str(FOLDER))
    found = filesystem(bucket_url=path.parent.as_uri(), file_glob=path.name)
    rows = found | read_csv_duckdb(use_pyarrow=True, chunk_size=CHUNK)
    pipeline.run(rows.with_name("orders"), write_disposition="replace")


load(WARM)
with measured([f"dlt {dlt.__version__}: types guessed, no rule checked, Arrow chunks of {CHUNK:,} rows"]):
    load(FILE)
