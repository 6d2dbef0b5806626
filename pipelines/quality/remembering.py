"""What Great Expectations works out again and again while it measures one batch, worked out once.

Stock makes an expectation's configuration anew at each look at it, some seventy times a measurement, and a metric's id
by walking its arguments for values that JSON does not know, which are hardly ever there: a third of the CPU of
measuring a small batch. The answers are the same, and outside the `with` nothing is changed.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from great_expectations.core.id_dict import IDDict
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

_STOCK: Any = Expectation.configuration
_STOCK_ID: Any = IDDict.to_id


@contextmanager
def remembering() -> Iterator[None]:
    """Measure one batch; what was worked out is forgotten at the end."""
    known: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}

    def configuration(expectation: Expectation) -> ExpectationConfiguration:
        if id(expectation) not in known:
            # Kept beside its answer, so that no later expectation gets its place in memory and with it its answer.
            known[id(expectation)] = expectation, _STOCK.fget(expectation)
        return known[id(expectation)][1]

    _put(property(configuration), _metric_id)
    try:
        yield
    finally:
        _put(_STOCK, _STOCK_ID)


def _put(configuration: Any, to_id: Any) -> None:
    Expectation.configuration = configuration  # type: ignore[method-assign]
    IDDict.to_id = to_id  # type: ignore[method-assign]


def _metric_id(arguments: IDDict, id_keys: Any = None, id_ignore_keys: Any = None) -> Any:
    """Return the id that stock gives: from JSON at once where JSON knows every value."""
    if id_keys is None and id_ignore_keys is None and len(arguments) > 1:
        try:
            text = json.dumps(arguments, sort_keys=True)
        except TypeError:
            return _STOCK_ID(arguments)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return _STOCK_ID(arguments, id_keys, id_ignore_keys)
