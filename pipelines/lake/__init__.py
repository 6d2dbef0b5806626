"""The lake, opened for an analyst: `from pipelines.lake import connect`."""

from pipelines.lake.reader import connect

__all__ = ["connect"]
