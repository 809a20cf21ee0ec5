"""Fixtures of the tests of programs."""

import linecache

import pytest

from autograd import operations
from autograd.build import namespace
from autograd.ops import TABLE


@pytest.fixture
def table():
    """Give back the table as it was: rows that a test adds vanish with their methods."""
    rows, names, methods = dict(TABLE), dict(namespace), set(vars(operations.Operations))
    yield TABLE
    for mapping, before in ((TABLE, rows), (namespace, names)):
        mapping.clear()
        mapping.update(before)
    for name in set(vars(operations.Operations)) - methods:
        delattr(operations.Operations, name)
        linecache.cache.pop(f"<autograd row {name}>", None)
