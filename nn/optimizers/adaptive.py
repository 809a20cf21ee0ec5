"""Optimisers that give every parameter a rate of its own, by the size of its gradients so far.

In all of them g is the gradient, to which λ θ is added where there is a weight decay λ (but not in AdamW). All
operations are by element. The defaults are PyTorch's.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nn.optimizers.base import Array, Optimizer, Parameters, Rate
from nn.settings import fraction, fractions, not_negative


class Adagrad(Optimizer):
    """Divide by the root of the sum of all squared gradients: rates only ever shrink, faster where slopes are large.

        s ← s + g²
        θ ← θ - η g / (√s + ε)

    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
    JMLR 12 (2011).

    Args:
        parameters: as for every Optimizer, and so are the others that are not named here.
        learning_rate: η.
        eps: ε, at least 0; it keeps the division finite.
        weight_decay: λ, at least 0.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> from autograd import parameter
    >>> optimizer = Adagrad([parameter(0.0), parameter(0.0)], learning_rate=1.0)
    >>> optimizer.update(np.zeros(2), np.array([0.1, 20.0])).round(6)  # first steps have the length η
    array([-1., -1.])
    """

    options: ClassVar = {"eps": not_negative, "weight_decay": not_negative}
    state = ("squares",)

    eps: float | Array
    weight_decay: float | Array
    squares: Array

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate = 0.01,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, clip_norm=clip_norm, clip_value=clip_value, eps=eps, weight_decay=weight_decay
        )

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η g / (√s + ε)."""
        g = gradient + self.weight_decay * theta
        self.squares = self.squares + g * g
        return theta - self.eta * g / (np.sqrt(self.squares) + self.eps)


class RMSprop(Optimizer):
    """Divide by the root of a running mean of squared gradients: Adagrad that forgets, so that it goes on learning.

        s ← α s + (1 - α) g²
        r = √s,                                                  or if ``centered``   r = √(s - m²)
        θ ← θ - η g / (r + ε),     or with the momentum μ    v ← μ v + g / (r + ε),   θ ← θ - η v

    where m ← α m + (1 - α) g, so that s - m² is the gradient's variance.

    T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", Coursera, 2012; centered: A. Graves, "Generating sequences with
    recurrent neural networks", arXiv:1308.0850 (2013).

    Args:
        parameters: as for every Optimizer, and so are the others that are not named here.
        learning_rate: η.
        alpha: α, at least 0 and less than 1.
        eps: ε, at least 0.
        weight_decay: λ, at least 0.
        momentum: μ, at least 0 and less than 1.
        centered: divide by the deviation from the mean gradient instead.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> from autograd import parameter
    >>> RMSprop([parameter(0.0)], learning_rate=0.1, alpha=0.75).update(np.zeros(1), np.array([20.0])).round(6)
    array([-0.2])
    """

    options: ClassVar = {"alpha": fraction, "eps": not_negative, "weight_decay": not_negative, "momentum": fraction}
    state = ("square", "mean", "velocity")

    alpha: float | Array
    eps: float | Array
    weight_decay: float | Array
    momentum: float | Array
    square: Array
    mean: Array
    velocity: Array

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, clip_norm=clip_norm, clip_value=clip_value,
            alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum,
        )  # fmt: skip
        self.centered = bool(centered)

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η v, where v ← μ v + g / (r + ε)."""
        g = gradient + self.weight_decay * theta
        self.square = self.alpha * self.square + (1 - self.alpha) * g * g
        self.mean = self.alpha * self.mean + (1 - self.alpha) * g
        # Rounding can leave a variance of 0 a little below it.
        spread = np.maximum(self.square - self.mean * self.mean, 0.0) if self.centered else self.square
        self.velocity = self.momentum * self.velocity + g / (np.sqrt(spread) + self.eps)
        return theta - self.eta * self.velocity


class Adadelta(Optimizer):
    """Steps as long as recent steps were, scaled by how the slope compares with recent slopes: units come out right.

        s ← ρ s + (1 - ρ) g²
        Δ = g √(d + ε) / √(s + ε)
        d ← ρ d + (1 - ρ) Δ²
        θ ← θ - η Δ

    The paper has no η, that is η = 1. Steps begin small, of the order of √ε.

    M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701 (2012).

    Args:
        parameters: as for every Optimizer, and so are the others that are not named here.
        learning_rate: η.
        rho: ρ, at least 0 and less than 1.
        eps: ε, at least 0; with 0 it would never start.
        weight_decay: λ, at least 0.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> from autograd import parameter
    >>> Adadelta([parameter(0.0)], rho=0.75, eps=0.25).update(np.zeros(1), np.array([2.0])).round(6)
    array([-0.894427])
    """

    options: ClassVar = {"rho": fraction, "eps": not_negative, "weight_decay": not_negative}
    state = ("square", "square_step")

    rho: float | Array
    eps: float | Array
    weight_decay: float | Array
    square: Array
    square_step: Array

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, clip_norm=clip_norm, clip_value=clip_value,
            rho=rho, eps=eps, weight_decay=weight_decay,
        )  # fmt: skip

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η Δ."""
        g = gradient + self.weight_decay * theta
        self.square = self.rho * self.square + (1 - self.rho) * g * g
        step = g * np.sqrt(self.square_step + self.eps) / np.sqrt(self.square + self.eps)
        self.square_step = self.rho * self.square_step + (1 - self.rho) * step * step
        return theta - self.eta * step


class Adam(Optimizer):
    """Momentum and RMSprop in one, both corrected for having started at 0.

        m ← β₁ m + (1 - β₁) g
        v ← β₂ v + (1 - β₂) g²
        θ ← θ - η m̂ / (√v̂ + ε),     m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ),  t = 1, 2, …

    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.

    Args:
        parameters: as for every Optimizer, and so are the others that are not named here.
        learning_rate: η, about the length of each parameter's steps.
        betas: (β₁, β₂), both at least 0 and less than 1.
        eps: ε, at least 0.
        weight_decay: λ, at least 0; here it is divided by √v̂ with the rest of the gradient, in AdamW it is not.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> from autograd import parameter
    >>> Adam([parameter(0.0), parameter(0.0)]).update(np.zeros(2), np.array([5.0, -0.01])).round(6)
    array([-0.001,  0.001])
    """

    options: ClassVar = {"betas": fractions, "eps": not_negative, "weight_decay": not_negative}
    state = ("mean", "square")

    betas: tuple[float, float] | Array
    eps: float | Array
    weight_decay: float | Array
    mean: Array
    square: Array

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, clip_norm=clip_norm, clip_value=clip_value,
            betas=betas, eps=eps, weight_decay=weight_decay,
        )  # fmt: skip

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η m̂ / (√v̂ + ε)."""
        return theta - self.eta * self._direction(gradient + self.weight_decay * theta)

    def _direction(self, g: Array) -> Array:
        """Return m̂ / (√v̂ + ε)."""
        beta1, beta2 = self.betas
        t = self.steps + 1
        self.mean = beta1 * self.mean + (1 - beta1) * g
        self.square = beta2 * self.square + (1 - beta2) * g * g
        mean, square = self.mean / (1 - beta1**t), self.square / (1 - beta2**t)
        direction: Array = mean / (np.sqrt(square) + self.eps)
        return direction


class AdamW(Adam):
    """Adam whose weight decay acts on the parameters themselves: each step first shrinks them by the factor 1 - η λ.

        θ ← θ - η λ θ - η m̂ / (√v̂ + ε)

    where m̂ and v̂ are Adam's, of the loss's gradient alone.

    I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.

    Args:
        parameters: as for every Optimizer, and so are the others that are not named here.
        learning_rate: η.
        betas: (β₁, β₂), as for Adam.
        eps: ε, as for Adam.
        weight_decay: λ, at least 0.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> from autograd import parameter
    >>> AdamW([parameter(0.0)], learning_rate=0.5, weight_decay=0.1).update(np.array([2.0]), np.zeros(1))
    array([1.9])
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, betas, eps, weight_decay, clip_norm=clip_norm, clip_value=clip_value
        )

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η λ θ - η m̂ / (√v̂ + ε)."""
        return theta - self.eta * self.weight_decay * theta - self.eta * self._direction(gradient)
