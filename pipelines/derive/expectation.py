"""One question put to Great Expectations about a batch. Plain data: nothing here imports it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Expectation:
    """A rule id, the expectation that measures it (`expect_column_values_to_not_be_null`) and its arguments.

    `unexpected_rows_expectation` takes either `unexpected_rows_query` (SQL with `{batch}`) or `condition`: SQL over the
    batch's columns that is true for the rows that break the rule, counted in the same scan as everything else; with
    `among`, another condition, in a scan of the rows it is true for, since the first is true for no other.
    """

    rule: str
    type: str
    kwargs: dict[str, Any]
