"""Optimisers: how parameters follow their gradients downhill.

Each is one formula on arrays, ``update``: all parameters and all gradients in, the new parameters out.

>>> from autograd import parameter
>>> x = parameter(5.0)
>>> optimizer = SGD([x], learning_rate=0.1)
>>> for _ in range(100):
...     loss = (x - 2) ** 2
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> round(x.data, 6)
2.0
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import OperandError
from autograd.ops import CONSTANT
from autograd.value import Value
from nn.errors import SettingError

Array = NDArray[np.float64]


class Optimizer(ABC):
    """The base of all optimisers; a subclass gives the formula.

    Args:
        parameters: the Values to be learned, as ``model.parameters()`` lists them.
        learning_rate: how far to go; a positive number. It can be changed between steps.

    Raises:
        SettingError: there are no parameters, one stands twice, or the rate is not positive.
        OperandError: one of them cannot be learned, since it is no Value, a constant, or the result of an operation.
    """

    def __init__(self, parameters: Iterable[Value], learning_rate: float) -> None:
        self.parameters = _learnable(parameters)
        self.learning_rate = _positive("learning rate", learning_rate)

    @abstractmethod
    def update(self, theta: Array, gradient: Array) -> Array:
        """Return the new parameters as an array of their own; ``theta`` and ``gradient`` stay as they are."""

    def step(self) -> None:
        """Update every parameter from its gradient."""
        theta = np.array([parameter.data for parameter in self.parameters])
        gradient = np.array([parameter.grad for parameter in self.parameters])
        for parameter, data in zip(self.parameters, self.update(theta, gradient).tolist(), strict=True):
            parameter.data = data

    def zero_grad(self) -> None:
        """Set every parameter's gradient to 0, as is due before each new ``backward()``, for gradients accumulate."""
        for parameter in self.parameters:
            parameter.grad = 0.0


class SGD(Optimizer):
    """Gradient descent: θ ← θ - η ∂L/∂θ, with the learning rate η.

    Stochastic, if each step's loss L is that of one sample or of a few drawn at random.

    >>> SGD([Value(1.0)], learning_rate=0.5).update(np.array([1.0, 2.0]), np.array([4.0, -2.0]))
    array([-1.,  3.])
    """

    def update(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η ∂L/∂θ."""
        return theta - self.learning_rate * gradient


def _learnable(parameters: Iterable[Value]) -> list[Value]:
    if not isinstance(parameters, Iterable):
        raise OperandError(f"an optimiser takes a list of Values, as model.parameters() returns; got {parameters!r}")
    values = list(parameters)
    if not values:
        raise SettingError("there are no parameters to learn; make them with autograd.parameter(0.5)")
    for value in values:
        if not isinstance(value, Value):
            raise OperandError(f"an optimiser changes Values, not {value!r}")
        if not value.is_leaf:
            raise OperandError(
                f"{value!r} is the result of {value.op.name!r}; only what it was made from can be learned"
            )
        if value.op is CONSTANT:
            raise OperandError(f"{value!r} is a constant, which never receives a gradient; use autograd.parameter")
    if len(set(values)) < len(values):
        raise SettingError("a parameter stands twice in the list, and would be updated twice; list each one once")
    return values


def _positive(what: str, x: Any) -> float:
    if not isinstance(x, (int, float, np.integer, np.floating)) or not 0.0 < x < math.inf:
        raise SettingError(f"the {what} is a positive number, as in 0.1; not {x!r}")
    return float(x)
