"""Writing query results as Arrow files."""

from pathlib import Path

import pyarrow as pa


def write_arrow(reader: pa.RecordBatchReader, path: Path) -> None:
    """Write the batches of a reader to an Arrow IPC file, one after the other."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
