"""Data sets to learn on, made by seeded generators: logic gates, moons, circles, spirals, blobs, shifted patterns.

Each one returns X, an array with one example a row, and y, whole numbers from 0 on as labels, as everywhere in
scikit-learn. A loss that wants -1 and 1, like micrograd's demo or the hinge loss, gets ``2 * y - 1``.

>>> from nn.data import circles, spirals
>>> X, y = spirals(300, classes=3)
>>> X.shape, y[:6].tolist()
((300, 2), [0, 1, 1, 2, 0, 2])
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn.draws import Seed, generator, normal, permutation
from nn.errors import DataError, SettingError

DataSet = tuple[NDArray[np.float64], NDArray[np.int64]]

#   gate      for (false, false), (false, true), (true, false), (true, true)
GATES: dict[str, tuple[int, int, int, int]] = {
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
    "xor": (0, 1, 1, 0),
    "nand": (1, 1, 1, 0),
    "nor": (1, 0, 0, 0),
    "xnor": (1, 0, 0, 1),
}

# Four of ten pixels are on in either, and no shift turns one into the other.
PATTERNS = ((1, 1, 1, 1, 0, 0, 0, 0, 0, 0), (1, 1, 0, 1, 0, 1, 0, 0, 0, 0))


def logic(
    gate: str = "xor", n: int = 4, noise: float = 0.0, seed: Seed = 0, *, inputs: tuple[float, float] = (0.0, 1.0)
) -> DataSet:
    """Return the truth table of a gate of two inputs, or a cloud of points around each of its four rows.

    Args:
        gate: "and", "or", "xor" (different), "nand", "nor" or "xnor" (the same).
        n: how many points, at least 4. They take the rows of the table in turn: (false, false), (false, true),
            (true, false), (true, true), and again.
        noise: the standard deviation of the normal noise on each coordinate.
        seed: of the noise; a whole number, a generator, or None for fresh draws.
        inputs: the numbers that stand for false and for true; the lectures use (0, 1) and (-1, 1).

    Returns:
        X of shape (n, 2), and y of shape (n,), 1 where the gate gives true.

    Raises:
        SettingError: an unknown gate, or an option that cannot be.

    >>> X, y = logic("and", inputs=(-1, 1))
    >>> X.tolist(), y.tolist()
    ([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]], [0, 0, 0, 1])
    """
    if not isinstance(gate, str) or gate not in GATES:
        raise SettingError(f"there is no gate {gate!r}; choose one of {', '.join(GATES)}")
    rows = np.arange(_whole("points", n, 4, "for each row of the truth table")) % 4
    false, true = _two_numbers(inputs)
    table = np.array([[false, false], [false, true], [true, false], [true, true]])
    return _noisy(table[rows], noise, generator(seed)), np.array(GATES[gate], dtype=np.int64)[rows]


def moons(n: int = 100, noise: float = 0.1, seed: Seed = 0) -> DataSet:
    """Return two interleaved half circles, which no straight line separates.

    The points lie evenly along the upper half (cos t, sin t), class 0, and the lower half (1 - cos t, ½ - sin t),
    class 1, for t from 0 to π; then noise is added and the order is shuffled.

    Args:
        n: how many points, at least 2; the lower half gets one more if n is odd.
        noise: the standard deviation of the normal noise on each coordinate.
        seed: of the noise and of the order; a whole number, a generator, or None for fresh draws.

    Returns:
        X of shape (n, 2), and the labels y of shape (n,), 0 or 1.

    Raises:
        SettingError: n is not a whole number of at least 2, or the noise is negative or not finite.

    >>> X, y = moons(4, noise=0.0)
    >>> X.shape, sorted(y.tolist())
    ((4, 2), [0, 0, 1, 1])
    """
    labels = _labels(n, 2)
    upper, lower = (np.linspace(0.0, np.pi, size) for size in np.bincount(labels))
    x = np.concatenate([np.cos(upper), 1.0 - np.cos(lower)])
    y = np.concatenate([np.sin(upper), 0.5 - np.sin(lower)])
    return _noisy_and_shuffled(np.stack([x, y], axis=1), labels, noise, seed)


def circles(n: int = 100, noise: float = 0.1, factor: float = 0.5, seed: Seed = 0) -> DataSet:
    """Return two circles around the origin, one within the other, which no straight line separates.

    The points lie evenly along the outer circle of radius 1, class 0, and the inner one of radius ``factor``, class 1;
    then noise is added and the order is shuffled. The square of the distance, x² + y², would tell them apart.

    Args:
        n: how many points, at least 2; the inner circle gets one more if n is odd.
        noise: the standard deviation of the normal noise on each coordinate.
        factor: the inner radius as a fraction of the outer one, between 0 and 1.
        seed: of the noise and of the order; a whole number, a generator, or None for fresh draws.

    Returns:
        X of shape (n, 2), and the labels y of shape (n,), 0 or 1.

    Raises:
        SettingError: an option that cannot be.

    >>> X, y = circles(4, noise=0.0)
    >>> X[y == 1].round(3).tolist()
    [[0.5, 0.0], [-0.5, 0.0]]
    """
    labels = _labels(n, 2)
    if not _is_number(factor) or not 0.0 < factor < 1.0:
        raise SettingError(f"the factor is the inner radius over the outer one, between 0 and 1; not {factor!r}")
    angles = np.concatenate([np.linspace(0.0, 2.0 * np.pi, size, endpoint=False) for size in np.bincount(labels)])
    radii = np.where(labels == 0, 1.0, float(factor))
    return _noisy_and_shuffled(_polar(radii, angles), labels, noise, seed)


def spirals(n: int = 100, classes: int = 2, noise: float = 0.05, turns: float = 1.0, seed: Seed = 0) -> DataSet:
    """Return the arms of a spiral, one class each: hard for a small network.

    Arm k is the curve (r cos φ, r sin φ) with φ = 2π (turns · r + k / classes), for r from 0.1 to 1. The points of an
    arm have evenly spaced r; then noise is added and the order is shuffled.

    Args:
        n: how many points, at least one for each class; shared out evenly.
        classes: the number of arms, at least 2.
        noise: the standard deviation of the normal noise on each coordinate.
        turns: how often an arm would wind around the origin on its way from r = 0 to r = 1.
        seed: of the noise and of the order; a whole number, a generator, or None for fresh draws.

    Returns:
        X of shape (n, 2), and the labels y of shape (n,), from 0 to classes - 1.

    Raises:
        SettingError: an option that cannot be.

    >>> X, y = spirals(6, classes=3)
    >>> sorted(y.tolist())
    [0, 0, 1, 1, 2, 2]
    """
    classes = _whole("classes", classes, 2, "arm of the spiral for each")
    labels = _labels(n, classes)
    if not _is_number(turns) or not 0.0 < turns < math.inf:
        raise SettingError(f"the number of turns is a positive number, as in 1.5; not {turns!r}")
    radii = np.concatenate([np.linspace(0.1, 1.0, size) for size in np.bincount(labels)])
    angles = 2.0 * np.pi * (float(turns) * radii + labels / classes)
    return _noisy_and_shuffled(_polar(radii, angles), labels, noise, seed)


def blobs(n: int = 100, centers: int | ArrayLike = 3, noise: float = 0.3, seed: Seed = 0) -> DataSet:
    """Return one round cloud of points for each class: normally distributed around its centre.

    Args:
        n: how many points, at least one for each class; shared out evenly.
        centers: the number of classes, at least 2, whose centres then lie evenly on the circle of radius 1; or the
            centres themselves, one a row, in as many dimensions as you like.
        noise: the standard deviation of each coordinate: how wide the clouds are.
        seed: of the points and of the order; a whole number, a generator, or None for fresh draws.

    Returns:
        X of shape (n, dimensions), and the labels y of shape (n,), from 0 on: the rows of ``centers``.

    Raises:
        SettingError: an option that cannot be.

    >>> X, y = blobs(4, centers=[[0.0, 0.0, 0.0], [5.0, 5.0, 5.0]])
    >>> X.shape, (X.mean(axis=1) > 2.5).tolist() == (y == 1).tolist()
    ((4, 3), True)
    """
    places = _centers(centers)
    labels = _labels(n, len(places))
    return _noisy_and_shuffled(places[labels], labels, noise, seed)


def shifted_patterns(patterns: Sequence[Sequence[float]] = PATTERNS, noise: float = 0.0, seed: Seed = 0) -> DataSet:
    """Return every translation, with wrap-around, of each pattern of pixels; the class says which pattern it was.

    Where the patterns have equally many pixels on, no single unit with a threshold tells them apart, whatever its
    weights: over all n translations of a pattern every pixel is on as often as the pattern has pixels on, k times. So
    the unit's total inputs, summed over the translations, come to k (w₁ + … + wₙ) + n b for one pattern and for the
    other alike. But to discriminate, each total of one class would have to be larger than each of the other, and so
    would their sum. Hidden units can do it: each of them looks for a feature at a place.

    (M. Minsky and S. Papert, "Perceptrons", 1969, have the general theorem on groups of transformations.)

    Args:
        patterns: at least two rows of 0 and 1, equally long. By default two of ten pixels, four of them on.
        noise: the standard deviation of the normal noise on each pixel.
        seed: of the noise; a whole number, a generator, or None for fresh draws.

    Returns:
        X of shape (patterns · pixels, pixels), all translations of pattern 0 first, each one pixel further than the one
        before it, and y, which pattern each row is.

    Raises:
        DataError: the patterns are not rows of 0 and 1, or one is a translation of another.
        SettingError: the noise is negative or not finite.

    >>> X, y = shifted_patterns([[1, 1, 0, 0], [1, 0, 1, 0]])
    >>> X[:3].tolist()
    [[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 1.0]]
    >>> X[y == 0].sum(axis=0).tolist(), X[y == 1].sum(axis=0).tolist()
    ([2.0, 2.0, 2.0, 2.0], [2.0, 2.0, 2.0, 2.0])
    """
    rows = _patterns(patterns)
    count, pixels = rows.shape
    shifts = np.array([np.roll(row, shift) for row in rows for shift in range(pixels)])
    return _noisy(shifts, noise, generator(seed)), _labels(count * pixels, count)


# --- what the generators share ----------------------------------------------------------------------------------------


def _labels(n: Any, classes: int) -> NDArray[np.int64]:
    """Return n labels in order, 0 … 0 1 … 1 2 …, shared out evenly; the last classes get what is left over."""
    n = _whole("points", n, classes, "for each class")
    return np.array([k for k in range(classes) for _ in range(n * k // classes, n * (k + 1) // classes)], np.int64)


def _noisy(points: NDArray[np.float64], noise: Any, rng: np.random.Generator) -> NDArray[np.float64]:
    if not _is_number(noise) or not 0.0 <= noise < math.inf:
        raise SettingError(f"the noise is a standard deviation of at least 0, as in 0.1; not {noise!r}")
    result: NDArray[np.float64] = points + float(noise) * normal(rng, points.size).reshape(points.shape)
    return result


def _noisy_and_shuffled(points: NDArray[np.float64], labels: NDArray[np.int64], noise: float, seed: Seed) -> DataSet:
    rng = generator(seed)
    noisy = _noisy(points, noise, rng)
    order = permutation(rng, len(points))
    return noisy[order], labels[order]


def _polar(radii: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _centers(centers: Any) -> NDArray[np.float64]:
    if not hasattr(centers, "__len__"):
        count = _whole("classes", centers, 2, "centre for each")
        return _polar(np.ones(count), 2.0 * np.pi * np.arange(count) / count)
    try:
        places = np.array(centers, dtype=float)
    except (TypeError, ValueError):
        places = np.empty(0)
    if places.ndim != 2 or places.shape[0] < 2 or places.shape[1] < 1 or not np.isfinite(places).all():
        raise SettingError(
            "the centres are a number of classes, or at least two rows of equally many finite numbers, as in "
            f"[[0, 0], [3, 1]]; not {centers!r}"
        )
    return places


def _patterns(patterns: Any) -> NDArray[np.float64]:
    """Return the patterns as rows of an array, none of which is a translation of another."""
    try:
        rows = np.array(patterns, dtype=float)
    except (TypeError, ValueError):
        rows = np.empty(0)
    if rows.ndim != 2 or rows.shape[0] < 2 or rows.shape[1] < 1 or not np.isin(rows, (0.0, 1.0)).all():
        raise DataError(
            "patterns are at least two rows of 0 and 1, equally long, as in [[1, 1, 0, 0], [1, 0, 1, 0]]; "
            f"not {patterns!r}"
        )
    for i, row in enumerate(rows):
        for shift in range(rows.shape[1]):
            for j in range(i):
                if np.array_equal(np.roll(row, shift), rows[j]):
                    raise DataError(f"pattern {i} shifted by {shift} is pattern {j}, so nothing could tell them apart")
    return rows


def _two_numbers(inputs: Any) -> tuple[float, float]:
    pair = list(inputs) if isinstance(inputs, (Sequence, np.ndarray)) else []
    if len(pair) != 2 or not all(_is_number(x) and math.isfinite(x) for x in pair) or pair[0] == pair[1]:
        raise SettingError(f"inputs are two different numbers for false and true, as in (-1, 1); not {inputs!r}")
    return float(pair[0]), float(pair[1])


def _whole(what: str, count: Any, least: int, why: str) -> int:
    try:
        whole = operator.index(count)
    except TypeError:
        whole = least - 1
    if whole < least:
        raise SettingError(f"the number of {what} is a whole number of at least {least}, one {why}; not {count!r}")
    return whole


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float, np.integer, np.floating))
