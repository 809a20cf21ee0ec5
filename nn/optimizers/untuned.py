"""Optimisers without a learning rate: they find one for every parameter, from the gradients they see."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nn.optimizers.base import Array, GradientAt, Optimizer, Parameters
from nn.settings import count, fraction, positive


class Untuned(Optimizer):
    """The base of optimisers that set ``eta`` themselves, one rate per parameter, and keep it in their state."""

    takes_learning_rate = False
    eta: Array

    def __init__(
        self,
        parameters: Parameters,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(parameters, None, clip_norm=clip_norm, clip_value=clip_value, **options)

    @property
    def rates(self) -> list[float]:
        """The mean rate of each group's parameters in the last update; 0 before the first."""
        ends = np.cumsum(self._groups.sizes)[:-1]
        return [float(np.mean(part)) for part in np.split(self.eta, ends)]

    @property
    def rate(self) -> float:
        """The mean rate of all parameters in the last update; 0 before the first."""
        return float(np.mean(self.eta))


class AdaSecant(Untuned):
    """Rates from secants: how far parameters moved lately, divided by how much their slopes changed on the way.

    The gradient of each group is first brought to the length 1: g ← g / (‖g‖ + ε). To do this by layers, as in the
    paper, give each layer as a group; a plain list of parameters is one group.

        γ = √E[(g - g')² (g' - E g)²] / √E[(g - E g)² (g' - E g)²],   at most 1.8
        ĝ = (g + γ E g) / (1 + γ)                             less noisy than g
        α = g - g'                                            the change of slope
        η = √E[Δ²] / √E[α²] - E[α Δ] / E[α²]
        Δ = -η ĝ,  at most ``reach`` long,    θ ← θ + Δ
        τ ← (1 - E[Δ]² / E[Δ²]) τ + 1,  within [1.5, 10⁸];    2.2 if |g - E g| > 2 σ_g or |α - E α| > 2 σ_α

    g' is the previous g, at first 0. E[·] are running means of weight 1 / τ, but those of g and g² (and so σ_g) of
    weight 1 - ``decay``. The step takes in what it needs of the present g and α; E[Δ], E[Δ²] and E[α Δ] are then those
    up to the previous step, at first E[Δ²] = g² and E[Δ] = g. All other means begin at ε, and τ at 2.1.

    Full batches and mini-batches suit it. The gradient of a single sample, brought to the length 1, says little about
    the loss of all.

    C. Gulcehre and Y. Bengio, "ADASECANT: robust adaptive secant method for stochastic gradient", arXiv:1412.7419
    (2014).

    Args:
        parameters: as for every Optimizer; groups may set ``decay``, ``eps`` and ``reach``.
        decay: the share of the means of g and g² that is kept, at least 0 and less than 1.
        eps: ε, positive. It also stands beside E[Δ²], E[α²] and γ's denominator under their roots, so that rates stay
            finite where slopes do not change at all. The paper's authors use some 1e-6; the default was measured to be
            steadier on small problems.
        reach: the longest step of one parameter, positive. Without it, steps would grow a hundredfold each time where a
            slope never changes, as in a group of one parameter far from its minimum.
        clip_norm: see Optimizer.
        clip_value: see Optimizer.

    >>> from nn import MLP
    >>> model = MLP(2, [3, 1], seed=0)
    >>> optimizer = AdaSecant([{"parameters": layer.parameters()} for layer in model.layers])
    >>> theta = optimizer.update(np.zeros(13), np.arange(13.0))
    >>> optimizer.steps
    1
    """

    options: ClassVar = {"decay": fraction, "eps": positive, "reach": positive}
    state = (
        "gradient", "mean", "square", "gamma_above", "gamma_below", "change", "square_change",
        "step_mean", "step_square", "step_change", "memory", "eta",
    )  # fmt: skip

    decay: float | Array
    eps: float | Array
    reach: float | Array
    gradient: Array  # g'
    mean: Array  # E g
    square: Array  # E[g²]
    gamma_above: Array  # γ's numerator, squared
    gamma_below: Array  # γ's denominator, squared
    change: Array  # E α
    square_change: Array  # E[α²]
    step_mean: Array  # E Δ
    step_square: Array  # E[Δ²]
    step_change: Array  # E[α Δ]
    memory: Array  # τ

    def __init__(
        self,
        parameters: Parameters,
        decay: float = 0.95,
        eps: float = 1e-4,
        reach: float = 10.0,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(parameters, clip_norm=clip_norm, clip_value=clip_value, decay=decay, eps=eps, reach=reach)
        for name in self.state:
            setattr(self, name, getattr(self, name) + self.eps)
        self.gradient, self.eta = np.zeros(len(self.parameters)), np.zeros(len(self.parameters))
        self.memory = np.full(len(self.parameters), 2.1)

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ + Δ."""
        g, before, eps, tau = self._normalised(gradient), self.gradient, self.eps, self.memory
        self.mean = self.decay * self.mean + (1 - self.decay) * g
        self.square = self.decay * self.square + (1 - self.decay) * g * g
        if self.steps == 0:
            self.step_mean, self.step_square = g, g * g

        self.gamma_above = _mean(self.gamma_above, (g - before) ** 2 * (before - self.mean) ** 2, tau)
        self.gamma_below = _mean(self.gamma_below, (g - self.mean) ** 2 * (before - self.mean) ** 2, tau)
        gamma = np.minimum(np.sqrt(self.gamma_above) / np.sqrt(self.gamma_below + eps), 1.8)
        calmer = (g + gamma * self.mean) / (1 + gamma)

        alpha = g - before
        self.change = _mean(self.change, alpha, tau)
        self.square_change = _mean(self.square_change, alpha * alpha, tau)
        curved = self.square_change + eps
        self.eta = np.sqrt(self.step_square + eps) / np.sqrt(curved) - self.step_change / curved
        delta = np.clip(-self.eta * calmer, -self.reach, self.reach)

        longer = (1 - self.step_mean**2 / (self.step_square + eps)) * tau + 1
        outlier = (abs(g - self.mean) > 2 * _deviation(self.mean, self.square)) | (
            abs(alpha - self.change) > 2 * _deviation(self.change, self.square_change)
        )
        self.memory = np.clip(np.where(outlier, 2.2, longer), 1.5, 1e8)
        self.step_mean = _mean(self.step_mean, delta, tau)
        self.step_square = _mean(self.step_square, delta * delta, tau)
        self.step_change = _mean(self.step_change, alpha * delta, tau)
        self.gradient = g
        updated: Array = theta + delta
        return updated

    def _normalised(self, gradient: Array) -> Array:
        """Return the gradient with each group brought to the length 1."""
        sizes = self._groups.sizes
        lengths = np.sqrt(np.add.reduceat(gradient * gradient, np.cumsum([0, *sizes[:-1]])))
        normalised: Array = gradient / (np.repeat(lengths, sizes) + self.eps)
        return normalised


class VSGD(Untuned):
    """The rate that lowers the expected loss most, from estimates of the gradient, its spread and the curvature.

        ḡ ← (1 - 1/τ) ḡ + (1/τ) g,          and likewise v̄ of g² and h̄ of the curvature h
        η = ḡ² / (h̄ v̄)
        τ ← (1 - ḡ² / v̄) τ + 1
        θ ← θ - η g

    Where all samples agree, ḡ² = v̄, and the step is Newton's, η = 1 / h; near a minimum they contradict each other, and
    η falls as it should. Without noise it still falls, because v̄ remembers the slopes of the way down: full batches
    converge, but slowly.

    The curvature is the difference of two gradients of the same samples: h = |g(θ + δ) - g(θ)| / |δ|, where each δᵢ has
    the length ``shift`` and points downhill, against the sign of ḡᵢ. (The follow-up paper shifts by ḡ itself. That
    depends on the loss's units, and divides by numbers close to 0.) In η, h̄ counts for at least |ḡ| / ``reach``: steps
    are hardly longer than ``reach`` where a loss has no curvature, as relu and hinge have none between their kinks.

    The first ``samples`` updates average what they see, and only the last of them moves; v̄ is then multiplied by
    ``slow_start``.

    Mini-batches need no other formula. With n samples in a batch the paper has η = ḡ² / (h̄ (v̄/n + (n - 1)/n ḡ²)), where
    v̄ is the mean of single samples' squares. Here g is the batch's mean, and its mean square is that bracket already:
    E[(g₁ + … + gₙ)²] / n² = (n E[g²] + n (n - 1) (E g)²) / n² = v̄/n + (n - 1)/n ḡ².

    T. Schaul, S. Zhang and Y. LeCun, "No more pesky learning rates", ICML 2013, arXiv:1206.1106. By differences of
    gradients: T. Schaul and Y. LeCun, "Adaptive learning rates and parallelization for stochastic, sparse, non-smooth
    gradients", ICLR 2013, arXiv:1301.3764.

    Args:
        parameters: as for every Optimizer; groups may set ``slow_start``, ``shift`` and ``reach``.
        samples: how many updates to look before the first step, at least 1.
        slow_start: the paper's C, positive; 2 or more.
        shift: how far to shift each parameter to see the curvature, positive.
        reach: about the longest step of one parameter, positive. It has no effect where the minimum is nearer.
        clip_norm: see Optimizer. The curvature is that of the loss as it is.
        clip_value: see Optimizer.

    It asks for a second gradient of the same samples. ``nn.fit`` gives it by itself; otherwise give ``step`` a closure
    that computes the loss, or ``update`` a function of theta:

    >>> from autograd import compile, parameter
    >>> x = parameter(5.0)
    >>> program = compile(lambda target: (x - target) ** 2, 0.0)
    >>> optimizer = VSGD([x])
    >>> for target in 50 * [1.8, 2.2]:
    ...     def gradient_at(theta):
    ...         program.theta = theta
    ...         return program.value_and_grad(target)[1]
    ...     program.theta = optimizer.update(program.theta, gradient_at(program.theta), gradient_at)
    >>> program.theta.round(1)
    array([2.])
    """

    options: ClassVar = {"slow_start": positive, "shift": positive, "reach": positive}
    state = ("mean", "square", "curvature", "memory", "eta")
    needs_gradient_at = True

    slow_start: float | Array
    shift: float | Array
    reach: float | Array
    mean: Array  # ḡ
    square: Array  # v̄
    curvature: Array  # h̄
    memory: Array  # τ

    def __init__(
        self,
        parameters: Parameters,
        samples: int = 10,
        slow_start: float = 2.0,
        shift: float = 0.03,
        reach: float = 10.0,
        *,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        super().__init__(
            parameters, clip_norm=clip_norm, clip_value=clip_value, slow_start=slow_start, shift=shift, reach=reach
        )
        self.samples = count("number of samples", samples)

    def probe(self, theta: Array, gradient: Array, gradient_at: GradientAt) -> None:
        """Measure the curvature by a second gradient."""
        shift = np.where(self.mean > 0, -self.shift, self.shift)
        shifted = self._one_each("the gradient", gradient_at(theta + shift))
        curvature = abs((shifted - gradient) / shift)
        # Where the shift leads out of the loss's domain, the curvature is taken to be what it was.
        self._seen_curvature = np.where(np.isfinite(curvature), curvature, self.curvature)

    def formula(self, theta: Array, gradient: Array) -> Array:
        """Return θ - η g; during the first samples θ."""
        seen = self.steps + 1
        tau = seen if seen <= self.samples else self.memory  # 1/1, 1/2, 1/3, …: the plain mean
        self.mean = _mean(self.mean, gradient, tau)
        self.square = _mean(self.square, gradient * gradient, tau)
        self.curvature = _mean(self.curvature, self._seen_curvature, tau)
        if seen < self.samples:
            return theta.copy()
        if seen == self.samples:
            self.square = self.slow_start * self.square
        agreement = _ratio(self.mean * self.mean, self.square)
        self.eta = _ratio(agreement, np.maximum(self.curvature, abs(self.mean) / self.reach))
        # At τ = 1 the means would be the last sample, which never disagrees with itself: it could not grow again.
        self.memory = np.maximum((1 - agreement) * tau + 1, 1.001)
        return theta - self.eta * gradient


def _mean(mean: Array, x: Array, tau: Array | float) -> Array:
    """Return the running mean with x taken in at the weight 1/τ."""
    result: Array = (1 - 1 / tau) * mean + x / tau
    return result


def _deviation(mean: Array, square: Array) -> Array:
    """Return the standard deviation that belongs to the means of x and x²."""
    result: Array = np.sqrt(np.maximum(square - mean * mean, 0.0))
    return result


def _ratio(above: Array, below: Array) -> Array:
    """Return above / below, and 0 where both are: a parameter that was never used has no rate."""
    result: Array = np.divide(above, below, out=np.zeros_like(below), where=below > 0)
    return result
