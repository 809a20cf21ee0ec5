"""Metrics: how good a model's outputs are on many samples, in a number that people read; nothing is differentiated.

Each takes the outputs and the targets of n samples as arrays (or lists, also of Values), of shape (n,) for one output
and (n, K) for several. ``fit(..., metrics="accuracy")`` takes them by name, or functions of your own of the same form.

>>> accuracy([2.0, -1.0, 0.5], [1, 0, 0])
0.6666666666666666
>>> mse([1.0, 2.0], [0.0, 4.0]), mae([1.0, 2.0], [0.0, 4.0])
(2.5, 1.5)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import OperandError
from autograd.value import number
from nn import losses
from nn.errors import DataError, SettingError, ShapeError
from nn.targets import kind_of, name_of, numeric, one_hot, within

Array = NDArray[np.float64]
Metric = Callable[[Any, Any], float]


def accuracy(outputs: Any, targets: Any, threshold: float = 0.0) -> float:
    """Return the share of samples that are put into the right class.

    One output stands for class 1 if it exceeds the threshold, else for the other class. Of several outputs the largest
    stands for its class, the first at a tie. An output that is nan is never right.

    Args:
        outputs: shape (n,) or (n, K).
        targets: for one output labels 0 and 1, or -1 and 1 (a probability counts as 1 above ½); for several, class
            numbers of shape (n,), or rows of shape (n, K) whose largest number marks the class, such as one-hot rows.
        threshold: 0 for scores, as a hinge loss or logits make them; ½ for probabilities.

    Raises:
        DataError: the targets are no such labels; the message names the first.
        ShapeError: the shapes do not fit.

    >>> accuracy([[0.1, 2.0, 0.3], [3.0, 1.0, 2.0]], [1, 2])
    0.5
    """
    scores = _outputs(outputs)
    n, k = scores.shape
    truth = numeric(targets)
    if k == 1:
        truth = _like(scores, truth)[:, 0]
        labels = np.abs(truth) == 1.0 if (truth == -1.0).any() else (truth >= 0.0) & (truth <= 1.0)
        if not labels.all():
            row = int(np.argmin(labels))
            raise DataError(f"accuracy takes labels 0 and 1, or -1 and 1; not {truth[row]:g}, in row {row}")
        right = (scores[:, 0] > threshold) == (truth > 0.5)
    else:
        truth = one_hot(truth.reshape(n), k) if truth.shape in ((n,), (n, 1)) else _like(scores, truth)
        marked = (truth == truth.max(axis=1, keepdims=True)).sum(axis=1) == 1
        if not marked.all():
            row = int(np.argmin(marked))
            raise DataError(
                f"accuracy takes rows that mark one class; row {row} is {truth[row].tolist()}. For several answers at "
                "once give a function, such as lambda outputs, targets: ((outputs > 0) == (targets > 0)).mean()"
            )
        right = scores.argmax(axis=1) == truth.argmax(axis=1)
    return float(np.mean(right & ~np.isnan(scores).any(axis=1)))


@np.errstate(over="ignore")
def mse(outputs: Any, targets: Any) -> float:
    """Return the mean squared error: the mean of (o - t)² over samples and outputs.

    Raises:
        ShapeError: the shapes do not fit.
    """
    return float(np.mean(np.square(_errors(outputs, targets))))


def mae(outputs: Any, targets: Any) -> float:
    """Return the mean absolute error: the mean of |o - t| over samples and outputs.

    Raises:
        ShapeError: the shapes do not fit.
    """
    return float(np.mean(np.abs(_errors(outputs, targets))))


@np.errstate(over="ignore", divide="ignore")
def r2(outputs: Any, targets: Any) -> float:
    """Return the coefficient of determination, R² = 1 - Σ (o - t)² / Σ (t - t̄)², the mean of several outputs' ones.

    1 is perfect, 0 is no better than the targets' mean t̄, and there is no lower bound. Where all targets are equal, it
    is 1 if every output equals them and 0 if not, as in scikit-learn.

    Raises:
        ShapeError: the shapes do not fit.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.7857142857142857
    """
    errors = _errors(outputs, targets)
    t = numeric(targets).reshape(errors.shape)
    left, spread = np.square(errors).sum(axis=0), np.square(t - t.mean(axis=0)).sum(axis=0)
    constant = (t == t[0]).all(axis=0)
    return float(np.mean(np.where(constant, 1.0 * (left == 0.0), 1.0 - left / np.where(constant, 1.0, spread))))


METRICS: dict[str, Metric] = {"accuracy": accuracy, "mse": mse, "mae": mae, "r2": r2}


def resolve(metric: str | Metric, loss: Callable[..., Any]) -> tuple[str, Metric]:
    """Return a metric's name and its function of (outputs, targets).

    Args:
        metric: "accuracy", "mse", "mae" or "r2", or a function of the user's own.
        loss: what the model is trained with. It says what an output means, and so the threshold of "accuracy": ½ for
            ``binary_cross_entropy``; for squared errors ½ or, where the targets are -1 and 1, 0; for all others 0.

    Raises:
        SettingError: there is no metric of that name.

    >>> from nn.losses import binary_cross_entropy
    >>> name, function = resolve("accuracy", binary_cross_entropy)
    >>> name, function([0.2, 0.9], [0, 1])
    ('accuracy', 1.0)
    """
    function = METRICS.get(metric) if isinstance(metric, str) else metric
    if not callable(function):
        raise SettingError(
            f"there is no metric {metric!r}; give a function of (outputs, targets), or one of {', '.join(METRICS)}"
        )
    if function is accuracy:
        return "accuracy", lambda outputs, targets: accuracy(outputs, targets, _threshold(loss, targets))
    name = name_of(function)

    def checked(outputs: Any, targets: Any) -> float:
        result = function(outputs, targets)
        try:
            return number(result)
        except OperandError:
            raise SettingError(f"the metric {name} returned {result!r}; it must return one number") from None

    return name, checked


def _threshold(loss: Callable[..., Any], targets: Any) -> float:
    probable = within(loss) is losses.binary_cross_entropy
    if kind_of(loss) == "numbers":  # an output comes to lie between the labels' two numbers
        probable = not (np.asarray(targets, dtype=float) < 0.0).any()
    return 0.5 if probable else 0.0


def _outputs(outputs: Any) -> Array:
    """Return outputs in the shape (n, K), one output being K = 1."""
    try:
        array = np.asarray(outputs, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"outputs are numbers, one or K of them for each sample: {error}") from None
    if array.ndim not in (1, 2) or not array.size:
        raise ShapeError(f"a metric takes outputs of shape (n,) or (n, K) for n ≥ 1 samples, not {array.shape}")
    return array if array.ndim == 2 else array[:, None]


def _like(outputs: Array, targets: Array) -> Array:
    """Return targets in the outputs' shape; (n,) and (n, 1) are the same here, and nothing is broadcast."""
    if targets.shape == outputs.shape or (targets.shape == outputs.shape[:1] and outputs.shape[1] == 1):
        return targets.reshape(outputs.shape)
    raise ShapeError(f"a metric takes as many targets as outputs; their shapes are {targets.shape} and {outputs.shape}")


def _errors(outputs: Any, targets: Any) -> Array:
    o = _outputs(outputs)
    return o - _like(o, numeric(targets))
