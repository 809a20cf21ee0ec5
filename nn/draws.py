"""Random draws: one seeded generator, the same draws on every machine and with every NumPy.

NumPy promises that the stream of a named bit generator never changes, but not that ``default_rng`` stays PCG64, nor
that ``Generator.normal``, ``integers`` or ``permutation`` keep turning the stream into the same numbers. So the bit
generator is named here, and everything is made of ``random()``, each number the upper 53 bits of one 64-bit draw.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn.errors import SettingError

Seed = int | np.random.Generator | None


def generator(seed: Seed = None) -> np.random.Generator:
    """Return the generator for a seed: a whole number, a generator (returned as it is), or None for fresh draws.

    Raises:
        SettingError: the seed is something else, or negative.

    >>> float(generator(0).random()) == float(generator(0).random())
    True
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is not None and (not isinstance(seed, (int, np.integer)) or seed < 0):
        raise SettingError(f"a seed is a whole number from 0 on, a numpy.random.Generator, or None; not {seed!r}")
    return np.random.Generator(np.random.PCG64(seed))


def normal(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return ``count`` draws from the standard normal distribution N(0, 1), two uniform draws for each.

    √(-2 ln u) cos(2π v) for u in (0, 1] and v in [0, 1): G. E. P. Box and M. E. Muller, "A note on the generation of
    random normal deviates", Annals of Mathematical Statistics 29 (1958).
    """
    u, v = 1.0 - rng.random(count), rng.random(count)
    result: NDArray[np.float64] = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
    return result


def permutation(rng: np.random.Generator, count: int) -> NDArray[np.intp]:
    """Return 0, …, count - 1 in random order: the order of as many uniform draws."""
    return np.argsort(rng.random(count), kind="stable")
