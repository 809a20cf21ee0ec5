"""Gradient descent, with a memory of where it was going."""

from __future__ import annotations

from typing import ClassVar

from nn.errors import SettingError
from nn.optimizers.base import Array, Optimizer, Parameters, Rate
from nn.settings import fraction, not_negative


class SGD(Optimizer):
    """Gradient descent, θ ← θ - η g, with momentum and weight decay if wanted.

    Stochastic, if each step's loss L is that of one sample or of a few drawn at random. With the momentum μ and the
    weight decay λ, each step is

        g ← ∂L/∂θ + λ θ
        v ← μ v + g
        θ ← θ - η v,          or with ``nesterov``    θ ← θ - η (g + μ v)

    so that a steady slope is followed 1 / (1 - μ) times as fast, and slopes of changing sign cancel. The convention is
    PyTorch's: v sums gradients, and the rate multiplies it. On lectures' slides it is often inside,
    Δθ ← μ Δθ - η g, which is the same as long as η does not change.

    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964. Nesterov's form: I.
    Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum in deep learning",
    ICML 2013.

    Args:
        parameters: as for every Optimizer, and so are the others that are not named here.
        learning_rate: η.
        momentum: μ, at least 0 and less than 1; 0.9 is usual.
        nesterov: look ahead: take the slope where the momentum is about to lead.
        weight_decay: λ, at least 0; the same as a penalty ½ λ Σ θ² in the loss.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> import numpy as np
    >>> from autograd import parameter
    >>> optimizer = SGD([parameter(1.0), parameter(2.0)], learning_rate=0.5, momentum=0.5)
    >>> theta = optimizer.update(np.array([1.0, 2.0]), np.array([4.0, -2.0]))
    >>> theta, optimizer.update(theta, np.array([0.0, 0.0]))
    (array([-1.,  3.]), array([-2. ,  3.5]))
    """

    options: ClassVar = {"momentum": fraction, "weight_decay": not_negative}
    state = ("velocity",)

    momentum: float | Array
    weight_decay: float | Array
    velocity: Array

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, clip_norm=clip_norm, clip_value=clip_value,
            momentum=momentum, weight_decay=weight_decay,
        )  # fmt: skip
        if nesterov and isinstance(self.momentum, float) and self.momentum == 0.0:
            raise SettingError("nesterov looks ahead along the momentum, which is 0; give one, as in momentum=0.9")
        self.nesterov = bool(nesterov)

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η v, or θ - η (g + μ v)."""
        g = gradient + self.weight_decay * theta
        self.velocity = self.momentum * self.velocity + g
        return theta - self.eta * (g + self.momentum * self.velocity if self.nesterov else self.velocity)
