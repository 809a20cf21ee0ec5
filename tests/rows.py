"""What the tests of the table share: points of a row's domain, all ways to its slopes, and how to judge a float."""

import functools
import math
import operator
import sys

import numpy as np
import pytest
from hypothesis import strategies as st
from mpmath import mpf

from autograd import Value
from autograd.ops import ROWS

INF, NAN = math.inf, math.nan
SMALLEST = sys.float_info.min  # the smallest normal float; below it digits run out
LARGEST = sys.float_info.max

every_row = pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)

OPERATORS = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "power": operator.pow, "negative": operator.neg, "absolute": abs,
}  # fmt: skip


def inside(op, point):
    names = {"floor": math.floor, "inf": INF, **dict(zip(op.arguments, point, strict=True))}
    return eval(op.domain.condition, {}, names)  # noqa: S307  # a row of ours


def argument(low, high):
    """Draw from an interval: floats of every size, those near 0, near its ends and near 1, and whole numbers.

    A bound of a million stands for infinity; 1e150 leaves room for a square.
    """
    low, high = (math.copysign(1e150, bound) if abs(bound) == 1e6 else bound for bound in (low, high))
    near = [0.0, *(x + d for x in (-1.0, 0.0, 1.0, low, high) for d in (-1e-3, -1e-9, -1e-15, 1e-15, 1e-9, 1e-3))]
    near += [low, high, math.nextafter(low, high), math.nextafter(high, low)]
    ordinary = st.floats(max(low, -40.0), min(high, 40.0))
    return st.one_of(
        ordinary,
        ordinary,
        st.floats(low, high),
        st.floats(max(low, -1e6), min(high, 1e6)),
        st.integers(max(math.ceil(low), -30), min(math.floor(high), 30)).map(float),
        st.sampled_from([x for x in near if low <= x <= high]),
    )


@functools.cache
def points(op):
    """Draw points of a row's domain; every now and then all arguments are the same number, or neighbours."""
    ranges = op.domain.ranges
    drawn = st.tuples(*[argument(*interval) for interval in ranges])
    if len(ranges) > 1 and len(set(ranges)) == 1:
        ties = drawn.map(lambda point: (point[0],) * len(point))
        neighbours = drawn.map(lambda point: (point[0], *[math.nextafter(point[0], INF)] * (len(point) - 1)))
        drawn = st.one_of(drawn, drawn, drawn, ties, neighbours)
    return drawn.filter(lambda point: inside(op, point))


def slopes_of(op, point):
    """Return the slopes by every way that leads to them: through a graph, from the row, and from its array kernel."""
    values = [Value(x) for x in point]
    node = op.apply(*values)
    node.backward()
    with np.errstate(all="ignore"):
        kernel = op.kernel_slopes(*[np.array([x]) for x in point], np.array([node.data]))
    return {
        "backward": [value.grad for value in values],
        "local": op.local(node),
        "kernel": [float(np.broadcast_to(slope, 1)[0]) for slope in kernel],
    }


def ulps_off(z, expected):
    """Return how far a float lies from the exact result, in units in the last place of the latter.

    Results below 2e-308 may lack digits, as a factor of theirs has lost them: what lies within 1e-320
    of it counts as exact.
    """
    if abs(expected) > LARGEST:
        return 0.0 if z == math.copysign(INF, expected) or abs(z) == LARGEST else INF
    if not math.isfinite(z):
        return INF
    off = abs(mpf(z) - expected)
    return 0.0 if off < 1e-320 else float(off / math.ulp(float(expected)))
