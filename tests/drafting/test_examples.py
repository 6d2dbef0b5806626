"""The examples in the docstrings of the drafting package hold."""

import doctest
import importlib
import pkgutil

import pytest

from pipelines.contracts import writing
from pipelines.steps import draft

MODULES = [f"{draft.__name__}.{module.name}" for module in pkgutil.iter_modules(draft.__path__)]


@pytest.mark.parametrize("name", [*MODULES, writing.__name__])
def test_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
