"""What becomes of data before a model learns from it: it is checked, put aside for testing, and standardised.

>>> from nn import moons
>>> X, y = moons(100)
>>> X_train, X_test, y_train, y_test = train_test_split(X, y)
>>> standardiser = Standardiser.fit(X_train)
>>> Z_train, Z_test = standardiser.transform(X_train), standardiser.transform(X_test)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.draws import Seed, generator, permutation
from nn.errors import DataError, SettingError, ShapeError

Array = NDArray[np.float64]


def samples(X: Any, name: str = "X") -> Array:  # noqa: N803  # as everywhere in the field
    """Return samples as an array of finite floats, the first axis counting them.

    Args:
        X: an array, nested lists, a DataFrame, or whatever else NumPy makes an array of.
        name: what to call it in a message.

    Returns:
        The numbers, in the shape they came in: (samples, features), or (samples,) if each is a single number. It is X
        itself if there is nothing to change.

    Raises:
        DataError: rows of different lengths, text or other things that are no numbers, nan, infinity, or no numbers at
            all. The message names the place.
        ShapeError: a single number.

    >>> samples([[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    >>> samples([[1.0, 2.0], [3.0, float("nan")]])
    Traceback (most recent call last):
    nn.errors.DataError: X[1, 1] is nan, ...
    """
    array = _as_array(X, name)
    if array.ndim == 0:
        raise ShapeError(f"{name} is a list or an array with an entry for each sample; not {_short(X)}")
    if array.size == 0:
        raise DataError(f"{name} is empty: its shape is {array.shape}")
    names = getattr(X, "columns", None)
    if array.dtype.kind in "biuf":
        numbers = np.ascontiguousarray(array, dtype=np.float64)
    else:
        numbers = np.array([_number(array, i, name, names) for i in range(array.size)]).reshape(array.shape)
    finite = np.isfinite(numbers)
    if not finite.all():
        i = int(np.argmin(finite))
        raise DataError(
            f"{_place(numbers, i, name, names)} is {numbers.flat[i]}, and only finite numbers can be learned from. "
            "Fill it in, or leave out the row or the column"
        )
    return numbers


def _as_array(X: Any, name: str) -> NDArray[Any]:  # noqa: N803
    if hasattr(X, "toarray"):
        raise DataError(f"{name} is a sparse matrix; make an array of it with {name}.toarray()")
    if isinstance(X, np.ma.MaskedArray):
        return np.ma.filled(X.astype(float), np.nan)
    if isinstance(X, (str, bytes, dict, set, frozenset)):
        raise DataError(f"{name} is an array of numbers, or a list of lists of them; not {_short(X)}")
    try:
        array = np.asarray(X)
        # Of a number beside a text NumPy makes a text; the message is to name what was there before.
        return np.asarray(X, dtype=object) if array.dtype.kind in "US" else array
    except ValueError:
        _check_lengths(X, name)
        raise DataError(f"{name} is no array of numbers with equally long rows") from None


def _check_lengths(rows: Any, name: str) -> None:
    """Refuse nested lists of different lengths."""
    lengths = [np.shape(row)[0] if isinstance(row, np.ndarray) and row.ndim else _length(row) for row in rows]
    for i, length in enumerate(lengths):
        if length != lengths[0]:
            words = ["is a single number" if n is None else f"has the length {n}" for n in (length, lengths[0])]
            raise DataError(f"{name}[{i}] {words[0]}, but {name}[0] {words[1]}; rows are equally long")
    for i, row in enumerate(rows):
        if lengths[0] is not None and not isinstance(row, np.ndarray):
            _check_lengths(row, f"{name}[{i}]")


def _length(row: Any) -> int | None:
    return len(row) if hasattr(row, "__len__") and not isinstance(row, str) else None


def _number(array: NDArray[Any], i: int, name: str, names: Any) -> float:
    """Return an entry of an array that is not one of numbers, if it is a real number nevertheless."""
    entry = array.flat[i]
    if isinstance(entry, np.generic) and entry.dtype.kind in "USc":
        entry = entry.item()
    if isinstance(entry, (str, bytes)):
        why = "text; turn it into a number first"
    elif isinstance(entry, complex):
        why = "complex; learn from its real and imaginary parts, or from its absolute value"
    else:
        try:
            return float(entry)
        except (TypeError, ValueError, OverflowError):
            why = "no number that fits a float"
    raise DataError(f"{_place(array, i, name, names)} is {_short(entry)}, which is {why}")


def _place(array: NDArray[Any], i: int, name: str, names: Any) -> str:
    """Return how to write the i-th entry of an array, such as "X[3, 1]", with its column's name if it has one."""
    place = [int(k) for k in np.unravel_index(i, array.shape)]
    column = f" (column {str(names[place[1]])!r})" if names is not None and len(place) == 2 else ""
    return f"{name}{place}{column}"


def _short(x: Any) -> str:
    text = repr(x)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Features brought to mean 0 and standard deviation 1: z = (x - mean) / scale, each column by itself.

    Gradient descent takes all features in the same stride only if they are of a size. ``Standardiser.fit(X)`` takes the
    numbers from data (from the training data alone, or else the test is no test); ``Standardiser(mean, scale)`` takes
    them as they are, for instance from a file.

    Attributes:
        mean: of each column, shape (d,).
        scale: the standard deviation of each column (divided by n, not by n - 1), shape (d,); 1 where it is 0, so that
            a column of equal entries becomes 0.

    Raises:
        SettingError: a scale that is not positive.
        ShapeError: mean and scale are not as long as each other.

    >>> standardiser = Standardiser.fit([[1.0, 7.0], [3.0, 7.0]])
    >>> standardiser.mean, standardiser.scale
    (array([2., 7.]), array([1., 1.]))
    >>> standardiser.transform([[5.0, 8.0]])
    array([[3., 1.]])
    >>> standardiser.inverse([[3.0, 1.0]])
    array([[5., 8.]])
    """

    mean: Array
    scale: Array

    def __post_init__(self) -> None:
        for field in ("mean", "scale"):
            object.__setattr__(self, field, samples(getattr(self, field), field).copy())
        if self.mean.ndim != 1 or self.mean.shape != self.scale.shape:
            raise ShapeError(
                f"mean and scale hold one number for each column; their shapes are {self.mean.shape} and "
                f"{self.scale.shape}"
            )
        if not (self.scale > 0.0).all():
            raise SettingError(f"a scale is a positive number, and {float(self.scale.min())!r} is not")

    @classmethod
    def fit(cls, X: Any) -> Standardiser:  # noqa: N803
        """Return the Standardiser with the mean and the standard deviation of each column.

        Args:
            X: shape (n, d), or (n,) for a single column.

        Raises:
            DataError: see ``samples``.
            ShapeError: it has more than two dimensions.
        """
        x = samples(X)
        if x.ndim > 2:
            raise ShapeError(f"X has a row for each sample, shape (n, d), not {x.shape}; X.reshape(len(X), -1) does it")
        x = x.reshape(len(x), -1)
        constant = (x == x[0]).all(axis=0)  # the rounded mean of equal numbers may differ from them
        size = np.maximum(np.abs(x).max(axis=0), np.finfo(float).tiny)  # so that no sum and no square leaves the floats
        mean = np.where(constant, x[0], size * np.mean(x / size, axis=0))
        deviation = size * np.std(x / size, axis=0)
        return cls(mean, np.where(constant | (deviation == 0.0), 1.0, deviation))

    def transform(self, X: Any) -> Array:  # noqa: N803
        """Return (X - mean) / scale, in the shape of X: (n, d), or (n,) where there is one column.

        Raises:
            DataError: see ``samples``.
            ShapeError: another number of columns.
        """
        x = self._checked(X)
        return ((x.reshape(len(x), -1) - self.mean) / self.scale).reshape(x.shape)

    def inverse(self, Z: Any) -> Array:  # noqa: N803
        """Return Z * scale + mean, which undoes ``transform``.

        Raises:
            DataError: see ``samples``.
            ShapeError: another number of columns.
        """
        z = self._checked(Z)
        return (z.reshape(len(z), -1) * self.scale + self.mean).reshape(z.shape)

    def _checked(self, X: Any) -> Array:  # noqa: N803
        x, columns = samples(X), len(self.mean)
        if x.ndim > 2 or (1 if x.ndim == 1 else x.shape[1]) != columns:
            hint = (
                f"; for a single sample: [{'X' if isinstance(X, np.ndarray) else 'x'}]" if x.shape == (columns,) else ""
            )
            raise ShapeError(f"the shape is (n, {columns}), as in the data it was made for; not {x.shape}{hint}")
        return x


def train_test_split(
    X: Any,  # noqa: N803
    y: Any,
    test: float | int = 0.25,
    seed: Seed = 0,
    stratify: bool = False,
) -> tuple[Array, Array, NDArray[Any], NDArray[Any]]:
    """Split samples and targets at random in two: most to learn from, and the others to test on what is not known yet.

    Args:
        X: the samples; see ``samples``.
        y: as many targets: numbers, names of classes, or rows of numbers.
        test: the share of the samples to test on, as 0.25, rounded up to whole samples; or how many they are, as 100.
        seed: of the random order; a whole number, a generator, or None for fresh draws.
        stratify: whether both parts get their share of each class in y, as near as whole samples allow.

    Returns:
        X_train, X_test, y_train, y_test, in scikit-learn's order.

    Raises:
        DataError: see ``samples``.
        ShapeError: there are not as many targets as samples, or rows of targets cannot be stratified.
        SettingError: one part would be empty.

    >>> X_train, X_test, y_train, y_test = train_test_split([[1], [2], [3], [4]], list("abab"), stratify=True, test=2)
    >>> sorted(y_train.tolist()), sorted(y_test.tolist())
    (['a', 'b'], ['a', 'b'])
    """
    if not isinstance(stratify, (bool, np.bool_)):
        raise SettingError("stratify is True or False; the classes are those of y, which need not be given again")
    x, targets = samples(X), np.asarray(y)
    if targets.ndim == 0 or len(targets) != len(x):
        shape = targets.shape[0] if targets.ndim else "one"
        raise ShapeError(f"there are {len(x)} samples in X and {shape} targets in y; there must be as many")
    train_rows, test_rows = split_rows(len(x), test, seed, targets if stratify else None)
    return x[train_rows], x[test_rows], targets[train_rows], targets[test_rows]


def split_rows(
    count: int, test: float | int, seed: Seed = 0, labels: NDArray[Any] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the numbers of the rows to learn from and of those to test on, in random order.

    Args:
        count: how many rows there are.
        test: see ``train_test_split``.
        seed: see ``train_test_split``.
        labels: of the rows, whose shares are to be kept; None for a split that does not look at them.

    Raises:
        ShapeError: the labels are not one for each row.
        SettingError: one part would be empty.

    >>> train, test = split_rows(5, 0.4)
    >>> len(train), len(test)
    (3, 2)
    """
    held_back = _held_back(count, test)
    order = permutation(generator(seed), count)
    if labels is None:
        return order[held_back:], order[:held_back]
    if labels.shape != (count,):
        raise ShapeError(f"to stratify, y holds one label for each sample, shape ({count},); not {labels.shape}")
    _, classes = np.unique(labels, return_inverse=True)
    shares = np.bincount(classes) * (held_back / count)
    quotas = np.floor(shares).astype(int)
    quotas[np.argsort(quotas - shares, kind="stable")[: held_back - quotas.sum()]] += 1  # the largest remainders
    in_test = np.zeros(count, dtype=bool)
    for label, quota in enumerate(quotas):
        in_test[order[classes[order] == label][:quota]] = True
    return order[~in_test[order]], order[in_test[order]]


def _held_back(count: int, test: Any) -> int:
    """Return how many of ``count`` samples to test on."""
    if isinstance(test, (int, np.integer)) and not isinstance(test, bool):
        held_back = int(test)
    elif isinstance(test, (float, np.floating)) and 0.0 < test < 1.0:
        held_back = math.ceil(round(count * float(test), 9))  # 0.1 * 30 is a little more than 3
    else:
        raise SettingError(f"test is the share of the samples to test on, as in 0.25, or how many; not {test!r}")
    if not 0 < held_back < count:
        raise SettingError(
            f"holding back {test!r} of {count} samples leaves none {'to learn from' if held_back else 'to test on'}"
        )
    return held_back
