"""Drafting a contract from a file: `from pipelines.steps.draft import DraftOptions, draft`."""

from pipelines.steps.draft.drafting import draft
from pipelines.steps.draft.options import DraftOptions, DraftResult, Inference

__all__ = ["DraftOptions", "DraftResult", "Inference", "draft"]
