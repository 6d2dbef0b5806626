"""The lake, opened for an analyst: `from pipelines.lake import connect`."""

from pipelines.lake.analyst import connect

__all__ = ["connect"]
