"""Penalties: functions of a model's weights that are added to the loss, so that the weights stay small.

>>> from nn import MLP
>>> model = MLP(2, [1], initial=lambda rng, nin, nout: [3.0, -1.0])
>>> l2(0.5)(model.weights()).data
5.0
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np

from autograd import dot
from autograd.reductions import sum as total
from autograd.value import Value, operands
from nn.errors import SettingError


@dataclass(frozen=True)
class l1:  # noqa: N801  # it is used like a function, as no_grad is
    """The penalty λ Σ |w|, which drives weights to 0 exactly: the lasso (R. Tibshirani, 1996). Slope 0 at 0.

    Args:
        strength: λ, at least 0.

    Raises:
        SettingError: λ is negative or not finite.

    >>> penalty = l1(0.5)
    >>> penalty([Value(3.0), Value(-1.0)]).data
    2.0
    """

    strength: float

    def __post_init__(self) -> None:
        _check_strength("l1", self.strength)

    def __call__(self, weights: Iterable[SupportsFloat]) -> Value:
        """Return λ Σ |w|."""
        return self.strength * total([w.absolute() for w in operands(weights)])


@dataclass(frozen=True)
class l2:  # noqa: N801
    """The penalty λ Σ w², weight decay: large weights cost much, and biases are usually left out.

    Where lectures write λ/2m Σ w², for m samples, that is ``l2(lam / (2 * m))``. Two penalties go together as
    ``lambda weights: l1(1e-4)(weights) + l2(1e-3)(weights)``, the elastic net.

    Args:
        strength: λ, at least 0.

    Raises:
        SettingError: λ is negative or not finite.

    >>> penalty = l2(0.5)
    >>> penalty([Value(3.0), Value(-1.0)]).data
    5.0
    """

    strength: float

    def __post_init__(self) -> None:
        _check_strength("l2", self.strength)

    def __call__(self, weights: Iterable[SupportsFloat]) -> Value:
        """Return λ Σ w²."""
        ws = operands(weights)
        return self.strength * dot(ws, ws)


def _check_strength(name: str, strength: float) -> None:
    if not isinstance(strength, (int, float, np.integer, np.floating)) or not 0.0 <= strength < math.inf:
        raise SettingError(f"{name}: the strength is a number of at least 0, as in 1e-4; not {strength!r}")
