"""Learning rates that change: functions of the step number t = 0, 1, …, for any optimiser's ``learning_rate``.

>>> from autograd import parameter
>>> from nn import SGD
>>> optimizer = SGD([parameter(1.0)], learning_rate=warm_up(3, then=cosine(0.4, 0.0, steps=100)))
>>> optimizer.rate
0.1

A step is one update: with 100 samples in mini-batches of 10, an epoch has 10. Your own schedule is a function as well:
``lambda t: 1.0 - 0.9 * t / 100``.
"""

from __future__ import annotations

import math

from nn.optimizers.base import Rate, Schedule
from nn.settings import count, not_negative, positive


def constant(rate: float) -> Schedule:
    """Return a schedule that always says ``rate``.

    >>> constant(0.1)(1000)
    0.1
    """
    rate = positive("rate", rate)
    return lambda t: rate  # noqa: ARG005  # a schedule is a function of t


def step_decay(rate: float, every: int, factor: float = 0.1) -> Schedule:
    """Return the schedule rate · factor^⌊t / every⌋: lower by a factor after so many steps, again and again.

    >>> [step_decay(1.0, every=2, factor=0.5)(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    rate, every, factor = positive("rate", rate), count("number of steps, every,", every), positive("factor", factor)
    return lambda t: rate * factor ** (t // every)


def exponential(rate: float, factor: float) -> Schedule:
    """Return the schedule rate · factorᵗ.

    >>> [exponential(1.0, factor=0.5)(t) for t in range(3)]
    [1.0, 0.5, 0.25]
    """
    rate, factor = positive("rate", rate), positive("factor", factor)
    return lambda t: rate * factor**t


def linear(start: float, end: float, steps: int) -> Schedule:
    """Return the schedule that goes evenly from ``start`` at t = 0 to ``end`` at t = steps, and stays there.

    >>> [linear(1.0, 0.0, steps=4)(t) for t in range(6)]
    [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    start, end, steps = not_negative("start", start), not_negative("end", end), count("number of steps", steps)
    return lambda t: start + (end - start) * t / steps if t < steps else end


def cosine(start: float, end: float, steps: int) -> Schedule:
    """Return the schedule end + ½ (start - end)(1 + cos(π t / steps)), which stays at ``end`` from t = steps on.

    Half a wave: slow at first, fastest in the middle, slow at the end. I. Loshchilov and F. Hutter, "SGDR: stochastic
    gradient descent with warm restarts", ICLR 2017, without the restarts.

    >>> [round(cosine(1.0, 0.0, steps=4)(t), 3) for t in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    start, end, steps = not_negative("start", start), not_negative("end", end), count("number of steps", steps)
    return lambda t: end + (start - end) * (1.0 + math.cos(math.pi * t / steps)) / 2.0 if t < steps else end


def warm_up(steps: int, then: Rate) -> Schedule:
    """Return the schedule that rises evenly for so many steps, and then follows another one, or stays at a rate.

    For t < steps it is (t + 1) / (steps + 1) · then(0), so that even the first step moves; then it is then(t - steps).
    P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", arXiv:1706.02677 (2017).

    >>> [warm_up(3, then=0.4)(t) for t in range(5)]
    [0.1, 0.2, 0.30000000000000004, 0.4, 0.4]
    """
    steps = count("number of steps", steps)
    after = then if callable(then) else constant(then)
    return lambda t: after(0) * (t + 1) / (steps + 1) if t < steps else after(t - steps)
