"""Averages of the weights over the steps of a run, which often do better than the last weights alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import SettingError

Array = NDArray[np.float64]


class RunningAverage:
    """The mean of the weights after every step: θ̄ₜ = θ̄ₜ₋₁ + (θₜ - θ̄ₜ₋₁) / t.

    B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM Journal on Control
    and Optimization 30 (1992).

    Args:
        skip: how many steps to leave out at the start, where the weights are still far off.

    >>> average = RunningAverage()
    >>> for theta in ([1.0], [3.0]):
    ...     average.add(np.array(theta))
    >>> average.value
    array([2.])
    """

    def __init__(self, skip: int = 0) -> None:
        if not isinstance(skip, (int, np.integer)) or skip < 0:
            raise SettingError(f"skip is a number of steps, 0 or more; not {skip!r}")
        self.skip = int(skip)
        self.steps = 0
        self.value: Array | None = None

    def __repr__(self) -> str:
        return f"RunningAverage(skip={self.skip})"

    def add(self, theta: Array) -> None:
        """Take the weights after a step into the average."""
        self.steps += 1
        count = self.steps - self.skip
        if count <= 1:  # also the steps left out, so that a run that ends early has weights
            self.value = theta.copy()
        else:
            assert self.value is not None
            self.value += (theta - self.value) / count


class ExponentialAverage:
    """A mean of the weights in which a step counts β times as much as the one after it, free of bias at the start.

    mₜ = β mₜ₋₁ + (1 - β) θₜ, and the average is mₜ / (1 - βᵗ), as in Adam: D. P. Kingma and J. Ba, "Adam: a method for
    stochastic optimization", ICLR 2015, section 7.2.

    Args:
        decay: β, between 0 and 1; about 1 / (1 - β) steps count.

    >>> average = ExponentialAverage(0.5)
    >>> for theta in ([1.0], [4.0]):
    ...     average.add(np.array(theta))
    >>> average.value
    array([3.])
    """

    def __init__(self, decay: float = 0.99) -> None:
        if not isinstance(decay, (int, float, np.integer, np.floating)) or not 0.0 < decay < 1.0:
            raise SettingError(f"the decay of an exponential average lies between 0 and 1, as in 0.99; not {decay!r}")
        self.decay = float(decay)
        self.steps = 0
        self.sum: Array | None = None

    def __repr__(self) -> str:
        return f"ExponentialAverage({self.decay})"

    def add(self, theta: Array) -> None:
        """Take the weights after a step into the average."""
        self.steps += 1
        self.sum = (1.0 - self.decay) * theta + (0.0 if self.sum is None else self.decay * self.sum)

    @property
    def value(self) -> Array | None:
        """The average; None before the first step."""
        return None if self.sum is None else self.sum / (1.0 - self.decay**self.steps)


Average = RunningAverage | ExponentialAverage


def average_for(setting: Any) -> Average | None:
    """Return the average that a setting of ``fit`` stands for: None, "running", a decay, or an average that is new."""
    if setting is None:
        return None
    if isinstance(setting, (RunningAverage, ExponentialAverage)):
        if setting.steps:
            raise SettingError("the average has been used in another run; make a new one for this run")
        return setting
    if setting == "running":
        return RunningAverage()
    if isinstance(setting, (float, np.floating)):
        return ExponentialAverage(float(setting))
    raise SettingError(
        f"average is 'running', the decay of an exponential average as in 0.99, RunningAverage(skip=…) or None; "
        f"not {setting!r}"
    )


def state_of(average: Average | None) -> dict[str, Array]:
    """Return an average's state as arrays."""
    if average is None or average.steps == 0:
        return {}
    theta = average.value if isinstance(average, RunningAverage) else average.sum
    assert theta is not None
    return {"average": theta, "average_steps": np.array(float(average.steps))}


def restore(average: Average | None, state: dict[str, Array]) -> None:
    """Set an average to a state."""
    if average is None or "average" not in state:
        return
    average.steps = int(state["average_steps"])
    if isinstance(average, RunningAverage):
        average.value = state["average"].copy()
    else:
        average.sum = state["average"].copy()
