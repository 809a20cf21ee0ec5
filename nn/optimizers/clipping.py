"""Clipping: what to do about gradients that are now and then far too long, as at the cliffs of recurrent networks.

R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.settings import positive

Array = NDArray[np.float64]


def clip_value(gradient: Array, limit: float) -> Array:
    """Return the gradient with every slope brought into [-limit, limit]; its direction may change.

    Raises:
        SettingError: the limit is not positive.

    >>> clip_value(np.array([0.5, -30.0]), limit=1.0)
    array([ 0.5, -1. ])
    """
    limit = positive("limit", limit)
    return np.clip(gradient, -limit, limit)


def clip_norm(gradient: Array, limit: float) -> Array:
    """Return the gradient, shortened to the length ``limit`` if it is longer: g · min(1, limit / ‖g‖).

    The length ‖g‖ = √Σ gᵢ² is that of all slopes together, so the direction stays. A gradient that contains nan or
    infinity has no direction; it is returned as it is.

    Raises:
        SettingError: the limit is not positive.

    >>> clip_norm(np.array([3.0, -4.0]), limit=1.0)
    array([ 0.6, -0.8])
    """
    limit = positive("limit", limit)
    largest = np.max(np.abs(gradient), initial=0.0)
    if not 0.0 < largest < np.inf:
        return gradient.copy()
    direction = gradient / largest  # so that squares neither overflow nor vanish
    length = np.sqrt(np.sum(direction * direction))
    return gradient.copy() if length <= limit / largest else direction * (limit / length)
