"""Random computational graphs, and an independent engine to judge their gradients: forward mode, by dual numbers.

A graph is a list of steps that refer to earlier results by number: ``build`` runs it on Values, ``dual`` on dual
numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

import autograd
from autograd import Value, dot, maximum, sigmoid, sin, tanh


@dataclass
class Dual:
    """A number with its slope in every leaf, and with the sum over all paths of |product of local slopes|.

    The latter says how much rounding the slope may hold, whichever way it is computed.
    """

    data: float
    slopes: np.ndarray
    paths: np.ndarray


def _combine(data: float, terms: list[tuple[Dual, float]]) -> Dual:
    slopes = np.sum([local * x.slopes for x, local in terms], axis=0)
    # A local slope of 1 - z² near 0 holds an absolute error of an ulp of 1, so it counts as 1.
    paths = np.sum([max(abs(local), 1.0) * x.paths for x, local in terms], axis=0)
    return Dual(data, slopes, paths)


def _sigmoid(x: float) -> float:
    return 0.5 * (1 + math.tanh(x / 2))


# name: (number of operands, on Values, on dual numbers)
STEPS = {
    "add": (2, lambda x, y: x + y, lambda x, y: _combine(x.data + y.data, [(x, 1.0), (y, 1.0)])),
    "subtract": (2, lambda x, y: x - y, lambda x, y: _combine(x.data - y.data, [(x, 1.0), (y, -1.0)])),
    "multiply": (2, lambda x, y: x * y, lambda x, y: _combine(x.data * y.data, [(x, y.data), (y, x.data)])),
    "scale": (1, lambda x: 0.3 * x - 1, lambda x: _combine(0.3 * x.data - 1, [(x, 0.3)])),
    "square": (1, lambda x: x**2, lambda x: _combine(x.data * x.data, [(x, 2 * x.data)])),
    "tanh": (1, tanh, lambda x: _combine(math.tanh(x.data), [(x, math.cosh(min(abs(x.data), 300)) ** -2)])),
    "sin": (1, sin, lambda x: _combine(math.sin(x.data), [(x, math.cos(x.data))])),
    "sigmoid": (1, sigmoid, lambda x: _combine(_sigmoid(x.data), [(x, _sigmoid(x.data) * _sigmoid(-x.data))])),
    "maximum": (2, maximum, lambda x, y: _combine(max(x.data, y.data), [(x if x.data >= y.data else y, 1.0)])),
    "sum": (
        4,
        lambda *xs: autograd.sum(xs),
        lambda *xs: _combine(sum(x.data for x in xs), [(x, 1.0) for x in xs]),
    ),
    "dot": (
        5,
        lambda *v: dot(v[:2], v[2:4], v[4]),
        lambda a, b, x, y, c: _combine(
            a.data * x.data + b.data * y.data + c.data,
            [(a, x.data), (b, y.data), (x, a.data), (y, b.data), (c, 1.0)],
        ),
    ),
}


@dataclass(frozen=True)
class Recipe:
    """How to build a graph: the leaves' data, and each step's name with its operands' numbers."""

    leaves: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def build(self) -> tuple[list[Value], list[Value]]:
        """Return the leaves and all Values of the graph, the output last."""
        leaves = [Value(x, label=f"x{i}") for i, x in enumerate(self.leaves)]
        return leaves, self.run(leaves)

    def run(self, leaves: Sequence[Value]) -> list[Value]:
        """Return all Values of the graph above these leaves."""
        values = list(leaves)
        for name, operands in self.steps:
            values.append(STEPS[name][1](*[values[i] for i in operands]))
        return values

    def dual(self) -> Dual:
        """Return the output with its slopes in the leaves."""
        basis = np.eye(len(self.leaves))
        duals = [Dual(x, row, row) for x, row in zip(self.leaves, basis, strict=True)]
        for name, operands in self.steps:
            duals.append(STEPS[name][2](*[duals[i] for i in operands]))
        return duals[-1]


@st.composite
def recipes(draw: st.DrawFn, most_steps: int = 12) -> Recipe:
    """Draw a graph with shared nodes, repeated operands and unreached nodes, whose numbers stay below 1e50."""
    leaves = draw(st.lists(st.floats(-2, 2), min_size=1, max_size=4))
    steps: list[tuple[str, tuple[int, ...]]] = []
    for n in range(len(leaves), len(leaves) + draw(st.integers(1, most_steps))):
        name = draw(st.sampled_from(sorted(STEPS)))
        recent = st.integers(max(0, n - 4), n - 1) | st.integers(0, n - 1)
        steps.append((name, tuple(draw(recent) for _ in range(STEPS[name][0]))))
        if abs(Recipe(tuple(leaves), tuple(steps)).dual().data) > 1e6:
            steps[-1] = ("tanh", (steps[-1][1][0],))
    return Recipe(tuple(leaves), tuple(steps))
