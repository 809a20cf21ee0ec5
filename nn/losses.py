"""Losses: how far a model's outputs for one sample are from what was wanted, as one Value to be made small.

A loss takes what a model returns, one Value or a list of Values, and as many targets. The loss of a batch is the mean
(or the sum) over its samples, which is left to ``fit``, to ``Program.value_and_grad``, or to you:

>>> from nn import MLP
>>> model = MLP(2, [4, 3], seed=0)
>>> X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 2]
>>> loss = sum(cross_entropy(model(x), label) for x, label in zip(X, y)) / len(X)
>>> loss.backward()

All forms are stable, and made of the table's operations, so that the same function runs eagerly and inside
``autograd.compile``. There targets are Values, like outputs; what is said below about refused numbers holds for eager
calls, where they are known. A program follows IEEE-754 instead.

Penalties on a model's weights, to be added to the loss, are in penalties.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import SupportsFloat, TypeGuard

import numpy as np

from autograd import dot, logsumexp, where
from autograd.errors import DomainError, OperandError
from autograd.modes import is_recording
from autograd.ops import CONSTANT
from autograd.reductions import sum as total
from autograd.value import Value, number, operand, operands
from nn.errors import DataError, SettingError, ShapeError

Numbers = Iterable[SupportsFloat] | SupportsFloat

TOLERANCE = 1e-6  # how far the sum of a sample's class probabilities may lie from 1, which float32 and decimals need

# --- numbers ----------------------------------------------------------------------------------------------------------


def squared_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return Σ (o - t)²; its slopes are 2 (o - t).

    Args:
        outputs: the model's, one or several.
        targets: as many numbers.

    Raises:
        ShapeError: there are not as many targets as outputs.

    >>> squared_error([1.0, 2.0], [0.0, 4.0]).data
    5.0
    """
    return _squares(*_pairs("squared_error", outputs, targets))


def _squares(outputs: tuple[Value, ...], targets: tuple[Value, ...]) -> Value:
    errors = tuple(o - t for o, t in zip(outputs, targets, strict=True))
    return errors[0].square() if len(errors) == 1 else dot(errors, errors)


def half_squared_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return ½ Σ (o - t)², as lectures write it, for its slopes are the errors o - t themselves.

    Args:
        outputs: the model's, one or several.
        targets: as many numbers.

    Raises:
        ShapeError: there are not as many targets as outputs.

    >>> half_squared_error([1.0, 2.0], [0.0, 4.0]).data
    2.5
    """
    return 0.5 * _squares(*_pairs("half_squared_error", outputs, targets))


def mean_squared_error(outputs: Numbers, targets: Numbers) -> Value:
    """Return Σ (o - t)² / K, the mean over the K outputs; for one output it is the squared error.

    Args:
        outputs: the model's, one or several.
        targets: as many numbers.

    Raises:
        ShapeError: there are not as many targets as outputs.

    >>> mean_squared_error([1.0, 2.0], [0.0, 4.0]).data
    2.5
    """
    values, wanted = _pairs("mean_squared_error", outputs, targets)
    squares = _squares(values, wanted)
    return squares if len(values) == 1 else squares * (1.0 / len(values))


def huber(outputs: Numbers, targets: Numbers, delta: float = 1.0) -> Value:
    """Return Σ h(o - t) with h(e) = ½ e² where |e| ≤ δ, else δ (|e| - ½ δ): an outlier pulls no harder than δ.

    P. J. Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).

    Args:
        outputs: the model's, one or several.
        targets: as many numbers.
        delta: δ, from where on the loss grows linearly; positive.

    Raises:
        SettingError: δ is not a positive number.
        ShapeError: there are not as many targets as outputs.

    >>> huber([0.5, 3.0], [0.0, 0.0]).data
    2.625
    """
    if not _is_finite(delta) or delta <= 0.0:
        raise SettingError(f"huber: delta is a positive number, as in 1.0; not {delta!r}")
    terms = []
    for o, t in zip(*_pairs("huber", outputs, targets), strict=True):
        error = o - t
        near = error.clip(-delta, delta)
        terms.append(near * (error - 0.5 * near))  # both cases at once, and no square that could overflow
    return _total(terms)


# --- probabilities ----------------------------------------------------------------------------------------------------


def binary_cross_entropy(probabilities: Numbers, targets: Numbers) -> Value:
    """Return -Σ [t ln p + (1 - t) ln(1 - p)], the sum over one or more logistic outputs p.

    A term whose factor is 0 is 0, also at p = 0 or 1, and passes no gradient on. What the model ruled out and happened
    all the same (p = 0 with t > 0, p = 1 with t < 1) costs infinitely much; a sigmoid rounds to 1 from 37 on, which
    ``binary_cross_entropy_with_logits`` avoids.

    Args:
        probabilities: the model's outputs, in [0, 1].
        targets: as many numbers in [0, 1], usually labels 0 or 1.

    Raises:
        DomainError: eagerly, an output outside [0, 1], or an infinite loss.
        DataError: eagerly, a target outside [0, 1].
        ShapeError: there are not as many targets as outputs.

    >>> round(binary_cross_entropy([0.5, 0.25], [1, 0]).data, 6)
    0.980829
    """
    ps, ts = _pairs("binary_cross_entropy", probabilities, targets)
    _check_binary("binary_cross_entropy", ts)
    if not is_recording():
        for i, (p, t) in enumerate(zip(ps, ts, strict=True)):
            _check_probability(i, p.data, t.data)
    return -_total([_log_likelihood(p, t) for p, t in zip(ps, ts, strict=True)])


def _log_likelihood(p: Value, t: Value) -> Value:
    """Return t ln p + (1 - t) ln(1 - p)."""
    if t.op is CONSTANT and t.data == 1.0:
        return p.log()
    if t.op is CONSTANT and t.data == 0.0:
        return (-p).log1p()
    u = 1.0 - t
    # Where a factor is 0, the logarithm is taken of 1: 0 · ln 0, and its slope 0 / 0, would be nan.
    return t * where(t, p, 1.0).log() + u * where(u, -p, 0.0).log1p()


def binary_cross_entropy_with_logits(logits: Numbers, targets: Numbers) -> Value:
    """Return Σ [ln(1 + eᶻ) - t z], the binary cross-entropy of p = σ(z), summed over one or more outputs z.

    It never overflows, and its slopes are σ(z) - t. Several outputs are as many yes-or-no questions, each answered by a
    logistic unit of its own; for one choice among several classes, see ``cross_entropy``.

    Args:
        logits: the model's outputs z, before any sigmoid; any numbers.
        targets: as many numbers in [0, 1], usually labels 0 or 1.

    Raises:
        DataError: eagerly, a target outside [0, 1].
        ShapeError: there are not as many targets as outputs.

    >>> round(binary_cross_entropy_with_logits([0.0, 1000.0], [1, 1]).data, 6)
    0.693147
    """
    zs, ts = _pairs("binary_cross_entropy_with_logits", logits, targets)
    _check_binary("binary_cross_entropy_with_logits", ts)
    marked = ts[0] * zs[0] if len(zs) == 1 else dot(ts, zs)
    return _total([z.softplus() for z in zs]) - marked


# --- classes ----------------------------------------------------------------------------------------------------------


def cross_entropy(scores: Numbers, target: Numbers) -> Value:
    """Return ln Σ exp(sₖ) - Σ tₖ sₖ, the cross-entropy of the softmax of K scores; its slopes are softmax(s) - t.

    For the class y it is -ln of the probability exp(s_y) / Σ exp(sₖ) that the model gives to it.

    Args:
        scores: the model's K outputs, K ≥ 2; any numbers, for the softmax is part of the loss.
        target: the class, a number 0, …, K - 1; or K probabilities that add up to 1, such as a one-hot list. In a
            compiled function it is the list.

    Raises:
        DataError: not a class number, or probabilities that are none.
        OperandError: the class number is a Value, whose number a program would not know.
        ShapeError: there is one score only, or not as many probabilities as scores.

    >>> s = [Value(1000.0), Value(1000.0)]
    >>> round(cross_entropy(s, 1).data, 6), round(cross_entropy(s, [0.0, 1.0]).data, 6)
    (0.693147, 0.693147)
    """
    s = _scores("cross_entropy", scores)
    if not _is_list(target):
        return logsumexp(s) - s[_class_number("cross_entropy", target, len(s))]
    t = _as_many("cross_entropy", s, target)
    if _known(t):
        wrong = next((p.data for p in t if not 0.0 <= p.data <= 1.0), None)
        together = math.fsum(p.data for p in t)
        if wrong is not None or abs(together - 1.0) > TOLERANCE:
            what = f"add up to {together:.6g}" if wrong is None else f"contain {wrong!r}"
            raise DataError(f"cross_entropy: targets are probabilities in [0, 1] that add up to 1; these {what}")
    return logsumexp(s) - dot(t, s)


def multiclass_hinge(scores: Numbers, target: Numbers, margin: float = 1.0) -> Value:
    """Return Σ max(0, sⱼ - s_y + margin) over the classes j ≠ y: the right score is to lead the others by a margin.

    The multi-class support vector machine of J. Weston and C. Watkins, "Support vector machines for multi-class pattern
    recognition", ESANN 1999, as in Stanford's CS231n. At the kink the slope is 0.

    Args:
        scores: the model's K outputs, K ≥ 2.
        target: the class y, a number 0, …, K - 1, or a one-hot list; in a compiled function the list.
        margin: positive.

    Raises:
        DataError: not a class number, or a list that is not one-hot.
        OperandError: the class number is a Value, whose number a program would not know.
        SettingError: the margin is not a positive number.
        ShapeError: there is one score only, or the list is not as long.

    >>> multiclass_hinge([3.25, 5.0, -1.75], 0).data
    2.75
    """
    if not _is_finite(margin) or margin <= 0.0:
        raise SettingError(f"multiclass_hinge: the margin is a positive number, as in 1.0; not {margin!r}")
    s = _scores("multiclass_hinge", scores)
    if _is_list(target):
        t = _as_many("multiclass_hinge", s, target)
        if _known(t) and sorted(p.data for p in t) != [0.0] * (len(t) - 1) + [1.0]:
            raise DataError(f"multiclass_hinge: a list of targets is one-hot, one 1 and else 0; not {_data(t)}")
        if not all(p.op is CONSTANT for p in t):
            behind = margin - dot(t, s)
            return dot([1.0 - p for p in t], [(score + behind).relu() for score in s])
        y = [p.data for p in t].index(1.0)
    else:
        y = _class_number("multiclass_hinge", target, len(s))
    behind = margin - s[y]
    return _total([(score + behind).relu() for j, score in enumerate(s) if j != y])


def hinge(score: Numbers, target: Numbers) -> Value:
    """Return max(0, 1 - t s) for a label t of -1 or 1: the score is to have the label's sign, and a margin of 1.

    The loss of the linear support vector machine, and of micrograd's demo. At the kink, t s = 1, the slope is 0.
    Several scores, each with its label, are as many machines side by side, and their losses are added.

    Args:
        score: the model's output s; any number.
        target: the label t.

    Raises:
        DataError: eagerly, a label that is neither -1 nor 1.
        ShapeError: there are not as many labels as scores.

    >>> hinge(0.25, 1).data, hinge(0.25, -1).data, hinge(2.0, 1).data
    (0.75, 1.25, 0.0)
    """
    ss, ts = _pairs("hinge", score, target)
    if _known(ts):
        for t in ts:
            if t.data not in (-1.0, 1.0):
                raise DataError(f"hinge: labels are -1 or 1, not {t.data!r}; make them of labels 0 and 1 by 2 * y - 1")
    return _total([(1.0 - t * s).relu() for s, t in zip(ss, ts, strict=True)])


# --- what the losses share --------------------------------------------------------------------------------------------


def _several(numbers: Numbers) -> tuple[Value, ...]:
    """Return one sample's outputs or targets as a tuple of Values; a single one need not stand in a list."""
    if isinstance(numbers, np.ndarray) and numbers.ndim > 1:
        raise ShapeError(
            f"a loss takes one sample at a time, not an array of shape {numbers.shape}; "
            "call it for each row and take the mean"
        )
    return operands(numbers) if _is_list(numbers) else (operand(numbers),)


def _is_list(numbers: Numbers) -> TypeGuard[Iterable[SupportsFloat]]:
    return isinstance(numbers, Iterable) and not isinstance(numbers, str) and getattr(numbers, "ndim", 1) > 0


def _pairs(loss: str, outputs: Numbers, targets: Numbers) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    values = _several(outputs)
    if not values:
        raise ShapeError(f"{loss} of no outputs is not defined; does the model return an empty list?")
    return values, _as_many(loss, values, targets)


def _as_many(loss: str, outputs: tuple[Value, ...], targets: Numbers) -> tuple[Value, ...]:
    ts = _several(targets)
    if len(ts) != len(outputs):
        raise ShapeError(f"{loss}: the number of outputs is {len(outputs)}, that of targets {len(ts)}; give as many")
    return ts


def _scores(loss: str, scores: Numbers) -> tuple[Value, ...]:
    s = _several(scores)
    if len(s) < 2:
        raise ShapeError(
            f"{loss} compares the scores of two classes or more, and there is {'one' if s else 'none'}; with a single "
            "output use binary_cross_entropy_with_logits or hinge"
        )
    return s


def _class_number(loss: str, target: Numbers, classes: int) -> int:
    if isinstance(target, Value):
        raise OperandError(
            f"{loss}: a class number picks one of the scores, so it must be known and cannot be a Value; "
            f"give the target as a one-hot list of {classes} numbers, as in [1.0{', 0.0' * (classes - 1)}] for class 0"
        )
    label = number(target)
    if label not in range(classes):
        raise DataError(f"{loss}: {classes} scores have the class numbers 0 to {classes - 1}; the target is {target!r}")
    return int(label)


def _known(targets: tuple[Value, ...]) -> bool:
    """Return whether the targets' numbers may be looked at: they are not examples that stand for all to come."""
    return not is_recording() or all(t.op is CONSTANT for t in targets)


def _data(values: tuple[Value, ...]) -> list[float]:
    return [value.data for value in values]


def _check_binary(loss: str, targets: tuple[Value, ...]) -> None:
    if _known(targets):
        for t in targets:
            if not 0.0 <= t.data <= 1.0:
                hint = "; make labels 0 and 1 of labels -1 and 1 by (y + 1) / 2" if t.data == -1.0 else ""
                raise DataError(f"{loss}: targets are labels 0 or 1, or numbers between; not {t.data!r}{hint}")


def _check_probability(i: int, p: float, t: float) -> None:
    if p < 0.0 or p > 1.0:  # nan passes, and is the loss
        raise DomainError(
            f"binary_cross_entropy takes probabilities in [0, 1], and output {i} is {p!r}; "
            "end the model with a sigmoid, or use binary_cross_entropy_with_logits"
        )
    if (p == 0.0 and t > 0.0) or (p == 1.0 and t < 1.0):
        raise DomainError(
            f"binary_cross_entropy is infinite: output {i} is {p!r} and its target {t!r}; "
            "binary_cross_entropy_with_logits, on the model's outputs before the sigmoid, stays finite"
        )


def _is_finite(x: object) -> bool:
    return isinstance(x, (int, float, np.integer, np.floating)) and math.isfinite(x)


def _total(terms: list[Value]) -> Value:
    return terms[0] if len(terms) == 1 else total(terms)
