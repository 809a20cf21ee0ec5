"""Targets: from labels or numbers as a user has them to what a loss takes, one row for each sample.

A loss computes with numbers; labels come as class numbers, as 0 and 1, as -1 and 1, as columns. Each of our losses is
of one kind, which says what its targets are and what is made into them:

    numbers         any numbers, one for each output
    probabilities   numbers in [0, 1], one for each output
    signs           -1 or 1, one for each output; labels 0 and 1 become -1 and 1
    classes         the class of each sample; becomes one-hot

Where a model has several outputs, class numbers, one for each sample, do for every kind: they become one-hot rows.

>>> from nn.losses import cross_entropy, hinge
>>> prepare(hinge, [0, 1, 1], 1)
array([-1.,  1.,  1.])
>>> prepare(cross_entropy, [0, 2], 3)
array([[1., 0., 0.],
       [0., 0., 1.]])
"""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import losses
from nn.errors import DataError, ShapeError

Array = NDArray[np.float64]
Loss = Callable[..., Any]

KINDS: dict[Loss, str] = {
    losses.squared_error: "numbers",
    losses.half_squared_error: "numbers",
    losses.mean_squared_error: "numbers",
    losses.huber: "numbers",
    losses.binary_cross_entropy: "probabilities",
    losses.binary_cross_entropy_with_logits: "probabilities",
    losses.hinge: "signs",
    losses.cross_entropy: "classes",
    losses.multiclass_hinge: "classes",
}


def prepare(loss: Loss, y: Any, outputs: int) -> Array:
    """Return the targets of all samples as a loss takes them, one after the other.

    Args:
        loss: one of nn/losses.py, also inside ``functools.partial``; or a function of your own, which gets the numbers
            in ``y`` as they are.
        y: the targets or labels of n samples: a list, an array, or lists of lists.
        outputs: K, the number of the model's outputs.

    Returns:
        A fresh array of shape (n,) for one output, (n, K) for several.

    Raises:
        DataError: ``y`` holds something other than finite numbers, or a label that the loss cannot take; the message
            names it and its row.
        ShapeError: ``y`` has another shape, or the loss does not go with that number of outputs.
    """
    array = numeric(y)
    kind, name = kind_of(loss), name_of(loss)
    if kind is None:
        return array
    if kind == "classes" and outputs < 2:
        raise ShapeError(
            f"{name} compares the scores of two classes or more, and the model has one output; "
            "use binary_cross_entropy_with_logits or hinge, or give the model an output for each class"
        )
    array = _shaped(array, outputs, kind, name)
    if kind == "probabilities":
        _check(array, (array >= 0.0) & (array <= 1.0), name, "labels 0 and 1, or numbers between")
    elif kind == "signs":
        low = -1.0 if (array == -1.0).any() else 0.0
        _check(array, (array == low) | (array == 1.0), name, "labels -1 and 1, or 0 and 1 throughout")
        array = np.where(array == 1.0, 1.0, -1.0)
    elif kind == "classes":
        one_hot_only = within(loss) is losses.multiclass_hinge
        _check_rows(array, name, one_hot_only)
    return array


def one_hot(labels: Any, classes: int) -> Array:
    """Return class numbers as rows of zeros with a one in the place of the class.

    Args:
        labels: whole numbers 0, …, K - 1, shape (n,).
        classes: K.

    Returns:
        Shape (n, K).

    Raises:
        DataError: a label is no such number; the message names it and its row.

    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    numbers = numeric(labels)
    if numbers.ndim != 1:
        raise ShapeError(f"class numbers stand in one row, shape (n,); these have the shape {numbers.shape}")
    known = np.isin(numbers, np.arange(classes))
    if not known.all():
        row = int(np.argmin(known))
        raise DataError(
            f"the label {_text(numbers[row])} in row {row} is none of the class numbers 0 to {classes - 1}; "
            "np.unique(y, return_inverse=True)[1] numbers the labels in y so"
        )
    rows: Array = (numbers[:, None] == np.arange(classes)).astype(float)
    return rows


def kind_of(loss: Loss) -> str | None:
    """Return a loss's kind; None for a function of the user's own.

    >>> kind_of(functools.partial(losses.multiclass_hinge, margin=2.0))
    'classes'
    """
    inner = within(loss)
    return next((kind for known, kind in KINDS.items() if known is inner), None)


def name_of(function: Callable[..., Any]) -> str:
    """Return a function's name; an object that is called like one goes by its type's."""
    inner = within(function)
    return str(getattr(inner, "__name__", type(inner).__name__))


def within(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function within a ``functools.partial``; any other as it is."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


# --- numbers and shapes -----------------------------------------------------------------------------------------------


def numeric(y: Any) -> Array:
    """Return ``y`` as a fresh array of finite numbers, one row for each sample.

    Raises:
        DataError: it holds something else; the message names what and its row.
    """
    try:
        array = np.asarray(y)
    except ValueError:
        raise DataError(_ragged(y)) from None
    if array.ndim == 0:
        raise DataError(f"y holds one target for each sample, in a list or an array; not {reprlib.repr(y)}")
    if array.dtype.kind not in "fiub":
        array = np.array([_float(x, index[0]) for index, x in np.ndenumerate(array)]).reshape(array.shape)
    with np.errstate(over="ignore"):  # what float64 cannot hold becomes inf, and is refused as such
        array = array.astype(np.float64)
    finite = np.isfinite(array)
    if not finite.all():
        index = tuple(np.argwhere(~finite)[0].tolist())
        raise DataError(
            f"y holds {_text(array[index])} in row {index[0]}{f', column {index[1]}' if len(index) > 1 else ''}; "
            "leave such samples out, as in X[np.isfinite(y)]"
        )
    return array


def _float(x: Any, row: int) -> float:
    """Return one element of an array that is not of numbers: of objects, such as Decimals, or of texts."""
    if isinstance(x, (str, bytes)):
        raise DataError(
            f"y holds the text {str(x)!r} in row {row}, and a loss computes with numbers; "
            "classes, y = np.unique(y, return_inverse=True) numbers labels from 0 on"
        )
    if not isinstance(x, (complex, np.datetime64, np.timedelta64)):
        try:
            return float(x)
        except (TypeError, ValueError, OverflowError):
            pass
    raise DataError(f"y holds {reprlib.repr(x)} in row {row}, which is not a number")


def _ragged(y: Sequence[Any]) -> str:
    """Say which row of a list of lists is not like the first."""
    sizes = [np.size(row) if isinstance(row, (Sequence, np.ndarray)) else None for row in y]
    row = next((i for i, size in enumerate(sizes) if size != sizes[0]), None)
    if row is None:
        return "the rows of y are not of equal shape"
    first, other = ("a number" if size is None else f"{size} numbers" for size in (sizes[0], sizes[row]))
    return f"the rows of y are of different lengths: row 0 holds {first}, row {row} {other}"


def _shaped(array: Array, outputs: int, kind: str, name: str) -> Array:
    """Return targets in the shape (n,) for one output and (n, K) for several, class numbers as one-hot rows."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape == ((len(array),) if outputs == 1 else (len(array), outputs)):
        return array
    what = f"the shape {array.shape}"
    if array.ndim == 1:
        known = np.isin(array, np.arange(outputs))
        if kind == "classes" or known.all():
            return one_hot(array, outputs)
        row = int(np.argmin(known))
        what = f"one number for each sample, in row {row} {_text(array[row])}"
    count = "one output" if outputs == 1 else f"{outputs} outputs"
    shape = "(n,)" if outputs == 1 else f"(n, {outputs}), or (n,) with class numbers 0 to {outputs - 1}"
    raise ShapeError(f"{name}: y has {what}, and the model has {count}; give y the shape {shape}")


# --- what a loss can take ---------------------------------------------------------------------------------------------


def _check(array: Array, right: NDArray[np.bool_], name: str, what: str) -> None:
    if not right.all():
        index = tuple(np.argwhere(~right)[0].tolist())
        raise DataError(f"{name} takes {what}; y holds {_text(array[index])} in row {index[0]}")


def _check_rows(array: Array, name: str, one_hot_only: bool) -> None:
    """Check that each row holds probabilities that add up to 1, or is one-hot."""
    _check(array, (array >= 0.0) & (array <= 1.0), name, "class numbers or rows of probabilities in [0, 1]")
    right = np.abs(array.sum(axis=1) - 1.0) <= losses.TOLERANCE
    if one_hot_only:
        right &= (array == 1.0).any(axis=1)
    if not right.all():
        row = int(np.argmin(right))
        want = "one 1 and else 0" if one_hot_only else "probabilities that add up to 1"
        raise DataError(f"{name} takes class numbers, or rows of {want}; row {row} of y is {array[row].tolist()}")


def _text(x: float) -> str:
    """Write a number as its user did: 3, not 3.0."""
    return str(int(x)) if x == np.floor(x) and abs(x) < 1e15 else str(float(x))
