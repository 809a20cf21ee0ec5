"""Plain gradient descent on a function of a few numbers, as on the slides: it keeps its path, so that you can draw it.

>>> from autograd import exp
>>> def f(x, y):
...     return exp(x**2 + y**2) + (x - 2) ** 2 + (y - 3) ** 2
>>> gradient_descent(f, (0, 0), learning_rate=0.01, threshold=1e-5)
Descent(converged after 60 steps at (0.547715, 0.821573), where f = 9.50577)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd.errors import DivisionByZeroError, DomainError, RangeError
from autograd.table import number_text
from autograd.value import number, operand
from nn.errors import DivergedError, SettingError
from nn.settings import count, positive

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Descent:
    """The path of a gradient descent.

    Attributes:
        points: where it was, the start first; shape (steps + 1, coordinates).
        values: f at each of them; shape (steps + 1,).
        gradients: ∇f at each of them; shape (steps + 1, coordinates).
        converged: whether the next step would have been shorter than the threshold. If not, ``max_steps`` were done.
    """

    points: Array
    values: Array
    gradients: Array
    converged: bool

    @property
    def point(self) -> Array:
        """Where it ended."""
        end: Array = self.points[-1]
        return end

    @property
    def value(self) -> float:
        """The value f has there."""
        return float(self.values[-1])

    @property
    def steps(self) -> int:
        """How many steps were done."""
        return len(self.values) - 1

    def __repr__(self) -> str:
        how = "converged after" if self.converged else "not converged in"
        where = f"{_point_text(self.point)}, where f = {number_text(self.value)}"
        return f"Descent({how} {_counted(self.steps)} at {where})"


class DescentError(DivergedError):
    """Gradient descent came to a point where the function or its slope is infinite or not defined.

    Attributes:
        descent: the path up to the last point where both are finite; None if there is none.
    """

    def __init__(self, message: str, descent: Descent | None) -> None:
        super().__init__(message)
        self.descent = descent


def gradient_descent(
    f: Callable[..., Any],
    start: SupportsFloat | Iterable[SupportsFloat],
    learning_rate: float = 0.01,
    threshold: float = 1e-5,
    max_steps: int = 10_000,
) -> Descent:
    """Walk downhill: x ← x - η ∇f(x), until a step would be shorter than the threshold, ‖η ∇f(x)‖ < threshold.

    -∇f(x) is the direction in which f falls most steeply, and f(x + δ) ≈ f(x) + δ·∇f(x) for small δ. So a small enough
    η leads down; it leads to the bottom of the valley in which the start lies, which need not be the deepest one. If η
    is too large, steps overshoot.

    Args:
        f: a function of as many numbers as ``start`` has, which it gets as Values; it returns one.
        start: the first point: its coordinates, or a single number.
        learning_rate: η, a positive number.
        threshold: the length of a step that counts as none; a positive number.
        max_steps: when to give up.

    Returns:
        The path. Its ``converged`` tells whether the threshold was reached.

    Raises:
        DescentError: f or its gradient is infinite or not defined at a point that was reached: the descent diverged, or
            left f's domain. The error's ``descent`` is the path up to there.
        SettingError: an argument that cannot be.

    >>> gradient_descent(lambda x: (x - 3) ** 2, 0.0, learning_rate=0.25, threshold=1e-9).point.round(6).tolist()
    [3.0]
    """
    if not callable(f):
        raise SettingError(f"f is a function of numbers, as in lambda x, y: x**2 + y**2; not {f!r}")
    point = _start(start)
    learning_rate, threshold = positive("learning rate", learning_rate), positive("threshold", threshold)
    max_steps = count("number of steps, max_steps,", max_steps)
    points: list[Array] = []
    values: list[float] = []
    gradients: list[Array] = []
    converged = False
    while len(points) <= max_steps and not converged:
        try:
            value, gradient = _look(f, point)
        except (DomainError, DivisionByZeroError, RangeError) as error:
            raise _diverged(point, str(error), points, values, gradients) from error
        if not (math.isfinite(value) and np.isfinite(gradient).all()):
            what = f"f is {value}" if not math.isfinite(value) else f"the gradient is {_point_text(gradient)}"
            raise _diverged(point, what, points, values, gradients)
        points.append(point)
        values.append(value)
        gradients.append(gradient)
        with np.errstate(over="ignore"):  # a point at infinity is looked at, and said to be one
            step = learning_rate * gradient
            point = point - step
        converged = math.hypot(*step) < threshold
    return Descent(np.array(points), np.array(values), np.array(gradients), converged)


def _look(f: Callable[..., Any], point: Array) -> tuple[float, Array]:
    """Return f and its gradient at a point."""
    coordinates = [Value(x) for x in point.tolist()]
    result = operand(f(*coordinates))
    result.backward()
    return result.data, np.array([x.grad for x in coordinates])


def _diverged(
    point: Array, what: str, points: list[Array], values: list[float], gradients: list[Array]
) -> DescentError:
    if not points:
        return DescentError(f"gradient descent cannot start at {_point_text(point)}: {what}", None)
    descent = Descent(np.array(points), np.array(values), np.array(gradients), converged=False)
    return DescentError(
        f"gradient descent came to {_point_text(point)} after {_counted(len(points))}: {what}. Try a smaller "
        "learning_rate, or another start; the error's .descent holds the path",
        descent,
    )


def _start(start: Any) -> Array:
    numbers = list(start) if isinstance(start, Iterable) and np.ndim(start) else [start]  # type: ignore[arg-type]
    point = np.array([number(x) for x in numbers])
    if point.size == 0 or not np.isfinite(point).all():
        raise SettingError(f"the start is a point, as in (0, 0), whose coordinates are finite; not {start!r}")
    return point


def _counted(steps: int) -> str:
    return f"{steps} step{'' if steps == 1 else 's'}"


def _point_text(point: Array) -> str:
    return f"({', '.join(map(number_text, point.tolist()))})"
