"""The gradient check: is the gradient that backpropagation gives the one that small nudges of the inputs give?

It is what CS231n recommends for every new gate, and what shows a misprint in a formula for what it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, SupportsFloat

from autograd.errors import GradientCheckError, OperandError
from autograd.modes import no_grad
from autograd.value import Value, number


@dataclass(frozen=True)
class Comparison:
    """One argument's slope: ``received`` from backward, ``expected`` from central differences."""

    argument: int
    received: float
    expected: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether both lie within the tolerance of each other, or are the same infinity, or both nan."""
        if math.isnan(self.received) or math.isnan(self.expected):
            return math.isnan(self.received) and math.isnan(self.expected)
        return self.received == self.expected or abs(self.received - self.expected) <= self.tolerance


def check_gradient(
    function: Callable[..., Any], *point: SupportsFloat, step: float = 1e-5, tolerance: float = 1e-6
) -> list[Comparison]:
    """Compare the gradient of ``function`` at ``point`` with central differences, (f(x + h) - f(x - h)) / 2h.

    Args:
        function: takes as many Values as there are numbers in ``point``, and returns a Value.
        point: where to compare.
        step: h, relative to the argument where that exceeds 1.
        tolerance: how far the two may lie apart, relative to the largest of 1 and the slopes.

    Returns:
        One Comparison for each argument, all of which agree.

    Raises:
        GradientCheckError: one does not; the message names point, argument, expected and received.
        OperandError: the point is empty, or the function does not return a Value.

    >>> from autograd import tanh
    >>> [c.argument for c in check_gradient(lambda x, y: tanh(x) * y, 0.5, 2.0)]
    [0, 1]
    """
    if not point:
        raise OperandError("check_gradient needs a point: one number for each argument of the function")
    numbers = [number(x) for x in point]
    inputs = [Value(x) for x in numbers]
    output = function(*inputs)
    if not isinstance(output, Value):
        raise OperandError(f"the function must return a Value; it returned {output!r}")
    output.backward()
    comparisons = []
    for i, x in enumerate(numbers):
        h = step * max(1.0, abs(x))
        above, below = _at(function, numbers, i, x + h), _at(function, numbers, i, x - h)
        expected = (above - below) / ((x + h) - (x - h))
        scale = max(1.0, abs(expected), abs(inputs[i].grad)) if math.isfinite(expected) else 1.0
        comparisons.append(Comparison(i, inputs[i].grad, expected, tolerance * scale))
    wrong = [c for c in comparisons if not c.agrees]
    if wrong:
        where = ", ".join(f"{x:.6g}" for x in numbers)
        lines = [
            f"argument {c.argument}: expected {c.expected:.10g} (central difference), "
            f"received {c.received:.10g} (backward)"
            for c in wrong
        ]
        name = getattr(function, "__name__", "the function")
        raise GradientCheckError(f"the gradient of {name} at ({where}) is not confirmed: {'; '.join(lines)}")
    return comparisons


def _at(function: Callable[..., Any], numbers: Sequence[float], i: int, x: float) -> float:
    with no_grad():
        result: float = function(*[Value(x if j == i else other) for j, other in enumerate(numbers)]).data
    return result
