"""Data sets to learn on, made by seeded generators."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.draws import Seed, generator, normal, permutation
from nn.errors import SettingError


def moons(n: int = 100, noise: float = 0.1, seed: Seed = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return two interleaved half circles, which no straight line separates.

    The points lie evenly along the upper half (cos t, sin t), class 0, and the lower half (1 - cos t, ½ - sin t),
    class 1, for t from 0 to π; then noise is added and the order is shuffled.

    Args:
        n: how many points, at least 2; the lower half gets one more if n is odd.
        noise: the standard deviation of the normal noise on each coordinate.
        seed: of the noise and of the order; a whole number, a generator, or None for fresh draws.

    Returns:
        X of shape (n, 2), and the labels y of shape (n,), 0 or 1 as everywhere in scikit-learn. A hinge loss, as in
        micrograd's demo, wants -1 or 1: ``2 * y - 1``.

    Raises:
        SettingError: n is not a whole number of at least 2, or the noise is negative or not finite.

    >>> X, y = moons(4, noise=0.0)
    >>> X.shape, sorted(y.tolist())
    ((4, 2), [0, 0, 1, 1])
    """
    n, noise = _at_least_2(n), _not_negative(noise)
    rng = generator(seed)
    upper, lower = np.linspace(0.0, np.pi, n // 2), np.linspace(0.0, np.pi, n - n // 2)
    x = np.concatenate([np.cos(upper), 1.0 - np.cos(lower)])
    y = np.concatenate([np.sin(upper), 0.5 - np.sin(lower)])
    points = np.stack([x, y], axis=1) + noise * normal(rng, 2 * n).reshape(n, 2)
    labels = np.repeat(np.array([0, 1], dtype=np.int64), [n // 2, n - n // 2])
    order = permutation(rng, n)
    return points[order], labels[order]


def _at_least_2(n: Any) -> int:
    try:
        whole = operator.index(n)
    except TypeError:
        whole = 0
    if whole < 2:
        raise SettingError(f"the number of points is a whole number of at least 2, one for each class; not {n!r}")
    return whole


def _not_negative(noise: Any) -> float:
    if not isinstance(noise, (int, float, np.integer, np.floating)) or not 0.0 <= noise < math.inf:
        raise SettingError(f"the noise is a standard deviation of at least 0, as in 0.1; not {noise!r}")
    return float(noise)
