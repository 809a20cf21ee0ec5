"""What holds for every test: property tests draw the same examples on every run, and the table stays as it is."""

import linecache

import pytest
from hypothesis import settings

from autograd import operations
from autograd.build import namespace
from autograd.ops import TABLE

settings.register_profile("glassgrad", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("glassgrad")


@pytest.fixture(autouse=True)
def table():
    """Give back the table as it was: rows that a test adds vanish with their methods."""
    rows, names, methods = dict(TABLE), dict(namespace), set(vars(operations.Operations))
    yield TABLE
    if set(TABLE) == set(rows):
        return
    for mapping, before in ((TABLE, rows), (namespace, names)):
        mapping.clear()
        mapping.update(before)
    for name in set(vars(operations.Operations)) - methods:
        delattr(operations.Operations, name)
        linecache.cache.pop(f"<autograd row {name}>", None)
