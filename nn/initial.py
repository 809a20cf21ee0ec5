"""Where weights start: drawn small and different, so that the neurons of a layer learn different things.

Each function here gives the weights of one neuron; ``nin`` is the number of its inputs and ``nout`` the number of
neurons in its layer. Biases start at 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autograd.value import number
from nn.draws import normal
from nn.errors import SettingError

Scheme = Callable[[np.random.Generator, int, int], Sequence[float] | NDArray[np.float64]]


def uniform(rng: np.random.Generator, nin: int, nout: int) -> NDArray[np.float64]:  # noqa: ARG001  # one signature
    """Draw from U(-1, 1), as micrograd does; whatever the number of inputs, so for small networks only."""
    return 2.0 * rng.random(nin) - 1.0


def xavier(rng: np.random.Generator, nin: int, nout: int) -> NDArray[np.float64]:
    """Draw from U(-a, a) with a = √(6 / (nin + nout)), of variance 2 / (nin + nout): for tanh and the like.

    Signals then neither grow nor shrink from layer to layer, forward and backward alike: X. Glorot and Y. Bengio,
    "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, equation 16.
    """
    return math.sqrt(6.0 / (nin + nout)) * (2.0 * rng.random(nin) - 1.0)


def he(rng: np.random.Generator, nin: int, nout: int) -> NDArray[np.float64]:  # noqa: ARG001  # one signature
    """Draw from the normal distribution N(0, 2 / nin): for relu, which halves a signal's mean square.

    K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers: surpassing human-level performance on ImageNet
    classification", ICCV 2015, equation 10.
    """
    return math.sqrt(2.0 / nin) * normal(rng, nin)


SCHEMES: dict[str, Scheme] = {"uniform": uniform, "xavier": xavier, "he": he}


def initial_weights(initial: str | Scheme, rng: np.random.Generator, nin: int, nout: int) -> list[float]:
    """Return the first weights of one neuron.

    Args:
        initial: "uniform", "xavier" or "he", or a function of (generator, nin, nout) that returns ``nin`` numbers.
        rng: where the draws come from.
        nin: the number of the neuron's inputs.
        nout: the number of neurons in its layer.

    Raises:
        SettingError: an unknown name, or a function that returns another number of weights.

    >>> initial_weights(lambda rng, nin, nout: [0.5] * nin, np.random.default_rng(0), 2, 1)
    [0.5, 0.5]
    """
    scheme = SCHEMES.get(initial) if isinstance(initial, str) else initial
    if not callable(scheme):
        raise SettingError(
            f"there is no initialisation {initial!r}; choose one of {', '.join(SCHEMES)}, or give a function of "
            "(generator, nin, nout) that returns a neuron's weights"
        )
    weights = [number(w) for w in scheme(rng, nin, nout)]
    if len(weights) != nin:
        raise SettingError(f"the initialisation returned {len(weights)} weights for a neuron with {nin} inputs")
    return weights
